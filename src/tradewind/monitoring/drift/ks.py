"""The Kolmogorov-Smirnov test of two samples."""

from __future__ import annotations

import numpy as np
from scipy.special import kolmogorov

from tradewind.core.arrays import AnyArray, FloatArray

MANY = 100_000
"""Rows from which on the p-value is taken from the limit, which is within a hundredth of it and far quicker."""


def ks_p_value(statistic: AnyArray, n: AnyArray, m: AnyArray) -> FloatArray:
    """Return the asymptotic two-sided p-value of rows taken as independent; NaN where the statistic is.

    It is the one of ``scipy.stats.ks_2samp(..., method="asymp")``: Kolmogorov's distribution of
    ``nm / (n + m)`` rows, and from :data:`MANY` of them on its limit.
    Rows of one day are not independent, so it rejects far too often on market data: see the calibrated verdict.
    """
    from scipy.stats import kstwo  # takes a second to import

    d, first, second = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (statistic, n, m)))
    rows = np.maximum(np.round(first * second / np.maximum(first + second, 1.0)), 1.0)
    many = rows >= MANY
    p: FloatArray = np.empty(d.shape)
    p[many] = kolmogorov(np.sqrt(rows[many]) * d[many])
    p[~many] = np.clip(kstwo.sf(d[~many], rows[~many]), 0.0, 1.0)
    return p


def ks_of_counts(first: AnyArray, second: AnyArray) -> FloatArray:
    """Return the largest difference of two distribution functions at the bins' edges.

    ``first``, ``second`` : (..., B) counts over the same bins; NaN where either side is empty.
    """
    gap: FloatArray = np.abs(np.cumsum(shares(first) - shares(second), axis=-1)[..., :-1]).max(axis=-1)
    return gap


def shares(counts: AnyArray) -> FloatArray:
    """Return ``counts`` (..., B) as shares of their sum; NaN where there is nothing."""
    total = counts.sum(axis=-1, keepdims=True, dtype=np.float64)
    result: FloatArray = counts / np.where(total > 0, total, np.nan)
    return result
