"""The market's features: what the rows of a day say together, the series of days, and the place of each row."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features.cross_section import ranks
from tradewind.features.market import DAYS_PER_YEAR, REGIME_WINDOW
from tradewind.features.online.rings import latest, mean_of, over_mean, percentile_of, push
from tradewind.features.trailing import window_moments

_YEAR = float(np.sqrt(DAYS_PER_YEAR))


class Day(IntEnum):
    """Numbers of a day; the last three are no features, others read them."""

    RETURN_1 = 0
    RETURN_5 = 1
    RETURN_20 = 2
    VOLATILITY = 3
    RISING = 4
    ABOVE_MEAN = 5
    HIGHS_MINUS_LOWS = 6
    DISPERSION_1 = 7
    DISPERSION_20 = 8
    REGIME = 9
    RETURN_OVER_20 = 10  # mean of the symbols' own 20-bar returns
    GREED = 11  # the index of fear and greed without the fear component


DAY_FEATURES = (
    "market_return_1", "market_return_5", "market_return_20", "market_volatility_20", "breadth_rising",
    "breadth_above_mean_50", "new_highs_lows_60", "dispersion_1", "dispersion_20", "volatility_regime_250",
)  # fmt: skip
"""Features that are equal for all rows of a day, in the order of :class:`Day`."""

RANK_FEATURES = (
    "return_rank_1", "return_rank_5", "return_rank_20", "return_rank_60", "volatility_rank_20",
    "volume_surprise_rank_20", "size_rank_20", "size_bucket_20",
)  # fmt: skip
"""Places of a row among the day's, in the order of :class:`across_rows.Row`; then the third of the size."""


class MarketDays:
    """The series of days: the market's returns, its level, volatility, breadth, and the index of fear and greed.

    The k-th slice is the k-th day.
    """

    def __init__(self) -> None:
        self._ring = np.full((8, 2 * REGIME_WINDOW), np.nan)
        self._seen = np.zeros(1, dtype=np.int64)
        self._level = np.ones(1)
        self.memory: dict[str, AnyArray] = {"ring": self._ring, "seen": self._seen, "level": self._level}

    def advance(self, rows: FloatArray) -> FloatArray:
        """Take the (B, k) numbers of a slice's symbols in; (D,) numbers in the order of :class:`Day`."""
        day = np.full(len(Day), np.nan)
        _across(rows, day)
        _along(self._ring, self._seen, self._level, day, rows.shape[1])
        return day


@njit(cache=True, nogil=True)
def rank_rows(rows: FloatArray, out: FloatArray) -> None:
    """Write the (8, k) places of the rows of (B, k) numbers."""
    k = rows.shape[1]
    order, bounds = np.arange(k), np.array([0, k])
    for j in range(7):
        out[j] = ranks(rows[j], order, bounds)
    for i in range(k):
        out[7, i] = third(out[6, i])


@njit(cache=True, nogil=True)
def third(share: float) -> float:
    """Return 0, 1 or 2 for the third that a share in [0, 1] lies in."""
    return min(np.floor(share * 3.0), 2.0) if share == share else np.nan


@njit(cache=True, nogil=True)
def deviation_of(values: FloatArray) -> float:
    """Return the sample deviation of the finite values, summed in their order; NaN for fewer than two."""
    centre = mean_of(values, 1)
    square, count = 0.0, 0
    for value in values:
        part = (value - centre) * (value - centre)
        if np.isfinite(part):
            square += part
            count += 1
    return np.sqrt(square / (count - 1)) if count >= 2 else np.nan


@njit(cache=True, nogil=True)
def _across(rows: FloatArray, day: FloatArray) -> None:
    """Write what the rows of the day say together."""
    day[0] = mean_of(rows[0], 2)
    day[4], day[5] = mean_of(rows[7], 2), mean_of(rows[8], 2)
    day[6] = mean_of(rows[9], 2) - mean_of(rows[10], 2)
    day[7], day[8] = deviation_of(rows[0]), deviation_of(rows[2])
    day[10] = mean_of(rows[2], 2)


@njit(cache=True, nogil=True)
def _mean_of_copies(value: float, k: int) -> float:
    """Return the mean of k equal values as a sum gives it: a last bit decides between a tie and none."""
    total = 0.0
    for _ in range(k):
        total += value
    return total / k


@njit(cache=True, nogil=True)
def _compounded(part: FloatArray) -> float:
    total = 1.0
    for value in part:
        total *= 1.0 + value
    return total - 1.0


@njit(cache=True, nogil=True)
def _along(ring: FloatArray, seen: IntArray, level: FloatArray, day: FloatArray, k: int) -> None:
    """Push the day on the series, and write what these say.

    Series: 0 return, 1 level, 2 volatility, and 4 share rising; 3, 5, 6, 7 the components of the index before they
    are ranked in their history: momentum, strength, breadth, calm.
    """
    n = seen[0]
    move = day[0]
    level[0] *= 1.0 + (move if move == move else 0.0)
    push(ring[0], n, move)
    push(ring[1], n, level[0])
    if n >= 4:
        day[1] = _compounded(latest(ring[0], n, 5))
    if n >= 19:
        day[2] = _compounded(latest(ring[0], n, 20))
        day[3] = window_moments(latest(ring[0], n, 20))[1] * _YEAR
    push(ring[2], n, day[3])
    push(ring[4], n, _mean_of_copies(day[4], k))
    push(ring[3], n, over_mean(window_moments(latest(ring[1], n, 125))[0], level[0]) if n >= 124 else np.nan)
    push(ring[5], n, _mean_of_copies(day[6], k))
    push(ring[6], n, window_moments(latest(ring[4], n, 20))[0] if n >= 19 else np.nan)
    push(ring[7], n, over_mean(window_moments(latest(ring[2], n, 50))[0], day[3]) if n >= 49 else np.nan)
    if n >= ring.shape[1] // 2 - 1:
        history = ring.shape[1] // 2
        day[9] = third(percentile_of(latest(ring[2], n, history)))
        total = percentile_of(latest(ring[3], n, history)) + percentile_of(latest(ring[5], n, history))
        total += percentile_of(latest(ring[6], n, history))
        total += 1.0 - percentile_of(latest(ring[7], n, history))
        day[11] = total / 4.0 if move == move else np.nan
    seen[0] = n + 1
