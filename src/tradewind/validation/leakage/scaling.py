"""Full-sample scaling: a feature standardised with the mean and deviation of days that had not come yet."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.settings import AuditSettings
from tradewind.validation.leakage.subject import Subject

MEAN_TOLERANCE = 1e-5
MOST_SYMBOLS = 0.9


def detect(subject: Subject, settings: AuditSettings) -> list[Finding]:
    """Find features with mean 0 and deviation 1 to five digits, over all rows or within nearly every symbol.

    Chance does not do that; scaling on the whole sample does. Features that have mean 0 within nearly every *date* are
    cross-sectional scores, which are point in time, and are passed. Scaling to exactly 0 and 1 as minimum and
    maximum, each reached once, is a warning.
    """
    found = []
    for name, column in subject.columns():
        known = ~np.isnan(column)
        rows = int(known.sum())
        if rows < settings.min_rows or len(np.unique(column[known])) < 20:
            continue
        if _scaled_share(column[known], subject.time_code[known], smallest=3) >= MOST_SYMBOLS:
            continue
        whole = _scaled_share(column[known], np.zeros(rows, dtype=np.int64))
        each = _scaled_share(column[known], subject.symbol_code[known])
        if whole >= 1.0 or each >= MOST_SYMBOLS:
            scope = "over all rows" if whole >= 1.0 else "within each symbol"
            found.append(
                Finding(
                    kind="full_sample_scaling",
                    severity=Severity.ERROR,
                    feature=name,
                    message=f"it has mean 0 and standard deviation 1 {scope}, to five digits",
                    statistic=max(whole, each),
                    threshold=MOST_SYMBOLS,
                    rows=rows,
                    advice="Fit the scaling on the training rows of each fold.",
                )
            )
        elif _min_max(column[known]):
            found.append(
                Finding(
                    kind="full_sample_scaling",
                    severity=Severity.WARNING,
                    feature=name,
                    message="its minimum is exactly 0 and its maximum exactly 1, each reached once in the whole sample",
                    statistic=1.0,
                    threshold=1.0,
                    rows=rows,
                    advice="Fit the minimum and maximum on the training rows of each fold.",
                )
            )
    return found


def _scaled_share(values: FloatArray, code: IntArray, smallest: int = 10) -> float:
    """Return the share of groups (of at least ``smallest`` rows) with mean 0 and deviation 1 or, by date, mean 0."""
    counts = np.bincount(code)
    groups = counts >= smallest
    if not groups.any():
        return 0.0
    counts = np.maximum(counts, 1)
    mean = np.bincount(code, weights=values) / counts
    spread = np.sqrt(np.bincount(code, weights=(values - mean[code]) ** 2) / counts)
    # ddof 1 makes the deviation sqrt((n - 1) / n)
    unit = np.abs(spread - 1.0) < 1.0 / counts + MEAN_TOLERANCE
    scaled = (np.abs(mean) < MEAN_TOLERANCE) & (unit if smallest >= 10 else True)
    return float(scaled[groups].mean())


def _min_max(values: FloatArray) -> bool:
    low, high = values.min(), values.max()
    return bool(low == 0.0 and high == 1.0 and (values == low).sum() == 1 and (values == high).sum() == 1)
