"""Retraining: when it is called for, how it is done, what it must prove, and how it is taken back."""

from tradewind.monitoring.retraining.judgement import Judgement, Paired, TrialSettings, judge, level
from tradewind.monitoring.retraining.plan import Occasion, Plan, PlanSettings, make_plan
from tradewind.monitoring.retraining.policy import Decision, PolicySettings, RetrainingPolicy
from tradewind.monitoring.retraining.refit import Challenger, make_challenger
from tradewind.monitoring.retraining.retrainer import Progressed, Retrainer
from tradewind.monitoring.retraining.runs import RetrainingRun, RunStore, Stand, Step
from tradewind.monitoring.retraining.settings import RetrainingSettings
from tradewind.monitoring.retraining.staff import Staff
from tradewind.monitoring.retraining.trial import Materials, TrialResult, TrialWindow, trial
from tradewind.monitoring.retraining.triggers import (
    PastRun,
    Request,
    Trigger,
    TriggerFired,
    TriggerState,
    WeeklyPerformance,
)

__all__ = [
    "Challenger",
    "Decision",
    "Judgement",
    "Materials",
    "Occasion",
    "Paired",
    "PastRun",
    "Plan",
    "PlanSettings",
    "PolicySettings",
    "Progressed",
    "Request",
    "Retrainer",
    "RetrainingPolicy",
    "RetrainingRun",
    "RetrainingSettings",
    "RunStore",
    "Staff",
    "Stand",
    "Step",
    "TrialResult",
    "TrialSettings",
    "TrialWindow",
    "Trigger",
    "TriggerFired",
    "TriggerState",
    "WeeklyPerformance",
    "judge",
    "level",
    "make_challenger",
    "make_plan",
    "trial",
]
