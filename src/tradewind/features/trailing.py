"""Trailing windows along ragged series.

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


@njit(cache=True, nogil=True)
def window_moments(part: FloatArray) -> tuple[float, float]:
    """Return mean and sample standard deviation of one whole window.

    Sums are taken about an entry of the window, so that a large level costs no precision and a constant window has
    a deviation of exactly zero.
    """
    pivot, total, square, count = np.nan, 0.0, 0.0, 0
    for value in part:
        if np.isfinite(value):
            if count == 0:
                pivot = value
            total += value - pivot
            square += (value - pivot) ** 2
            count += 1
    if count < max(2, -(-3 * part.size // 4)):
        return np.nan, np.nan
    return pivot + total / count, np.sqrt(max(square - total * total / count, 0.0) / (count - 1))


@njit(cache=True, nogil=True)
def trailing_moments(values: FloatArray, offsets: IntArray, window: int) -> tuple[FloatArray, FloatArray]:
    """(n,) mean and (n,) sample standard deviation of the latest ``window`` entries, the present one included."""
    mean = np.full(len(values), np.nan)
    std = np.full(len(values), np.nan)
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            mean[r], std[r] = window_moments(values[r - window + 1 : r + 1])
    return mean, std


@njit(cache=True, nogil=True)
def _slide(held: FloatArray, count: int, leaves: float, enters: float) -> int:
    """Take one value out of the first ``count`` sorted entries of ``held`` and put one in; return the new count."""
    if np.isfinite(leaves):
        at = np.searchsorted(held[:count], leaves)
        for i in range(at, count - 1):
            held[i] = held[i + 1]
        count -= 1
    if np.isfinite(enters):
        at = np.searchsorted(held[:count], enters)
        for i in range(count, at, -1):
            held[i] = held[i - 1]
        held[at] = enters
        count += 1
    return count


@njit(cache=True, nogil=True)
def trailing_median(values: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """(n,) median of the latest ``window`` entries."""
    out = np.full(len(values), np.nan)
    need = max(1, -(-3 * window // 4))
    held = np.empty(window + 1)
    for s in range(len(offsets) - 1):
        first, count = offsets[s], 0
        for r in range(first, offsets[s + 1]):
            count = _slide(held, count, values[r - window] if r - window >= first else np.nan, values[r])
            if r - first >= window - 1 and count >= need:
                half = count // 2
                out[r] = held[half] if count % 2 else 0.5 * (held[half - 1] + held[half])
    return out


@njit(cache=True, nogil=True)
def trailing_percentile(values: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """(n,) share of the latest ``window`` entries below the present one, ties as half."""
    out = np.full(len(values), np.nan)
    need = max(2, -(-3 * window // 4))
    held = np.empty(window + 1)
    for s in range(len(offsets) - 1):
        first, count = offsets[s], 0
        for r in range(first, offsets[s + 1]):
            count = _slide(held, count, values[r - window] if r - window >= first else np.nan, values[r])
            if r - first >= window - 1 and count >= need and np.isfinite(values[r]):
                below = np.searchsorted(held[:count], values[r])
                through = np.searchsorted(held[:count], values[r], side="right")
                out[r] = 0.5 * (below + through) / count
    return out


@njit(cache=True, nogil=True)
def window_extremes(part: FloatArray) -> tuple[float, float]:
    """Return the lowest and the highest of one whole window."""
    least, most, count = np.inf, -np.inf, 0
    for value in part:
        if np.isfinite(value):
            least, most, count = min(least, value), max(most, value), count + 1
    if count < max(1, -(-3 * part.size // 4)):
        return np.nan, np.nan
    return least, most


@njit(cache=True, nogil=True)
def trailing_extremes(values: FloatArray, offsets: IntArray, window: int) -> tuple[FloatArray, FloatArray]:
    """(n,) lowest and (n,) highest of the latest ``window`` entries."""
    low = np.full(len(values), np.nan)
    high = np.full(len(values), np.nan)
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            low[r], high[r] = window_extremes(values[r - window + 1 : r + 1])
    return low, high


@njit(cache=True, nogil=True)
def window_regression(y: FloatArray, x: FloatArray) -> tuple[float, float, float, float]:
    """Return slope, correlation, intercept and residual deviation of the line of one whole window."""
    none = (np.nan, np.nan, np.nan, np.nan)
    sx, sy, count = 0.0, 0.0, 0
    for i in range(y.size):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            sx += x[i]
            sy += y[i]
            count += 1
    if count < max(3, -(-3 * y.size // 4)):
        return none
    mx, my = sx / count, sy / count
    xx, yy, xy = 0.0, 0.0, 0.0
    for i in range(y.size):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            dx, dy = x[i] - mx, y[i] - my
            xx += dx * dx
            yy += dy * dy
            xy += dx * dy
    if xx <= 1e-18 * count:
        return none
    slope = xy / xx
    correlation = xy / np.sqrt(xx * yy) if yy > 1e-18 * count else np.nan
    return slope, correlation, my - slope * mx, np.sqrt(max(yy - xy * xy / xx, 0.0) / (count - 2))


@njit(cache=True, nogil=True)
def trailing_regression(y: FloatArray, x: FloatArray, offsets: IntArray, window: int) -> AnyArray:
    """(4, n) of the least-squares line of ``y`` on ``x``: slope, correlation, intercept, residual deviation.

    Pairs where either is NaN do not count; where ``x`` does not vary all four are NaN, where only ``y`` does not the
    correlation alone is NaN. The residual deviation has count - 2 degrees of freedom.
    """
    out = np.full((4, len(y)), np.nan)
    for s in range(len(offsets) - 1):
        for r in range(offsets[s] + window - 1, offsets[s + 1]):
            first = r - window + 1
            out[0, r], out[1, r], out[2, r], out[3, r] = window_regression(y[first : r + 1], x[first : r + 1])
    return out
