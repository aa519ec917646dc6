"""The volatility by which return intervals are scaled, bar by bar.

The arithmetic is that of ``models.past.return_scale``: differences of running sums of squared returns, so that the two
are equal to the last bit. A feature may not import a model; a test holds them equal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray

_MONTH, _YEAR = 21, 252
_MONTH_SHARE = 0.7
_FLOOR = 1e-8
_CAPACITY = 256  # a power of two above a year and the sum before it


class ScaleMemory(NamedTuple):
    """(S, ...) latest running sums of squared returns and of their count, adjusted close before, bars so far."""

    squares: FloatArray
    counts: IntArray
    previous: FloatArray
    seen: IntArray


def scale_memory(n_symbols: int) -> ScaleMemory:
    """Return the memory before any bar."""
    return ScaleMemory(
        squares=np.zeros((n_symbols, _CAPACITY)),
        counts=np.zeros((n_symbols, _CAPACITY), dtype=np.int64),
        previous=np.full(n_symbols, np.nan),
        seen=np.zeros(n_symbols, dtype=np.int64),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def run_scale(memory: ScaleMemory, code: IntArray, adj_close: FloatArray, out: FloatArray) -> None:
    """Take the (k,) adjusted closes in and write the (k,) scale; NaN before a symbol has a return."""
    for i in range(code.size):
        s = code[i]
        n = memory.seen[s]
        squares, counts = memory.squares[s], memory.counts[s]
        change = adj_close[i] / memory.previous[s] - 1.0
        known = n >= 1 and np.isfinite(change)
        at, last = (n + 1) & (_CAPACITY - 1), n & (_CAPACITY - 1)
        squares[at] = squares[last] + (change * change if known else 0.0)
        counts[at] = counts[last] + known
        month, year = _mean_square(squares, counts, n, _MONTH), _mean_square(squares, counts, n, _YEAR)
        out[i] = np.sqrt(_MONTH_SHARE * (month * month) + (1.0 - _MONTH_SHARE) * (year * year))
        memory.previous[s] = adj_close[i]
        memory.seen[s] = n + 1


@njit(cache=True, nogil=True)
def _mean_square(squares: FloatArray, counts: IntArray, n: int, bars: int) -> float:
    """Return the root of the mean square of the last ``bars`` returns, plus the floor; NaN without any."""
    at, first = (n + 1) & (_CAPACITY - 1), max(n + 1 - bars, 0) & (_CAPACITY - 1)
    count = counts[at] - counts[first]
    if count == 0:
        return np.nan
    rest = squares[at] - squares[first]
    rest = rest if not rest < 0.0 else 0.0  # a NaN stays
    return float(np.sqrt(rest / count) + _FLOOR)
