"""Regimes that need no model: thirds of the market's own volatility, and the direction of its trend."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray
from tradewind.features import row_slices
from tradewind.features.slices import FIRST_REGIME_DAYS, REGIME_DAYS, UNKNOWN, VOLATILITY_REGIMES

TREND_REGIMES = ("down", "flat", "up")


def volatility_regimes(panel: Panel) -> tuple[TimeArray, AnyArray]:
    """(T,) sessions of ``panel`` and the volatility regime of each, as its rows' slices name it."""
    regime = row_slices(panel).volatility_regime
    first = np.unique(panel.time_code, return_index=True)[1]
    return panel.times, regime[first]


class VolatilityRegime:
    """The third (``calm``, ``normal``, ``stressed``) of a volatility among its latest 250 values, updated day by day.

    Fed with the market's 20-day volatility it names what :func:`volatility_regimes` names.
    """

    def __init__(self, days: int = REGIME_DAYS, first: int = FIRST_REGIME_DAYS) -> None:
        self._days, self._first = days, first
        self._held: deque[float] = deque()
        self._sorted: list[float] = []

    def update(self, volatility: float) -> str:
        """Take in the next value; ``unknown`` for NaN and for the first values."""
        if not np.isfinite(volatility):
            return UNKNOWN
        self._held.append(volatility)
        insort(self._sorted, volatility)
        if len(self._held) > self._days:
            del self._sorted[bisect_left(self._sorted, self._held.popleft())]
        if len(self._held) < self._first:
            return UNKNOWN
        below, upto = bisect_left(self._sorted, volatility), bisect_right(self._sorted, volatility)
        share = (below + 0.5 * (upto - below)) / len(self._held)
        return VOLATILITY_REGIMES[min(int(share * 3.0), 2)]


class TrendRegime:
    """Whether the market goes ``up``, ``down`` or ``flat``: the t-statistic of its mean log return over a window.

    The line through a price is no fit for this: the errors of a random walk about it hang together, and its t-statistic
    finds trends everywhere (Durlauf and Phillips, "Trends versus random walks", Econometrica 1988). That of the mean
    return is right under the same null.
    """

    def __init__(self, window: int = 60, bound: float = 1.5) -> None:
        self._bound = bound
        self._held: deque[float] = deque(maxlen=window)
        self.statistic = float("nan")

    def update(self, market_return: float) -> str:
        """Take in the next return of the market; NaN leaves what is known; ``unknown`` before a full window."""
        if np.isfinite(market_return) and market_return > -1.0:
            self._held.append(float(np.log1p(market_return)))
        if len(self._held) < (self._held.maxlen or 0):
            return UNKNOWN
        held = np.array(self._held)
        spread = float(held.std(ddof=1)) / np.sqrt(len(held))
        if spread <= 1e-15:
            self.statistic = float("nan")
            return "flat" if abs(held.mean()) <= 1e-15 else ("up" if held.mean() > 0 else "down")
        self.statistic = float(held.mean() / spread)
        if abs(self.statistic) < self._bound:
            return "flat"
        return "up" if self.statistic > 0 else "down"


def trend_regimes(market_return: FloatArray, window: int = 60, bound: float = 1.5) -> AnyArray:
    """(T,) trend regime of each session from the returns (T,) of the market up to it."""
    reader = TrendRegime(window, bound)
    return np.array([reader.update(float(value)) for value in market_return], dtype=object).astype(str)
