"""Trailing windows along ragged series, computed afresh for each window.

A series is an array cut by ``offsets`` (S + 1,): symbol ``s`` owns ``offsets[s]:offsets[s + 1]``. Each result depends
on its own window and nothing else, so a series cut short gives the same numbers, bit for bit. A window is defined
when the series has ``window`` entries there and at least three quarters of them are finite; else the result is NaN.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features.kernels import lag


def change(values: FloatArray, offsets: IntArray, steps: int) -> FloatArray:
    """(n,) relative change over ``steps`` entries; NaN where either value is missing or not positive."""
    before = lag(values, offsets, steps)
    valid = (before > 0) & (values > 0)
    out = np.full(len(values), np.nan)
    out[valid] = values[valid] / before[valid] - 1.0
    return out


@njit(cache=True)
def trailing_moments(values: FloatArray, offsets: IntArray, window: int) -> tuple[FloatArray, FloatArray]:
    """(n,) mean and (n,) sample standard deviation of the latest ``window`` entries, the present one included."""
    mean = np.full(len(values), np.nan)
    std = np.full(len(values), np.nan)
    need = max(2, -(-3 * window // 4))
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            total, count = 0.0, 0
            for i in range(r - window + 1, r + 1):
                if np.isfinite(values[i]):
                    total += values[i]
                    count += 1
            if count < need:
                continue
            centre, square = total / count, 0.0
            for i in range(r - window + 1, r + 1):
                if np.isfinite(values[i]):
                    square += (values[i] - centre) ** 2
            mean[r] = centre
            std[r] = np.sqrt(square / (count - 1))
    return mean, std


@njit(cache=True)
def trailing_median(values: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """(n,) median of the latest ``window`` entries."""
    out = np.full(len(values), np.nan)
    need = max(1, -(-3 * window // 4))
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            part = values[r - window + 1 : r + 1]
            part = part[np.isfinite(part)]
            if len(part) >= need:
                out[r] = np.median(part)
    return out


@njit(cache=True)
def trailing_percentile(values: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """(n,) share of the latest ``window`` entries below the present one, ties as half."""
    out = np.full(len(values), np.nan)
    need = max(2, -(-3 * window // 4))
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            if not np.isfinite(values[r]):
                continue
            below, count = 0.0, 0
            for i in range(r - window + 1, r + 1):
                if np.isfinite(values[i]):
                    count += 1
                    if values[i] < values[r]:
                        below += 1.0
                    elif values[i] == values[r]:
                        below += 0.5
            if count >= need:
                out[r] = below / count
    return out


@njit(cache=True)
def trailing_extremes(values: FloatArray, offsets: IntArray, window: int) -> tuple[FloatArray, FloatArray]:
    """(n,) lowest and (n,) highest of the latest ``window`` entries."""
    low = np.full(len(values), np.nan)
    high = np.full(len(values), np.nan)
    need = max(1, -(-3 * window // 4))
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            least, most, count = np.inf, -np.inf, 0
            for i in range(r - window + 1, r + 1):
                if np.isfinite(values[i]):
                    least, most, count = min(least, values[i]), max(most, values[i]), count + 1
            if count >= need:
                low[r], high[r] = least, most
    return low, high


@njit(cache=True)
def trailing_regression(y: FloatArray, x: FloatArray, offsets: IntArray, window: int) -> AnyArray:
    """(4, n) of the least-squares line of ``y`` on ``x``: slope, correlation, intercept, residual deviation.

    Pairs where either is NaN do not count; where ``x`` does not vary all four are NaN, where only ``y`` does not the
    correlation alone is NaN. The residual deviation has count - 2 degrees of freedom.
    """
    out = np.full((4, len(y)), np.nan)
    need = max(3, -(-3 * window // 4))
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            sx, sy, count = 0.0, 0.0, 0
            for i in range(r - window + 1, r + 1):
                if np.isfinite(x[i]) and np.isfinite(y[i]):
                    sx += x[i]
                    sy += y[i]
                    count += 1
            if count < need:
                continue
            mx, my = sx / count, sy / count
            xx, yy, xy = 0.0, 0.0, 0.0
            for i in range(r - window + 1, r + 1):
                if np.isfinite(x[i]) and np.isfinite(y[i]):
                    dx, dy = x[i] - mx, y[i] - my
                    xx += dx * dx
                    yy += dy * dy
                    xy += dx * dy
            if xx <= 1e-18 * count:
                continue
            out[0, r] = xy / xx
            if yy > 1e-18 * count:
                out[1, r] = xy / np.sqrt(xx * yy)
            out[2, r] = my - out[0, r] * mx
            out[3, r] = np.sqrt(max(yy - xy * xy / xx, 0.0) / (count - 2))
    return out
