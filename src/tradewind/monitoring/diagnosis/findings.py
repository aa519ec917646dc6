"""Which findings of the watchers tell of which cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradewind.monitoring.diagnosis.case import Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.evidence import Evidence
from tradewind.monitoring.diagnosis.frame import Frame
from tradewind.monitoring.finding import Finding

TELL: Mapping[CauseKind, frozenset[str]] = {
    CauseKind.FEED_STOPS: frozenset({"feed_silent", "bars_missing"}),
    CauseKind.UNIT_CHANGE: frozenset({"unit_change"}),
    CauseKind.UNADJUSTED_SPLIT: frozenset({"unadjusted_split"}),
    CauseKind.STALE_SYMBOL: frozenset({"stale_symbol"}),
    CauseKind.LABEL_DELAY: frozenset({"labels_overdue"}),
    CauseKind.VOLATILITY_SHOCK: frozenset({"volatility_shift", "regime_change"}),
    CauseKind.CORRELATION_BREAK: frozenset({"correlation_break", "correlation_shift"}),
    CauseKind.SECTOR_ROTATION: frozenset({"sector_rotation", "sector_drift"}),
    CauseKind.GRADUAL_DRIFT: frozenset({"accuracy_drop", "ic_drop", "calibration_drift"}),
    CauseKind.ADVERSARIAL_NEWS: frozenset({"suspicious_news"}),
    CauseKind.SLOW_DEPENDENCY: frozenset({"slow_dependency"}),
    CauseKind.WRONG_MODEL_VERSION: frozenset({"wrong_version", "answers_differ"}),
}
"""Drift of features is in none of them: nearly every cause makes it."""


def known_findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Return the findings about the period that were known when its last slice was closed, in order of time."""
    begin, end = evidence.period[0].known_at, evidence.period[-1].known_at
    known = [one for one in evidence.findings if begin <= one.known_at <= end]
    return tuple(sorted(known, key=lambda one: (one.known_at, one.kind, one.about)))


def telling(weighed: Weighed, findings: Sequence[Finding], frame: Frame) -> tuple[Item, ...]:
    """Return the findings that tell of the cause and name its subject or nobody's: the first of each kind.

    One that was made before the cause began tells of something else.
    """
    kinds = TELL.get(weighed.kind, frozenset())
    begin = None if weighed.first is None else frame.slices[weighed.first].known_at
    first: dict[str, Finding] = {}
    for one in findings:
        early = begin is not None and one.known_at < begin
        shared = set(one.subject) & set(weighed.subject) - {"metric"}
        other = any(one.subject[key] != weighed.subject[key] for key in shared)
        if one.kind in kinds and not early and not other:
            first.setdefault(one.kind, one)
    return tuple(
        Item(text=f"watchers said {one.kind}: {one.message}", finding=one.fingerprint) for one in first.values()
    )
