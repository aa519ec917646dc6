"""Target in the features: a column that all but tells the label."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.settings import AuditSettings
from tradewind.validation.leakage.subject import Subject

BINS = 32


def detect(subject: Subject, settings: AuditSettings) -> list[Finding]:
    """Find features whose relation to the direction of the row's label is near-deterministic.

    Two statistics: the area under the ROC curve, mirrored above one half (copies and monotone transforms), and the
    share of the label's entropy that 32 quantile bins of the feature explain (any other shape; a missing value
    is a bin of its own, so a gap that tells the label is found as well), less its bias on finite samples
    (Miller 1955).
    """
    known = ~np.isnan(subject.rising)
    label = subject.rising[known].astype(bool)
    if len(label) < settings.min_rows or label.all() or not label.any():
        return []
    found = []
    for name, column in zip(subject.names, subject.values.T, strict=True):
        values = column[known]
        area, rows = _area(values, label, settings.min_rows)
        if area >= settings.auc:
            found.append(_finding(name, "area under the ROC curve", area, settings.auc, rows))
            continue
        share = _explained(values, label)
        if share >= settings.information:
            found.append(
                _finding(name, "share of the label's entropy explained", share, settings.information, len(label))
            )
    return found


def _finding(name: str, statistic: str, value: float, threshold: float, rows: int) -> Finding:
    return Finding(
        kind="target_in_features",
        severity=Severity.ERROR,
        feature=name,
        message=f"it all but tells the label: {statistic} is {value:.3f}",
        statistic=value,
        threshold=threshold,
        rows=rows,
        advice="Leave the feature out: it is the label, or is made from it.",
    )


def _area(values: FloatArray, label: BoolArray, min_rows: int) -> tuple[float, int]:
    """Return max(AUC, 1 - AUC) by the Mann-Whitney statistic over rows where the feature is known."""
    from scipy.stats import rankdata  # takes a second to import

    known = ~np.isnan(values)
    rows, rises = int(known.sum()), int(label[known].sum())
    if rows < min_rows or rises in {0, rows}:
        return 0.5, rows
    ranks = rankdata(values[known])
    area = (ranks[label[known]].sum() - rises * (rises + 1) / 2) / (rises * (rows - rises))
    return float(max(area, 1 - area)), rows


def _explained(values: FloatArray, label: BoolArray) -> float:
    """Return the mutual information of binned feature and label over the entropy of the label, bias removed."""
    table = np.zeros((BINS + 1, 2))
    np.add.at(table, (_bins(values), label.astype(int)), 1.0)
    table = table[table.sum(axis=1) > 0]
    n = table.sum()
    joint = table / n
    rows, columns = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0, joint * np.log(joint / (rows * columns)), 0.0)
    entropy = -float((columns * np.log(columns)).sum())
    bias = (len(table) - 1) / (2 * n)
    return float(max(terms.sum() - bias, 0.0)) / entropy


def _bins(values: FloatArray) -> IntArray:
    """Return the quantile bin of each value; missing values are bin ``BINS``."""
    bins = np.full(len(values), BINS, dtype=np.int64)
    known = ~np.isnan(values)
    distinct = np.unique(values[known])
    if len(distinct) <= BINS:
        bins[known] = np.searchsorted(distinct, values[known])
    else:
        edges = np.unique(np.quantile(values[known], np.arange(1, BINS) / BINS))
        bins[known] = np.searchsorted(edges, values[known], side="right")
    return bins
