"""A simple daily portfolio of what was served, one day at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.evaluation.positions import BacktestSettings, target_weights
from tradewind.monitoring.performance.join import JoinedRows


@dataclass(frozen=True, kw_only=True)
class BookDay:
    """What a day earned: fractions of the book; ``turnover`` is the sum of absolute changes of weights."""

    day: np.datetime64
    returns: float
    gross: float
    turnover: float


class Book:
    """Holds, from each close to the next, one share of each symbol long or short by its forecast.

    It does in steps what :func:`tradewind.evaluation.backtest.backtest` does at once with ``execution="close"``; a
    symbol without a forecast that day is not held.
    """

    def __init__(self, settings: BacktestSettings) -> None:
        self.settings = settings
        self._held: dict[str, float] = {}

    def trade(self, rows: JoinedRows) -> BookDay | None:
        """Take in a day's forecasts with their returns; None where no return is known. Unknown returns earn nothing."""
        known = np.isfinite(rows.forward_return)
        if not known.any():
            return None
        symbols = rows.symbol.tolist()
        weights = target_weights((rows.probability - 0.5)[None, :], self.settings)[0]
        moves = np.where(known, rows.forward_return, 0.0)
        before = np.array([self._held.get(symbol, 0.0) for symbol in symbols])
        left = sum(abs(held) for symbol, held in self._held.items() if symbol not in set(symbols))
        turnover = float(np.abs(weights - before).sum() + left)
        gross = float(weights @ moves)
        cost = turnover * (self.settings.cost_bp + self.settings.slippage_bp) * 1e-4
        grown = weights * (1 + moves) / max(1 + gross, 1e-9)
        self._held = {symbol: held for symbol, held in zip(symbols, grown.tolist(), strict=True) if held != 0.0}
        return BookDay(day=rows.time[0], returns=gross - cost, gross=gross, turnover=turnover)
