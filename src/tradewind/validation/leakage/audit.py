"""The audit: every check on one table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import polars as pl

from tradewind.core import Panel, Severity, UsageError
from tradewind.validation.leakage import (
    duplicates,
    look_ahead,
    overlap,
    scaling,
    survivorship,
    target,
    truncation,
    winsor,
)
from tradewind.validation.leakage.finding import Finding, LeakageReport, worst_first
from tradewind.validation.leakage.settings import AuditColumns, AuditSettings
from tradewind.validation.leakage.subject import make_subject
from tradewind.validation.leakage.truncation import Recompute


class Splitter(Protocol):
    """Anything with scikit-learn's ``split``."""

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Any:
        """Yield (train, test) index arrays."""
        ...


_CHECKS = {
    "look_ahead": look_ahead.detect,
    "target_in_features": target.detect,
    "overlap": overlap.detect,
    "duplicates": duplicates.detect,
    "full_sample_scaling": scaling.detect,
    "full_sample_winsorisation": winsor.detect,
    "survivorship": survivorship.detect,
}
_STATISTICAL = {"look_ahead"}


def audit_leakage(
    table: pl.DataFrame,
    prices: Panel | None = None,
    *,
    columns: AuditColumns | None = None,
    splitter: Splitter | None = None,
    recompute: Recompute | None = None,
    settings: AuditSettings | None = None,
) -> LeakageReport:
    """Look for information from the future in a feature table, its label and its split.

    Parameters
    ----------
    table : one row per symbol and date, in any order; numeric columns other than those that ``columns`` names
        are features. NaN, null and infinity are missing.
    prices : bars of the symbols; the label is made from them when ``columns.label`` is None, and features are compared
        with one-bar returns of them.
    splitter : cuts the table's rows, in the table's order; its folds are checked for overlap.
    recompute : panel -> the same feature table from that panel; needs ``prices``. Features are computed again on
        truncated history. A feature that passes is proven point in time as far as prices go, so that ``look_ahead``
        findings on it become infos (skill, not leak).

    Returns
    -------
    LeakageReport : findings, worst first, and which checks were skipped for want of an input.

    Raises
    ------
    SchemaError : the table lacks a named column, has no rows, no features or no dates.
    UsageError : there is neither a label nor prices, or ``recompute`` is given without prices.
    """
    keys, thresholds = columns or AuditColumns(), settings or AuditSettings()
    if keys.label is None and prices is None:
        raise UsageError(
            "there is neither a label column nor prices to make the label from",
            field="label",
            fix="name the label column or give prices",
        )
    if recompute is not None and prices is None:
        raise UsageError("features cannot be computed again without prices", field="recompute", fix="give prices")
    subject = make_subject(table, prices, keys, splitter, thresholds)
    findings = [finding for check in _CHECKS.values() for finding in check(subject, thresholds)]
    checks, skipped = list(_CHECKS), _skipped(subject.folds != (), prices, recompute)
    if recompute is not None and prices is not None:
        changed, proven = truncation.detect(subject, prices, recompute, keys)
        findings = [*changed, *(_cleared(finding, proven) for finding in findings)]
        checks.append("truncation")
    return LeakageReport(
        findings=worst_first(findings),
        features=subject.names,
        rows=len(subject),
        checks=tuple(checks),
        skipped=skipped,
    )


def _cleared(finding: Finding, proven: frozenset[str]) -> Finding:
    if finding.kind not in _STATISTICAL or finding.feature not in proven:
        return finding
    return replace(
        finding,
        severity=Severity.INFO,
        message=f"{finding.message}; it does not change on truncated history, so this is skill or chance, not a leak",
        advice="Make sure that other inputs than prices, such as news, carry the time at which they were known.",
    )


def _skipped(folds: bool, prices: Panel | None, recompute: Recompute | None) -> dict[str, str]:
    skipped = {}
    if recompute is None:
        skipped["truncation"] = "a callable that computes the features from a panel"
    if not folds:
        skipped["overlap of folds"] = "a split column or a splitter"
    if prices is None:
        skipped["returns of the universe"] = "prices"
    return skipped
