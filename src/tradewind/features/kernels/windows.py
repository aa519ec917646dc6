"""Rolling sums and extremes over ragged panels: two additions a bar, whatever the window.

Each series is cut into blocks of ``window`` bars; a window is the tail of one block and the head of the next, so a
running head and a stored tail give it (van Herk 1992, Gil and Werman 1993). Nothing is ever subtracted, hence:
rounding does not build up, a NaN makes exactly those windows NaN that hold it, and a value depends on nothing after
its bar. All arrays are (n,) float64 in the row order of a panel with ``offsets`` (S + 1,); a value before ``window``
bars of its symbol is NaN. The kernels release the interpreter lock. Those that divide do so by the rules of NumPy (no
exception), which lets the processor take several bars at once.
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
        first = min(a + bars, b)
        out[a:first] = np.nan
        out[first:b] = x[a : a + b - first]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def growth(x: FloatArray, offsets: IntArray, bars: int) -> FloatArray:
    """Return the simple return over ``bars`` bars of the symbol, x / x_before - 1; NaN where there is none."""
    out = np.empty(x.size)
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        first = min(a + bars, b)
        out[a:first] = np.nan
        now, before, part = x[first:b], x[a : a + b - first], out[first:b]
        for k in range(part.size):
            part[k] = now[k] / before[k] - 1.0 if before[k] != 0.0 else np.nan
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
def _rolling_extreme(x: FloatArray, offsets: IntArray, window: int, sign: float) -> FloatArray:
    """Return the greatest of ``sign * x`` over the window, times ``sign``."""
    out = np.empty(x.size)
    tail = np.empty(window + 1)
    tail[window] = -np.inf
    for s in range(offsets.size - 1):
        a, b = offsets[s], offsets[s + 1]
        for i in range(a, min(a + window - 1, b)):
            out[i] = np.nan
        start, missing = a, a - window
        while start < b:
            stop = min(start + window, b)
            head = -np.inf
            for i in range(start, stop):
                value = sign * x[i]
                if value != value:
                    missing = i
                head = value if value > head else head  # a NaN is not greater, so it is passed over here
                if start > a:
                    other = tail[i - start + 1]
                    out[i] = sign * (other if other > head else head) if missing <= i - window else np.nan
            if stop - start == window:
                if start == a:
                    out[stop - 1] = sign * head if missing < a else np.nan
                best = -np.inf
                for k in range(window - 1, 0, -1):
                    value = sign * x[start + k]
                    best = value if value > best else best
                    tail[k] = best
            start = stop
    return out


@njit(cache=True, nogil=True)
def rolling_max(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the greatest of the last ``window`` bars; NaN where one of them is NaN."""
    return _rolling_extreme(x, offsets, window, 1.0)


@njit(cache=True, nogil=True)
def rolling_min(x: FloatArray, offsets: IntArray, window: int) -> FloatArray:
    """Return the least of the last ``window`` bars; NaN where one of them is NaN."""
    return _rolling_extreme(x, offsets, window, -1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Return top / bottom; NaN where the bottom is zero or either is missing."""
    out = np.empty(top.size)
    for i in range(top.size):
        out[i] = top[i] / bottom[i] if bottom[i] != 0.0 else np.nan
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def excess(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Return top / bottom - 1; NaN where the bottom is zero or either is missing."""
    out = np.empty(top.size)
    for i in range(top.size):
        out[i] = top[i] / bottom[i] - 1.0 if bottom[i] != 0.0 else np.nan
    return out
