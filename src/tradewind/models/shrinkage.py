"""How much of a fitted slope to believe, when rows of one day move together."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray


def group_sums(table: FloatArray, groups: AnyArray | None) -> FloatArray:
    """Return sums of ``table`` (m, k) over rows of equal ``groups`` (m,), (g, k); the table itself without groups."""
    if groups is None:
        return table
    _, code = np.unique(groups, return_inverse=True)
    return np.stack([np.bincount(code, weights=table[:, j]) for j in range(table.shape[1])], axis=1)


def believed(slope: float, variance: float) -> float:
    """Return ``slope`` shrunk to 0 by its sampling variance: ``slope * max(0, 1 - variance / slope^2)``.

    The positive-part rule of James and Stein (1961) for one number: a slope within one standard error of 0 becomes 0,
    one of many standard errors stays. Negative slopes become 0: out of sample, a forecast is not turned round.
    """
    if slope <= 0.0 or not np.isfinite(variance):
        return 0.0
    return slope * max(0.0, 1.0 - variance / slope**2)


def slope_through_origin(x: FloatArray, y: FloatArray, groups: AnyArray | None = None) -> float:
    """Return the believed least-squares slope of ``y`` on ``x`` without intercept, (m,) each.

    Its variance sums residuals within groups (days) first, so that a day of 500 alike rows counts as one witness
    (cluster-robust: Liang and Zeger 1986, *Biometrika* 73).
    """
    power = float(x @ x)
    if power <= 0.0:
        return 0.0
    slope = float(x @ y) / power
    sums = group_sums((x * (y - slope * x))[:, None], groups)[:, 0]
    return believed(slope, float(sums @ sums) / power**2)
