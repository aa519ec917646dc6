"""Rolling sums and extremes over ragged panels: two additions a bar, whatever the window.

Each series is cut into blocks of ``window`` bars; a window is the tail of one block and the head of the next, so a
running head and a stored tail give it (van Herk 1992, Gil and Werman 1993). Nothing is ever subtracted, hence:
rounding does not build up, a NaN makes exactly those windows NaN that hold it, and a value depends on nothing after
its bar. All arrays are (n,) float64 in the row order of a panel with ``offsets`` (S + 1,); a value before ``window``
bars of its symbol is NaN. The kernels release the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray


@njit(cache=True, nogil=True)
def lag(x: FloatArray, offsets: IntArray, bars: int) -> FloatArray:
    """Return the value ``bars`` bars of the symbol earlier; NaN where there is none."""
    out = np.empty(x.size)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a, min(a + bars, b)):
            out[i] = np.nan
        for i in range(a + bars, b):
            out[i] = x[i - bars]
    return out


@njit(cache=True, nogil=True)
def growth(x: FloatArray, offsets: IntArray, bars: int) -> FloatArray:
    """Return the simple return over ``bars`` bars of the symbol, x / x_before - 1; NaN where there is none."""
    out = np.empty(x.size)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a, min(a + bars, b)):
            out[i] = np.nan
        for i in range(a + bars, b):
            before = x[i - bars]
            out[i] = x[i] / before - 1.0 if before != 0.0 else np.nan
    return out


@njit(cache=True, nogil=True)
def rolling_sum(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the sum of the last ``window`` bars."""
    out = np.empty(x.size)
    tail = np.empty(window + 1)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a, min(a + window - 1, b)):
            out[i] = np.nan
        start = a
        while start < b:
            stop = min(start + window, b)
            head = 0.0
            for i in range(start, stop):
                head += x[i]
                if start > a:
                    out[i] = head + tail[i - start + 1]
            if stop - start == window:
                if start == a:
                    out[stop - 1] = head
                tail[window] = 0.0
                for k in range(window - 1, 0, -1):
                    tail[k] = tail[k + 1] + x[start + k]
            start = stop
    return out


@njit(cache=True, nogil=True)
def rolling_mean(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the mean of the last ``window`` bars."""
    out = rolling_sum(x, offsets, window)
    scale = 1.0 / window
    for i in range(out.size):
        out[i] *= scale
    return out


@njit(cache=True, nogil=True)
def rolling_max(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the greatest of the last ``window`` bars; NaN where one of them is NaN."""
    out = np.empty(x.size)
    tail = np.empty(window + 1)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a, min(a + window - 1, b)):
            out[i] = np.nan
        start = a
        while start < b:
            stop = min(start + window, b)
            head = -np.inf
            for i in range(start, stop):
                if not x[i] <= head:  # true for a greater value, and for NaN, which then stays
                    head = x[i] if head == head else head
                if start > a:
                    other = tail[i - start + 1]
                    out[i] = other if other > head or other != other else head
            if stop - start == window:
                if start == a:
                    out[stop - 1] = head
                tail[window] = -np.inf
                for k in range(window - 1, 0, -1):
                    value, best = x[start + k], tail[k + 1]
                    tail[k] = value if (value > best or value != value) and best == best else best
            start = stop
    return out


@njit(cache=True, nogil=True)
def rolling_min(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the least of the last ``window`` bars; NaN where one of them is NaN."""
    out = rolling_max(-x, offsets, window)
    for i in range(out.size):
        out[i] = -out[i]
    return out
