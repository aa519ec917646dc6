"""What an experiment is: which versions answer whom, what must hold, and when it ends."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tradewind.core import Settings
from tradewind.serving.rollout.days import Metric


class Arm(Settings):
    """A version (``model``: ``name/version``) and the ``share`` of subjects it answers at first."""

    name: str = Field(min_length=1, max_length=40, pattern=r"^[a-z0-9_-]+$")
    model: str = Field(min_length=1)
    share: float = Field(ge=0.0, le=1.0)


class Guardrails(Settings):
    """What must hold for every arm but the control, or it is taken back.

    ``error_rate`` : share of requests that may fail. ``compare_errors`` : also refuse an arm that fails more often than
    the control. ``latency``, ``latency_quantile`` : seconds below which that share of requests must stay.
    ``score_drop`` : how much lower than the control's the mean score of a day may be. ``alpha`` : probability of a
    false alarm of all guardrails of an arm together, over all time. None turns a guardrail off.
    """

    error_rate: float | None = Field(default=0.01, gt=0.0, lt=1.0)
    compare_errors: bool = True
    latency: float | None = Field(default=0.05, gt=0.0)
    latency_quantile: float = Field(default=0.99, gt=0.0, lt=1.0)
    score_drop: float | None = Field(default=0.0, ge=0.0)
    alpha: float = Field(default=0.01, gt=0.0, lt=0.5)


class Ramp(Settings):
    """Shares that a canary goes through, and what each step needs before the next.

    ``seconds``, ``requests`` of the canary and ``days`` with outcomes, each at least; a step also waits while a
    guardrail has gathered half the evidence (on the scale of its logarithm) that would take the canary back.
    """

    shares: tuple[float, ...] = Field(default=(0.01, 0.05, 0.25, 0.5, 1.0), min_length=1)
    seconds: float = Field(default=600.0, ge=0.0)
    requests: int = Field(default=1000, ge=0)
    days: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.shares) != sorted(set(self.shares)) or self.shares[0] <= 0 or self.shares[-1] > 1:
            raise ValueError("the shares of a ramp must ascend from above 0 to 1 at most")
        return self


class Experiment(Settings):
    """An experiment; the first arm is the control.

    Attributes
    ----------
    kind : "ab" keeps its shares; "canary" goes up the ramp; "shadow" answers everybody from the control.
    subject : whose hash decides: the caller's, so that a caller sees one version, or the symbol's.
    salt : changes who is where; two experiments of different salt are independent.
    metric : score by which days are compared. ``day_bound`` : a day's difference beyond it counts as it.
    goal : what must be shown for promotion: "better" than the control, or "not_worse" by ``margin``.
    alpha : probability of promoting an arm that does not reach the goal, over all time and all arms.
    minimum_days : days with outcomes before promotion. ``minimum_pairs`` : symbols of a day that make it count.
    window : seconds of a look at the traffic.
    promote : "ask" asks for the decision once the goal is shown; "hold" only tells.
    ask_again : seconds until a refused promotion is asked for again.
    """

    name: str = Field(min_length=1, max_length=60, pattern=r"^[a-zA-Z0-9_.-]+$")
    kind: Literal["ab", "canary", "shadow"]
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=20)
    subject: Literal["caller", "symbol"] = "caller"
    salt: str = ""
    guardrails: Guardrails = Guardrails()
    ramp: Ramp = Ramp()
    metric: Metric = "accuracy"
    day_bound: float = Field(default=0.25, gt=0.0, le=1.0)
    goal: Literal["better", "not_worse"] = "not_worse"
    margin: float = Field(default=0.01, gt=0.0)
    alpha: float = Field(default=0.05, gt=0.0, lt=0.5)
    minimum_days: int = Field(default=20, ge=1)
    minimum_pairs: int = Field(default=10, ge=1)
    window: float = Field(default=1.0, gt=0.0)
    promote: Literal["ask", "hold"] = "ask"
    ask_again: float = Field(default=3600.0, ge=0.0)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names, models = [arm.name for arm in self.arms], [arm.model for arm in self.arms]
        if len(set(names)) < len(names) or len(set(models)) < len(models):
            raise ValueError("arms must have names and models of their own")
        if self.kind == "ab" and abs(sum(arm.share for arm in self.arms) - 1.0) > 1e-9:
            raise ValueError("the shares of the arms must sum to 1")
        if self.kind == "canary" and len(self.arms) != 2:
            raise ValueError("a canary has two arms: the control and itself")
        limits = [self.margin] if self.goal == "not_worse" else []
        limits += [self.guardrails.score_drop or 0.0]
        if max(limits) >= self.day_bound:
            raise ValueError("the margin and the drop of score must be smaller than day_bound")
        return self

    @property
    def control(self) -> Arm:
        """The arm that the others are compared with."""
        return self.arms[0]
