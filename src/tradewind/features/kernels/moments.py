"""Rolling mean, spread, shape and rank over ragged panels.

The block scheme of :mod:`tradewind.features.kernels.windows`, with sums taken about a value of the block itself, and
head and tail joined by the formula of Chan, Golub and LeVeque (1983): no cancellation, and a constant window has
exactly zero spread. Shapes and the NaN rule are those of that module.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray


@njit(cache=True, nogil=True)
def rolling_mean_std(x: FloatArray, offsets: IntArray, window: int, ddof: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation (divisor ``window - ddof``) of the last ``window`` bars."""
    mean, std = np.full(x.size, np.nan), np.full(x.size, np.nan)
    sums, squares = np.zeros(window + 1), np.zeros(window + 1)
    inverse = 1.0 / np.maximum(np.arange(window + 1), 1.0)
    divisor = 1.0 / (window - ddof)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        start, pivot_tail = a, 0.0
        while start < b:
            stop = min(start + window, b)
            pivot = x[start]
            head, head2 = 0.0, 0.0
            for i in range(start, stop):
                d = x[i] - pivot
                head += d
                head2 += d * d
                n = i - start + 1
                if n == window:
                    centre = head * inverse[n]
                    mean[i] = pivot + centre
                    std[i] = np.sqrt(max(head2 - head * centre, 0.0) * divisor) if head == head else np.nan
                elif start > a:
                    m = window - n
                    centre, other = head * inverse[n], sums[n] * inverse[m]
                    gap = (pivot + centre) - (pivot_tail + other)
                    spread = (
                        max(head2 - head * centre, 0.0)
                        + max(squares[n] - sums[n] * other, 0.0)
                        + gap * gap * (n * m * inverse[window])
                    )
                    mean[i] = (pivot + centre) - gap * (m * inverse[window])
                    std[i] = np.sqrt(spread * divisor) if gap == gap else np.nan
            if stop - start == window:
                pivot_tail = x[stop - 1]
                for k in range(window - 1, 0, -1):
                    d = x[start + k] - pivot_tail
                    sums[k] = sums[k + 1] + d
                    squares[k] = squares[k + 1] + d * d
            start = stop
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
    out = np.full(x.size, np.nan)
    middle = (window - 1) / 2.0
    scale = 12.0 / (window * (window * window - 1.0))
    sums, ramps = np.zeros(window + 1), np.zeros(window + 1)  # of a tail, and weighted by the place in it
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        start, pivot_tail = a, 0.0
        while start < b:
            stop = min(start + window, b)
            pivot = x[start]
            head, ramp = 0.0, 0.0
            for i in range(start, stop):
                d = x[i] - pivot
                head += d
                ramp += (i - start) * d
                n = i - start + 1
                if n == window:
                    out[i] = (ramp - middle * head) * scale
                elif start > a:
                    m = window - n
                    old = ramps[n] - middle * sums[n]
                    new = ramp + (m - middle) * head
                    out[i] = (old + new + (pivot - pivot_tail) * (0.5 * n * m)) * scale
            if stop - start == window:
                pivot_tail = x[stop - 1]
                for k in range(window - 1, 0, -1):
                    ramps[k] = ramps[k + 1] + sums[k + 1]
                    sums[k] = sums[k + 1] + (x[start + k] - pivot_tail)
            start = stop
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
