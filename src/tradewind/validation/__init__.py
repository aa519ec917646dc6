"""Purged splitters that know label times, and the leakage audit."""

from tradewind.validation.kfold import PurgedKFold
from tradewind.validation.split import Split
from tradewind.validation.splitter import PurgedSplitter
from tradewind.validation.walk_forward import WalkForward

__all__ = ["PurgedKFold", "PurgedSplitter", "Split", "WalkForward"]
