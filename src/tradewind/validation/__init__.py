"""Purged splitters that know label times, and the leakage audit."""

from tradewind.validation.combinatorial import CombinatorialPurgedKFold
from tradewind.validation.holdout import holdout, purged_blocks, purged_tail
from tradewind.validation.kfold import PurgedKFold
from tradewind.validation.split import Split
from tradewind.validation.splitter import PurgedSplitter
from tradewind.validation.time_series import PurgedTimeSeriesSplit
from tradewind.validation.walk_forward import WalkForward

__all__ = [
    "CombinatorialPurgedKFold",
    "PurgedKFold",
    "PurgedSplitter",
    "PurgedTimeSeriesSplit",
    "Split",
    "WalkForward",
    "holdout",
    "purged_blocks",
    "purged_tail",
]
