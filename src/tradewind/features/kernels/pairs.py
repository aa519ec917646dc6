"""Rolling covariance, correlation and beta of two series over ragged panels.

The scheme of :mod:`tradewind.features.kernels.moments` for two series at once. A bar where either value is missing
counts as missing in both.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray


@njit(cache=True, nogil=True)
def rolling_cov(
    x: FloatArray, y: FloatArray, offsets: IntArray, window: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return cov(x, y), var(x), var(y) of the last ``window`` bars, with divisor ``window - 1``."""
    cov, var_x, var_y = np.full(x.size, np.nan), np.full(x.size, np.nan), np.full(x.size, np.nan)
    tail = np.zeros((window + 1, 5))  # sums from bar k of the block to its end: x, y, xx, yy, xy about the pivots
    scale = 1.0 / (window - 1)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        start, tail_x, tail_y = a, 0.0, 0.0
        while start < b:
            stop = min(start + window, b)
            pivot_x, pivot_y = x[start], y[start]
            sx, sy, sxx, syy, sxy = 0.0, 0.0, 0.0, 0.0, 0.0
            for i in range(start, stop):
                dx, dy = x[i] - pivot_x, y[i] - pivot_y
                sx, sy = sx + dx, sy + dy
                sxx, syy, sxy = sxx + dx * dx, syy + dy * dy, sxy + dx * dy
                n = i - start + 1
                if n < window and start == a:
                    continue
                mx, my = sx / n, sy / n
                cxx, cyy, cxy = max(sxx - sx * mx, 0.0), max(syy - sy * my, 0.0), sxy - sx * my
                if n < window:
                    m = window - n
                    ox, oy = tail[n, 0] / m, tail[n, 1] / m
                    gx, gy = (pivot_x + mx) - (tail_x + ox), (pivot_y + my) - (tail_y + oy)
                    weight = n * m / window
                    cxx += max(tail[n, 2] - tail[n, 0] * ox, 0.0) + gx * gx * weight
                    cyy += max(tail[n, 3] - tail[n, 1] * oy, 0.0) + gy * gy * weight
                    cxy += tail[n, 4] - tail[n, 0] * oy + gx * gy * weight
                if cxy == cxy:  # NaN as soon as either series has a NaN in the window
                    cov[i], var_x[i], var_y[i] = cxy * scale, cxx * scale, cyy * scale
            if stop - start == window:
                tail_x, tail_y = x[stop - 1], y[stop - 1]
                for k in range(window - 1, 0, -1):
                    dx, dy = x[start + k] - tail_x, y[start + k] - tail_y
                    tail[k, 0] = tail[k + 1, 0] + dx
                    tail[k, 1] = tail[k + 1, 1] + dy
                    tail[k, 2] = tail[k + 1, 2] + dx * dx
                    tail[k, 3] = tail[k + 1, 3] + dy * dy
                    tail[k, 4] = tail[k + 1, 4] + dx * dy
            start = stop
    return cov, var_x, var_y


@njit(cache=True, nogil=True)
def rolling_corr(x: FloatArray, y: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return Pearson's correlation of the last ``window`` bars of x and y; NaN where either does not vary."""
    cov, var_x, var_y = rolling_cov(x, y, offsets, window)
    for i in range(cov.size):
        scale = np.sqrt(var_x[i] * var_y[i])
        cov[i] = min(max(cov[i] / scale, -1.0), 1.0) if scale > 1e-300 else np.nan
    return cov


@njit(cache=True, nogil=True)
def rolling_beta(y: FloatArray, x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the slope of the regression of y on x over the last ``window`` bars; NaN where x does not vary."""
    cov, var_x, _ = rolling_cov(x, y, offsets, window)
    for i in range(cov.size):
        cov[i] = cov[i] / var_x[i] if var_x[i] > 1e-300 else np.nan
    return cov
