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
def rolling_skew_kurt(x: FloatArray, offsets: IntArray, window: int) -> tuple[FloatArray, FloatArray]:
    """Return skewness and excess kurtosis (population moments) of the window; NaN where it is constant."""
    skew, kurt = np.full(x.size, np.nan), np.full(x.size, np.nan)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a + window - 1, b):
            total = 0.0
            for j in range(i - window + 1, i + 1):
                total += x[j]
            centre = total / window
            m2, m3, m4 = 0.0, 0.0, 0.0
            for j in range(i - window + 1, i + 1):
                d = x[j] - centre
                d2 = d * d
                m2 += d2
                m3 += d2 * d
                m4 += d2 * d2
            m2 /= window
            if m2 > 1e-28 * centre * centre and m2 > 1e-100:
                skew[i] = m3 / window / m2**1.5
                kurt[i] = m4 / window / (m2 * m2) - 3.0
    return skew, kurt


@njit(cache=True, nogil=True)
def rolling_slope(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the least-squares slope per bar of the last ``window`` bars."""
    out = np.full(x.size, np.nan)
    middle = (window - 1) / 2.0
    scale = 12.0 / (window * (window * window - 1.0))
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a + window - 1, b):
            total = 0.0
            base = x[i]
            for k in range(window):
                total += (k - middle) * (x[i - window + 1 + k] - base)
            out[i] = total * scale
    return out


@njit(cache=True, nogil=True)
def rolling_rank(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the share of the last ``window`` bars below the present one, ties counted half, in (0, 1)."""
    out = np.full(x.size, np.nan)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a + window - 1, b):
            below, missing = 0.0, False
            for j in range(i - window + 1, i + 1):
                if x[j] < x[i]:
                    below += 1.0
                elif x[j] == x[i]:
                    below += 0.5
                elif x[j] != x[j]:
                    missing = True
            if not missing and x[i] == x[i]:
                out[i] = below / window
    return out
