"""Purged splitters that know label times, and the leakage audit."""

from tradewind.validation.combinatorial import CombinatorialPurgedKFold
from tradewind.validation.holdout import holdout, purged_blocks, purged_tail
from tradewind.validation.kfold import PurgedKFold
from tradewind.validation.leakage import AuditColumns, AuditSettings, Finding, LeakageReport, audit_leakage
from tradewind.validation.split import Split
from tradewind.validation.splitter import PurgedSplitter
from tradewind.validation.time_series import PurgedTimeSeriesSplit
from tradewind.validation.walk_forward import WalkForward

__all__ = [
    "AuditColumns",
    "AuditSettings",
    "CombinatorialPurgedKFold",
    "Finding",
    "LeakageReport",
    "PurgedKFold",
    "PurgedSplitter",
    "PurgedTimeSeriesSplit",
    "Split",
    "WalkForward",
    "audit_leakage",
    "holdout",
    "purged_blocks",
    "purged_tail",
]
