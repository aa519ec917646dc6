"""Rolling mean, spread, shape and rank over ragged panels.

The block scheme of :mod:`tradewind.features.kernels.windows`, with sums taken about a value of the block itself, and
head and tail joined by the formula of Chan, Golub and LeVeque (1983): no cancellation, and a constant window has
exactly zero spread. Shapes and the NaN rule are those of that module.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray


@njit(cache=True, nogil=True, error_model="numpy")
def rolling_mean_std(x: FloatArray, offsets: IntArray, window: int, ddof: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation (divisor ``window - ddof``) of the last ``window`` bars.

    The mean and the sum of squares of a tail wait in the result for the head that completes them.
    """
    mean, std = np.empty(x.size), np.empty(x.size)
    held = np.arange(window + 1.0)  # bars of a head
    inverse = 1.0 / np.maximum(held, 1.0)
    share = (window - held) / window
    weight = held * share
    divisor = 1.0 / (window - ddof)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        mean[a : min(a + window - 1, b)] = np.nan
        std[a : min(a + window - 1, b)] = np.nan
        for start in range(a, b, window):
            stop = min(start + window, b)
            if stop - start == window:
                pivot, total, square = x[stop - 1], 0.0, 0.0
                mean[stop - 1], std[stop - 1] = pivot, 0.0
                for k in range(1, window):
                    j = stop - k
                    d = x[j] - pivot
                    total += d
                    square += d * d
                    if j + window <= b:
                        centre = total * inverse[k]
                        mean[j + window - 1] = pivot + centre
                        std[j + window - 1] = max(square - total * centre, 0.0)
            pivot, total, square = x[start], 0.0, 0.0
            part, middle, spread = x[start:stop], mean[start:stop], std[start:stop]
            for k in range(part.size):
                d = part[k] - pivot
                total += d
                square += d * d
                centre = total * inverse[k + 1]
                gap = (pivot + centre) - middle[k]  # NaN as soon as the window holds one
                middle[k] = (pivot + centre) - gap * share[k + 1]
                spread[k] += max(square - total * centre, 0.0) + gap * gap * weight[k + 1]
    for i in range(x.size):
        std[i] = np.sqrt(std[i] * divisor)
    return mean, std


@njit(cache=True, nogil=True)
def rolling_std(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the sample standard deviation (divisor ``window - 1``) of the last ``window`` bars."""
    return rolling_mean_std(x, offsets, window, 1)[1]


@njit(cache=True, nogil=True)
def _add_powers(total: FloatArray, d: float) -> None:
    total[0] += d
    total[1] += d * d
    total[2] += d * d * d
    total[3] += d * d * d * d


@njit(cache=True, nogil=True)
def _about(total: FloatArray, n: int, shift: float) -> tuple[float, float, float]:
    """Return the sums of the 2nd, 3rd and 4th powers of n values about ``shift``, from power sums about zero."""
    s1, s2, s3, s4 = total[0], total[1], total[2], total[3]
    d, d2 = shift, shift * shift
    second = s2 - 2.0 * d * s1 + n * d2
    third = s3 - 3.0 * d * s2 + 3.0 * d2 * s1 - n * d2 * d
    fourth = s4 - 4.0 * d * s3 + 6.0 * d2 * s2 - 4.0 * d2 * d * s1 + n * d2 * d2
    return second, third, fourth


@njit(cache=True, nogil=True)
def rolling_skew_kurt(x: FloatArray, offsets: IntArray, window: int) -> tuple[FloatArray, FloatArray]:
    """Return skewness and excess kurtosis (population moments) of the window; NaN where it is constant."""
    skew, kurt = np.full(x.size, np.nan), np.full(x.size, np.nan)
    tail, head = np.zeros((window + 1, 4)), np.zeros(4)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        start, pivot_tail = a, 0.0
        while start < b:
            stop = min(start + window, b)
            pivot = x[start]
            head[:] = 0.0
            for i in range(start, stop):
                _add_powers(head, x[i] - pivot)
                n = i - start + 1
                if n < window and start == a:
                    continue
                if n == window:
                    second, third, fourth = _about(head, n, head[0] / n)
                else:
                    m = window - n
                    shift = (head[0] + tail[n, 0] + m * (pivot_tail - pivot)) / window
                    second, third, fourth = _about(head, n, shift)
                    more2, more3, more4 = _about(tail[n], m, shift + (pivot - pivot_tail))
                    second, third, fourth = second + more2, third + more3, fourth + more4
                variance = second / window
                if variance > 1e-20 * x[i] * x[i] and variance > 1e-100:
                    skew[i] = third / window / (variance * np.sqrt(variance))
                    kurt[i] = fourth / window / (variance * variance) - 3.0
            if stop - start == window:
                pivot_tail = x[stop - 1]
                for k in range(window - 1, 0, -1):
                    tail[k] = tail[k + 1]
                    _add_powers(tail[k], x[start + k] - pivot_tail)
            start = stop
    return skew, kurt


@njit(cache=True, nogil=True)
def rolling_slope(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the least-squares slope per bar of the last ``window`` bars."""
    out = np.empty(x.size)
    middle = (window - 1) / 2.0
    scale = 12.0 / (window * (window * window - 1.0))
    held = np.arange(window + 1.0)
    lift, cross = window - held - middle, 0.5 * held * (window - held)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        out[a : min(a + window - 1, b)] = np.nan
        before = 0.0  # the pivot of the tail
        for start in range(a, b, window):
            stop = min(start + window, b)
            pivot = x[start]
            gap = pivot - before
            if stop - start == window:
                before = x[stop - 1]
                total, ramp = 0.0, 0.0  # of a tail, and weighted by the place in it
                for j in range(stop - 1, start, -1):
                    ramp += total
                    total += x[j] - before
                    if j + window <= b:
                        out[j + window - 1] = ramp - middle * total
            total, ramp = 0.0, 0.0
            part, result = x[start:stop], out[start:stop]
            for k in range(part.size):
                d = part[k] - pivot
                total += d
                ramp += k * d
                result[k] = (result[k] + (ramp + lift[k + 1] * total) + gap * cross[k + 1]) * scale
            if part.size == window:  # the block itself, whatever was before it
                result[window - 1] = (ramp - middle * total) * scale
    return out


@njit(cache=True, nogil=True)
def rolling_rank(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the share of the last ``window`` bars below the present one, ties counted half; O(window) a bar."""
    out = np.full(x.size, np.nan)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        missing = a - window
        for i in range(a, b):
            value = x[i]
            if value != value:
                missing = i
            first = i - window + 1
            if first < a or missing >= first:
                continue
            below, not_above = 0, 0
            for j in range(first, i + 1):
                below += x[j] < value
                not_above += x[j] <= value
            out[i] = 0.5 * (below + not_above) / window
    return out
