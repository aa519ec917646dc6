"""Corrections of p-values for the number of tests."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Return p-values corrected so that the false discovery rate is held (Benjamini and Hochberg, 1995).

    ``p`` : (k,); NaN stays NaN and does not count as a test.
    """
    return _stepwise(p, rising=False)


def holm(p: FloatArray) -> FloatArray:
    """Return p-values corrected so that the chance of any false rejection is held (Holm, 1979); NaN as above."""
    return _stepwise(p, rising=True)


def _stepwise(p: FloatArray, *, rising: bool) -> FloatArray:
    values: FloatArray = np.asarray(p, dtype=np.float64)
    result: FloatArray = np.full(values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    k = len(order)
    place = np.arange(1, k + 1)
    if rising:
        adjusted = np.maximum.accumulate(values[order] * (k - place + 1))
    else:
        adjusted = np.minimum.accumulate((values[order] * k / place)[::-1])[::-1]
    result[order] = np.minimum(adjusted, 1.0)
    return result
