"""What the market shows of its regime: one row a day, from the bars of that day and those before it.

History and stream go through the same reader, so their rows are equal bit for bit.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from tradewind.core import Panel, Settings
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray

OBSERVED = ("market_return", "log_volatility", "log_dispersion", "average_correlation")
"""The columns of a row of observations, in their order."""

ABSURD = 1e6
"""A price that is so many times the one before, or so small a part of it, is broken: its return counts as missing."""


class ObservationSettings(Settings):
    """Windows of the market observations.

    Attributes
    ----------
    volatility : sessions of the realised volatility of the market.
    correlation : sessions of the average correlation.
    least : symbols with a return that a session needs to say anything.
    clip : deviations (by the median of absolute deviations of the day) beyond which a symbol's return is cut, so that
        one broken price is no regime; 0: never.
    forget : sessions without a bar after which a symbol's last price is forgotten.
    """

    volatility: Annotated[int, Field(ge=2, le=250)] = 10
    correlation: Annotated[int, Field(ge=5, le=250)] = 20
    least: Annotated[int, Field(ge=2)] = 2
    clip: Annotated[float, Field(ge=0.0)] = 8.0
    forget: Annotated[int, Field(ge=1)] = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class MarketDay:
    """One session of the market.

    Attributes
    ----------
    values : (4,) as :data:`OBSERVED`: equal-weighted return; log of the root mean square of the latest market returns;
        log of the day's cross-sectional deviation; average correlation. NaN where there are too few bars.
    symbol : (m,) str with a return. ``returns`` : (m,) of these, cut as the settings say.
    """

    values: FloatArray
    symbol: AnyArray
    returns: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class MarketObservations:
    """``time`` (T,) sessions and ``values`` (T, 4) as :data:`OBSERVED`; NaN in the first sessions."""

    time: TimeArray
    values: FloatArray

    def until(self, moment: np.datetime64) -> MarketObservations:
        """Return the rows of times not after ``moment``: what a fit may learn from that is used after it."""
        return self.between(np.datetime64("0001-01-01"), moment)

    def between(self, first: np.datetime64, last: np.datetime64) -> MarketObservations:
        """Return the rows of times from ``first`` to ``last``, both included."""
        inside = (self.time >= first) & (self.time <= last)
        return MarketObservations(time=self.time[inside], values=self.values[inside])


class MarketReader:
    """Turns the bars of one session after the other into market observations; memory is bounded by its windows."""

    def __init__(self, settings: ObservationSettings | None = None) -> None:
        self.settings = settings or ObservationSettings()
        self._session = 0
        self._last: dict[str, tuple[float, int]] = {}
        self._market: deque[float] = deque(maxlen=self.settings.volatility)
        self._days: deque[tuple[float, float, float]] = deque(maxlen=self.settings.correlation)

    def update(self, symbol: AnyArray, adj_close: FloatArray) -> MarketDay:
        """Take in the bars of the next session; ``symbol`` (m,), ``adj_close`` (m,), NaN or not positive: missing.

        Only ratios of a symbol's prices are used; a symbol that missed sessions gives its return over all of them.
        """
        self._session += 1
        names: list[str] = []
        moves: list[float] = []
        for name, price in zip(symbol.tolist(), np.asarray(adj_close, dtype=np.float64).tolist(), strict=True):
            if not (math.isfinite(price) and price > 0.0):
                continue
            before = self._last.get(name)
            ratio = float("nan") if before is None else price / before[0]
            if before is not None and before[1] < self._session and 1.0 / ABSURD < ratio < ABSURD:
                names.append(name)
                moves.append(ratio - 1.0)
            self._last[name] = price, self._session
        if self._session % self.settings.forget == 0:
            oldest = self._session - self.settings.forget
            self._last = {name: held for name, held in self._last.items() if held[1] >= oldest}
        returns = self._cut(np.array(moves, dtype=np.float64))
        return MarketDay(values=self._values(returns), symbol=np.array(names, dtype=str), returns=returns)

    def _cut(self, returns: FloatArray) -> FloatArray:
        if self.settings.clip == 0.0 or len(returns) < 5:
            return returns
        middle = float(np.median(returns))
        spread = 1.4826 * float(np.median(np.abs(returns - middle)))
        if spread == 0.0:
            return returns
        reach = self.settings.clip * spread
        cut: FloatArray = np.clip(returns, middle - reach, middle + reach)
        return cut

    def _values(self, returns: FloatArray) -> FloatArray:
        out = np.full(len(OBSERVED), np.nan)
        if len(returns) < self.settings.least:
            return out
        market, size = float(returns.mean()), len(returns)
        self._market.append(market)
        # Under one common correlation rho the variance of an equal-weighted mean of n returns is
        # (own + (n - 1) * shared) / n, and rho = shared / own; squares stand for variances of a day.
        own, square = float(np.square(returns).mean()), market * market
        self._days.append((own, square, (size * square - own) / (size - 1)))
        out[0] = market
        volatility = float(np.sqrt(np.square(np.array(self._market)).mean()))
        if len(self._market) == self.settings.volatility and volatility > 0.0:
            out[1] = np.log(volatility)
        dispersion = float(returns.std())
        if dispersion > 0.0:
            out[2] = np.log(dispersion)
        if len(self._days) == self.settings.correlation:
            held = np.array(self._days)
            total = float(held[:, 0].sum())
            if total > 0.0:
                out[3] = float(np.clip(held[:, 2].sum() / total, -1.0, 1.0))
        return out


def market_observations(panel: Panel, settings: ObservationSettings | None = None) -> MarketObservations:
    """Return the observations of every session of ``panel``; no later bar changes a row."""
    reader = MarketReader(settings)
    times = panel.times
    order = np.lexsort((panel.symbol_code, panel.time))
    bounds = np.searchsorted(panel.time[order], times)
    names = np.array(panel.symbols, dtype=str)
    values = np.empty((len(times), len(OBSERVED)))
    for at, rows in enumerate(np.split(order, bounds[1:]) if len(times) else []):
        values[at] = reader.update(names[panel.symbol_code[rows]], panel.adj_close[rows]).values
    return MarketObservations(time=times, values=values)
