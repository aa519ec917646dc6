"""Exponential averages over ragged panels, seeded by a plain mean as in TA-Lib.

A missing value gives NaN at its bar and leaves the average as it was; the average is defined once ``window`` values
have been seen. Shapes are those of :mod:`tradewind.features.kernels.windows`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray


@njit(cache=True, nogil=True)
def smooth(x: FloatArray, offsets: IntArray, window: int, alpha: float) -> FloatArray:
    """Return the exponential average: ``alpha`` on the new value, seeded by the mean of ``window`` values."""
    out = np.empty(x.size)
    keep = 1.0 - alpha
    for s in range(offsets.size - 1):
        seen, level = 0, 0.0
        for i in range(offsets[s], offsets[s + 1]):
            value = x[i]
            if value != value:
                out[i] = np.nan
                continue
            if seen >= window:
                level = keep * level + alpha * value
                out[i] = level
                continue
            seen += 1
            level += value
            if seen == window:
                level /= window
                out[i] = level
            else:
                out[i] = np.nan
    return out


@njit(cache=True, nogil=True)
def ema(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the exponential moving average with weight 2 / (window + 1)."""
    return smooth(x, offsets, window, 2.0 / (window + 1.0))


@njit(cache=True, nogil=True)
def wilder(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return Wilder's average, with weight 1 / window (Wilder 1978)."""
    return smooth(x, offsets, window, 1.0 / window)
