"""The last value of each rolling kernel, from the window alone, to the last bit.

The batch kernels (:mod:`tradewind.features.kernels`) cut a symbol's bars into blocks of ``window`` and join the tail of
one block with the head of the next. Here the window is ``x[start : start + window]``, oldest first, and ``held`` says
how many of its bars belong to the block of the newest bar (1 to window). Sums run in the same order about the same
pivots, so the results carry the same rounding, even where nothing but rounding is left. Nobody asks for a window that
misses a value. A window is given by its place, not as a slice: to count who holds a slice takes longer than to sum it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray


@njit(cache=True, nogil=True)
def window_sum(x: FloatArray, start: int, window: int, held: int) -> float:
    """Return the sum, as ``rolling_sum``."""
    stop = start + window
    block = stop - held
    head, tail = 0.0, 0.0
    for k in range(block, stop):
        head += x[k]
    if held == window:
        return head
    for k in range(block - 1, start - 1, -1):
        tail += x[k]
    return head + tail


@njit(cache=True, nogil=True)
def window_max(x: FloatArray, start: int, window: int) -> float:
    """Return the greatest value; four at a time, so that no comparison waits for the one before."""
    a = b = c = d = -np.inf
    stop = start + window
    whole = stop - window % 4
    for k in range(start, whole, 4):
        a = x[k] if x[k] > a else a
        b = x[k + 1] if x[k + 1] > b else b
        c = x[k + 2] if x[k + 2] > c else c
        d = x[k + 3] if x[k + 3] > d else d
    for k in range(whole, stop):
        a = x[k] if x[k] > a else a
    a, c = a if a > b else b, c if c > d else d
    return a if a > c else c


@njit(cache=True, nogil=True)
def window_min(x: FloatArray, start: int, window: int) -> float:
    """Return the least value."""
    a = b = c = d = np.inf
    stop = start + window
    whole = stop - window % 4
    for k in range(start, whole, 4):
        a = x[k] if x[k] < a else a
        b = x[k + 1] if x[k + 1] < b else b
        c = x[k + 2] if x[k + 2] < c else c
        d = x[k + 3] if x[k + 3] < d else d
    for k in range(whole, stop):
        a = x[k] if x[k] < a else a
    a, c = a if a < b else b, c if c < d else d
    return a if a < c else c


@njit(cache=True, nogil=True)
def window_rank(x: FloatArray, start: int, window: int) -> float:
    """Return the share of the window below its last value, ties counted half, as ``rolling_rank``."""
    value = x[start + window - 1]
    below, not_above = 0, 0
    for k in range(start, start + window):
        below += x[k] < value
        not_above += x[k] <= value
    return 0.5 * (below + not_above) / window


@njit(cache=True, nogil=True)
def window_since_peak(x: FloatArray, start: int, window: int) -> float:
    """Return how many bars ago the value was greatest, the latest of equals, as ``bars_since_peak``."""
    peak, at, lost = -np.inf, start, 0.0
    for k in range(start, start + window):
        value = x[k]
        later = value >= peak
        peak, at = value if later else peak, k if later else at
        lost += value - value  # NaN from the first infinite value on
    return (start + window - 1 - at) + lost


@njit(cache=True, nogil=True)
def window_slope(x: FloatArray, start: int, window: int, held: int) -> float:
    """Return the least-squares slope per bar, as ``rolling_slope``."""
    block = start + window - held
    middle = (window - 1) / 2.0
    scale = 12.0 / (window * (window * window - 1.0))
    pivot = x[block]
    total, ramp = 0.0, 0.0
    for k in range(held):
        d = x[block + k] - pivot
        total += d
        ramp += k * d
    if held == window:
        return (ramp - middle * total) * scale
    before = x[block - 1]
    tail_total, tail_ramp = 0.0, 0.0
    for k in range(block - 1, start - 1, -1):
        tail_ramp += tail_total
        tail_total += x[k] - before
    count = float(held)
    lift, cross = window - count - middle, 0.5 * count * (window - count)
    tail = tail_ramp - middle * tail_total
    return float((tail + (ramp + lift * total) + (pivot - before) * cross) * scale)


@njit(cache=True, nogil=True, error_model="numpy")
def window_mean_std(x: FloatArray, start: int, window: int, held: int, ddof: int) -> tuple[float, float]:
    """Return mean and standard deviation, as ``rolling_mean_std``."""
    stop = start + window
    block, rest = stop - held, window - held
    middle, spread = x[stop - 1], 0.0
    if rest > 0:
        pivot, total, square = x[block - 1], 0.0, 0.0
        for k in range(block - 1, start - 1, -1):
            d = x[k] - pivot
            total += d
            square += d * d
        centre = total * (1.0 / rest)
        middle = pivot + centre
        spread = max(square - total * centre, 0.0)
    pivot, total, square = x[block], 0.0, 0.0
    for k in range(block, stop):
        d = x[k] - pivot
        total += d
        square += d * d
    centre = total * (1.0 / held)
    share = rest / window
    gap = (pivot + centre) - middle
    spread += max(square - total * centre, 0.0) + gap * gap * (held * share)
    return (pivot + centre) - gap * share, np.sqrt(spread * (1.0 / (window - ddof)))


@njit(cache=True, nogil=True)
def _powers(x: FloatArray, start: int, stop: int, step: int) -> tuple[float, float, float, float]:
    """Return the sums of the first four powers of the values from ``start`` to before ``stop``, about the first."""
    s1 = s2 = s3 = s4 = 0.0
    pivot = x[start]
    for k in range(start, stop, step):
        d = x[k] - pivot
        s1 += d
        s2 += d * d
        s3 += d * d * d
        s4 += d * d * d * d
    return s1, s2, s3, s4


@njit(cache=True, nogil=True)
def _about(powers: tuple[float, float, float, float], n: int, shift: float) -> tuple[float, float, float]:
    """Return the sums of the 2nd, 3rd and 4th powers of n values about ``shift``, from power sums about zero."""
    s1, s2, s3, s4 = powers
    d, d2 = shift, shift * shift
    second = s2 - 2.0 * d * s1 + n * d2
    third = s3 - 3.0 * d * s2 + 3.0 * d2 * s1 - n * d2 * d
    fourth = s4 - 4.0 * d * s3 + 6.0 * d2 * s2 - 4.0 * d2 * d * s1 + n * d2 * d2
    return second, third, fourth


@njit(cache=True, nogil=True)
def window_skew_kurt(x: FloatArray, start: int, window: int, held: int) -> tuple[float, float]:
    """Return skewness and excess kurtosis, as ``rolling_skew_kurt``."""
    stop = start + window
    block, rest = stop - held, window - held
    head = _powers(x, block, stop, 1)
    if rest == 0:
        second, third, fourth = _about(head, held, head[0] / held)
    else:
        tail = _powers(x, block - 1, start - 1, -1)
        pivot, before = x[block], x[block - 1]
        shift = (head[0] + tail[0] + rest * (before - pivot)) / window
        second, third, fourth = _about(head, held, shift)
        more2, more3, more4 = _about(tail, rest, shift + (pivot - before))
        second, third, fourth = second + more2, third + more3, fourth + more4
    variance, value = second / window, x[stop - 1]
    if variance > 1e-20 * value * value and variance > 1e-100:
        return third / window / (variance * np.sqrt(variance)), fourth / window / (variance * variance) - 3.0
    return np.nan, np.nan


@njit(cache=True, nogil=True)
def _products(x: FloatArray, start: int, stop: int, apart: int) -> tuple[float, float, float, float, float]:
    """Return the sums of x, y, xx, yy and xy from ``start`` to before ``stop``, about the first of each.

    The y of a bar lies ``apart`` places after its x; ``stop`` before ``start`` goes backwards.
    """
    sx = sy = sxx = syy = sxy = 0.0
    pivot_x, pivot_y = x[start], x[start + apart]
    step = 1 if stop > start else -1
    for n in range(abs(stop - start)):
        k = start + n * step
        dx, dy = x[k] - pivot_x, x[k + apart] - pivot_y
        sx, sy = sx + dx, sy + dy
        sxx, syy, sxy = sxx + dx * dx, syy + dy * dy, sxy + dx * dy
    return sx, sy, sxx, syy, sxy


@njit(cache=True, nogil=True, error_model="numpy")
def window_correlation(x: FloatArray, start: int, apart: int, window: int, held: int) -> float:
    """Return Pearson's correlation, as ``rolling_corr``; the second series lies ``apart`` places after the first."""
    stop = start + window
    block, n, m = stop - held, held, window - held
    sx, sy, sxx, syy, sxy = _products(x, block, stop, apart)
    mx, my = sx / n, sy / n
    cxx, cyy, cxy = max(sxx - sx * mx, 0.0), max(syy - sy * my, 0.0), sxy - sx * my
    if m > 0:
        tx, ty, txx, tyy, txy = _products(x, block - 1, start - 1, apart)
        ox, oy = tx / m, ty / m
        gx = (x[block] + mx) - (x[block - 1] + ox)
        gy = (x[block + apart] + my) - (x[block - 1 + apart] + oy)
        weight = n * m / window
        cxx += max(txx - tx * ox, 0.0) + gx * gx * weight
        cyy += max(tyy - ty * oy, 0.0) + gy * gy * weight
        cxy += txy - tx * oy + gx * gy * weight
    if cxy != cxy:
        return np.nan
    share = 1.0 / (window - 1)
    scale = np.sqrt((cxx * share) * (cyy * share))
    return min(max(cxy * share / scale, -1.0), 1.0) if scale > 1e-300 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def window_cci(x: FloatArray, start: int, window: int, centre: float) -> float:
    """Return the commodity channel index about the mean ``centre``, as ``cci``."""
    deviation = 0.0
    for k in range(start, start + window):
        deviation += abs(x[k] - centre)
    if not deviation > 1e-14 * window * abs(centre):
        return np.nan
    return float((x[start + window - 1] - centre) * (window / 0.015) / deviation)
