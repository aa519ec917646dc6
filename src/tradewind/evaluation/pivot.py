"""Outcomes laid out day by symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TimeArray
from tradewind.evaluation.days import day_codes


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Index of outcomes' rows in a day by symbol table.

    Attributes
    ----------
    days : (D,) ``datetime64[D]``; symbols : (S,) str; day, symbol : (m,) cell of each row.
    """

    days: TimeArray
    symbols: AnyArray
    day: IntArray
    symbol: IntArray

    @classmethod
    def of(cls, outcomes: Outcomes) -> Grid:
        """Index ``outcomes``; of two rows of a symbol on one day the later counts."""
        day, days = day_codes(outcomes.time)
        symbols, code = np.unique(outcomes.symbol, return_inverse=True)
        return cls(days=days, symbols=symbols, day=day, symbol=code.astype(np.int64))

    def table(self, values: FloatArray) -> FloatArray:
        """(D, S) ``values`` (m,), NaN in cells without a row."""
        out = np.full((len(self.days), len(self.symbols)), np.nan)
        out[self.day, self.symbol] = values
        return out

    @property
    def present(self) -> BoolArray:
        """(D, S) True where there is a row."""
        out = np.zeros((len(self.days), len(self.symbols)), dtype=bool)
        out[self.day, self.symbol] = True
        return out


def carry_over_gaps(table: FloatArray, present: BoolArray) -> FloatArray:
    """Fill cells between a symbol's first and last row that have none with its last earlier value."""
    if not table.size:
        return table
    index = np.where(present, np.arange(len(table))[:, None], -1)
    last = np.maximum.accumulate(index, axis=0)
    alive = (last >= 0) & (np.maximum.accumulate(present[::-1], axis=0)[::-1])
    filled = np.take_along_axis(table, np.maximum(last, 0), axis=0)
    return np.where(alive, filled, np.nan)


def rolling_volatility(returns: FloatArray, window: int, initial: float) -> FloatArray:
    """(D, S) standard deviation of the ``window`` returns that ended by each row's day; ``initial`` before five exist.

    ``returns`` (D, S) holds at day t the move from t to t + 1, so day t sees rows up to t - 1 only.
    """
    known = np.isfinite(returns)
    value = np.where(known, returns, 0.0)

    def window_sum(v: FloatArray) -> FloatArray:
        total = np.vstack([np.zeros((1, v.shape[1])), np.cumsum(v, axis=0)])[:-1]
        early = np.vstack([np.zeros((window, v.shape[1])), total])[: len(total)]
        part: FloatArray = total - early
        return part

    count = window_sum(known.astype(np.float64))
    safe = np.maximum(count, 2.0)
    variance = (window_sum(value**2) - window_sum(value) ** 2 / safe) / (safe - 1)
    return np.where(count >= 5, np.sqrt(np.maximum(variance, 0.0)), initial)
