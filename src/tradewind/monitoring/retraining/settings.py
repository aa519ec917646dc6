"""Everything that decides how a model is retrained, in one frozen object."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings
from tradewind.monitoring.retraining.judgement import TrialSettings
from tradewind.monitoring.retraining.plan import PlanSettings
from tradewind.monitoring.retraining.policy import PolicySettings


class RetrainingSettings(Settings):
    """How a model is retrained.

    Attributes
    ----------
    policy, plan, trial : when, how, and what must be proved.
    bad_bars : share of the bars to be learned from and tried on that may have a grave fault. ``calendar`` : exchange
        whose sessions the dates must fit; None looks at the panel's own sessions.
    approve_alone : let an enrolled approver robot approve what passed its trial; otherwise a person does.
    promote_alone : let an enrolled operator robot make it champion after ``canary_days`` beside the champion; fewer
        than the 30 after which a run that waits holds no other back.
    explainer : keep with the challenger what explanations of its forecasts need.
    """

    policy: PolicySettings = PolicySettings()
    plan: PlanSettings = PlanSettings()
    trial: TrialSettings = TrialSettings()
    bad_bars: float = Field(default=0.01, ge=0.0, lt=1.0)
    calendar: str | None = None
    approve_alone: bool = False
    promote_alone: bool = False
    canary_days: float = Field(default=5.0, ge=0.0, lt=30.0)
    explainer: bool = True
