"""Where the run-book says what to do about each kind of finding."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGE = "docs/runbook.md"
UNKNOWN = f"{PAGE}#a-kind-that-is-not-listed"
SUMMARY = f"{PAGE}#a-summary-of-what-was-held-back"

_KINDS = (
    "feed_silent",
    "bars_missing",
    "bad_bar",
    "unit_change",
    "unadjusted_split",
    "stale_symbol",
    "suspicious_news",
    "labels_overdue",
    "volatility_shift",
    "regime_change",
    "correlation_shift",
    "sector_rotation",
    "feature_drift",
    "missingness",
    "correlation_break",
    "multivariate_drift",
    "sector_drift",
    "accuracy_drop",
    "calibration_drift",
    "ic_drop",
    "prediction_shift",
    "expected_accuracy_drop",
    "latency",
    "slow_dependency",
    "error_rate",
    "overload",
    "memory_leak",
    "lag",
    "throughput_drop",
    "new_normal",
    "wrong_version",
    "forecasts_missing",
    "answers_differ",
    "rolled_back",
    "rollback_remark",
    "rollback_failed",
    "pnl_below_expectation",
    "hit_rate_drop",
    "drawdown",
    "job_abandoned",
    "job_failed",
    "watcher_failed",
)

RUNBOOK: Mapping[str, str] = MappingProxyType(
    {kind: f"{PAGE}#{kind.replace('_', '-')}" for kind in _KINDS} | {"drift_summary": f"{PAGE}#feature-drift"}
)
"""Kind to page and anchor."""


def runbook(kind: str) -> str:
    """Return the section for ``kind``; for a kind that is not known, the one that says how to go on."""
    return RUNBOOK.get(kind, UNKNOWN)
