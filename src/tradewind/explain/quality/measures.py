"""Means over rows with intervals over days, and correlations row by row."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from tradewind.core.arrays import AnyArray, FloatArray, TimeArray
from tradewind.evaluation import BootstrapSettings, Interval
from tradewind.evaluation.bootstrap import bootstrap_statistic
from tradewind.evaluation.days import day_codes, day_sums, ratio


def mean_over_days(values: FloatArray, time: TimeArray, settings: BootstrapSettings) -> Interval:
    """Mean of (m,) ``values`` with an interval that redraws days; NaN values are left out."""
    known = np.isfinite(values)
    code, days = day_codes(time[known])
    sums = day_sums(np.stack([values[known], np.ones(int(known.sum()))], axis=1), code, len(days))
    return bootstrap_statistic(sums, lambda total: ratio(total[..., 0], total[..., 1]), settings)


def row_correlation(first: AnyArray, second: AnyArray) -> FloatArray:
    """(m,) Pearson correlation of each row of two (m, k) tables; NaN where one does not vary."""
    a, b = (x - x.mean(axis=1, keepdims=True) for x in (first, second))
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return ratio((a * b).sum(axis=1), np.where(scale > 1e-18, scale, 0.0))


def row_rank_correlation(first: AnyArray, second: AnyArray) -> FloatArray:
    """(m,) Spearman correlation of each row of two (m, k) tables; NaN where one does not vary."""
    if first.shape[1] < 2:
        return np.full(len(first), np.nan)
    return row_correlation(rankdata(first, axis=1), rankdata(second, axis=1))
