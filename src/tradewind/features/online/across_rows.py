"""What the market's statistics are taken of: a few numbers of each symbol's own latest bars."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features.market import DAYS_PER_YEAR
from tradewind.features.online.protocol import Slice
from tradewind.features.online.rings import change_over, latest, median_of, push
from tradewind.features.trailing import window_extremes, window_moments

REACH = 61
"""Bars that are kept of a symbol: the longest return is over 60."""


class Row(IntEnum):
    """Rows of the (B, k) numbers of a slice's symbols; the last four are 1 (yes), 0 (no) or NaN (not known)."""

    RETURN_1 = 0
    RETURN_5 = 1
    RETURN_20 = 2
    RETURN_60 = 3
    VOLATILITY = 4
    SURPRISE = 5
    SIZE = 6
    RISING = 7
    ABOVE_MEAN = 8
    AT_HIGH = 9
    AT_LOW = 10


class SymbolRows:
    """The latest closes, volumes, money and returns of every symbol, and what they say at the newest bar."""

    def __init__(self, n_symbols: int) -> None:
        self._ring = np.full((n_symbols, 4, 2 * REACH), np.nan)
        self._seen = np.zeros(n_symbols, dtype=np.int64)
        self.memory: dict[str, AnyArray] = {"ring": self._ring, "seen": self._seen}

    def advance(self, code: IntArray, part: Slice) -> FloatArray:
        """Take a slice in, ``code`` its symbols; (B, k) numbers in the order of :class:`Row`."""
        out = np.empty((len(Row), len(part)))
        bars = np.empty((3, len(part)))
        bars[0], bars[1] = part.adj_close, part.volume
        np.multiply(part.close, part.volume, out=bars[2])
        _advance(self._ring, self._seen, code, bars, out)
        return out


_RETURNS = ((Row.RETURN_1, 1), (Row.RETURN_5, 5), (Row.RETURN_20, 20), (Row.RETURN_60, 60))
_YEAR = float(np.sqrt(DAYS_PER_YEAR))


@njit(cache=True, nogil=True)
def _advance(ring: FloatArray, seen: IntArray, code: IntArray, bars: FloatArray, out: FloatArray) -> None:
    """Push (3, k) adjusted closes, volumes and money, and write the (B, k) numbers of the bars."""
    room = np.empty(20)
    out[:] = np.nan
    for i in range(code.size):
        own, n = ring[code[i]], seen[code[i]]
        if n >= 20:  # a bar's volume is held against the bars before it
            typical = median_of(latest(own[1], n - 1, 20), room)
            if typical > 0.0:
                out[5, i] = bars[1, i] / typical
        for series in range(3):
            push(own[series], n, bars[series, i])
        out[0, i], out[1, i] = change_over(own[0], n, 1), change_over(own[0], n, 5)
        out[2, i], out[3, i] = change_over(own[0], n, 20), change_over(own[0], n, 60)
        push(own[3], n, out[0, i])
        if n >= 19:
            out[4, i] = window_moments(latest(own[3], n, 20))[1] * _YEAR
            out[6, i] = median_of(latest(own[2], n, 20), room)
        _answers(own[0], n, out[:, i])
        seen[code[i]] = n + 1


@njit(cache=True, nogil=True)
def _answers(closes: FloatArray, n: int, out: FloatArray) -> None:
    """Write whether the symbol rose, is above its mean, at its high, at its low."""
    now = latest(closes, n, 1)[0]
    if np.isfinite(out[0]):
        out[7] = 1.0 if out[0] > 0.0 else 0.0
    if n >= 49 and np.isfinite(now):
        mean = window_moments(latest(closes, n, 50))[0]
        if np.isfinite(mean):
            out[8] = 1.0 if now > mean else 0.0
    if n >= 59 and np.isfinite(now):
        low, high = window_extremes(latest(closes, n, 60))
        if high > low:
            out[9], out[10] = 1.0 if now >= high else 0.0, 1.0 if now <= low else 0.0
