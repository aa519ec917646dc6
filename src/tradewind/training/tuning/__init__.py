"""Tuning inside the training window: members, then how they are joined, then all of it together."""

from tradewind.training.tuning.choice import Trial
from tradewind.training.tuning.result import StageResult, TuningResult, trials_frame, write_search
from tradewind.training.tuning.search import tune
from tradewind.training.tuning.settings import TuningSettings

__all__ = [
    "StageResult",
    "Trial",
    "TuningResult",
    "TuningSettings",
    "trials_frame",
    "tune",
    "write_search",
]
