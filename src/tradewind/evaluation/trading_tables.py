"""What every backtest of the same forecasts shares, so that another setting costs milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, TimeArray
from tradewind.evaluation.pivot import Grid, carry_over_gaps, rolling_volatility
from tradewind.evaluation.positions import BacktestSettings, ordered_signal, ranked_signal, target_weights

_HELD = 8
UNKNOWN_VOLATILITY = 0.02
"""Daily volatility of a symbol of which fewer than five returns are known."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TradingTables:
    """Forecasts and what came of them, day by symbol, with the tables derived of them kept; safe between threads.

    Attributes
    ----------
    days : (D,) ``datetime64[D]``; symbols : (S,) str.
    probability, expected_return : (D, S) the signals around 0 (a probability less 0.5), carried over a symbol's missing
        days; NaN before its first and after its last.
    known_return : (D, S) return from each day to the symbol's next bar, NaN where unknown; moves : with 0 there.
    came : (D,) True where any return is known.
    """

    days: TimeArray
    symbols: AnyArray
    probability: FloatArray
    expected_return: FloatArray
    known_return: FloatArray
    moves: FloatArray
    came: BoolArray
    _held: OrderedDict[tuple[Any, ...], FloatArray] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def of(cls, outcomes: Outcomes) -> TradingTables:
        """Lay ``outcomes`` out; labels are of the next bar."""
        grid = Grid.of(outcomes)
        present, known = grid.present, grid.table(outcomes.forward_return)
        came: BoolArray = np.asarray(np.isfinite(known).any(axis=1))
        return cls(
            days=grid.days,
            symbols=grid.symbols,
            probability=carry_over_gaps(grid.table(outcomes.probability - 0.5), present),
            expected_return=carry_over_gaps(grid.table(outcomes.expected_return), present),
            known_return=known,
            moves=np.nan_to_num(known, nan=0.0),
            came=came,
        )

    def with_probability(self, probability: FloatArray) -> TradingTables:
        """Return the same days and returns with other probabilities (D, S), less 0.5."""
        return TradingTables(
            days=self.days,
            symbols=self.symbols,
            probability=probability,
            expected_return=self.expected_return,
            known_return=self.known_return,
            moves=self.moves,
            came=self.came,
        )

    def signal(self, name: str) -> FloatArray:
        """(D, S) ``probability`` less 0.5, or ``expected_return``."""
        table: FloatArray = getattr(self, name)
        return table

    def weights(self, settings: BacktestSettings, least: float = 0.0) -> FloatArray:
        """(D, S) positions that ``settings`` ask for; read only.

        ``least`` : with ``weights = "sign"``, a signal that is nearer to 0 than this is not traded.
        """
        kind, name = settings.weights, settings.signal
        key = ("weights", kind, name, settings.side, settings.tail if kind == "decile" else least)
        signal = self.signal(name)
        if kind == "sign":
            return self._keep(
                key,
                lambda: target_weights(np.where(np.abs(signal) < least, 0.0, signal) if least else signal, settings),
            )
        if kind == "rank":
            ranks = self._keep(("ranks", name), lambda: ranked_signal(signal))
            return self._keep(key, lambda: target_weights(signal, settings, ranks=ranks))
        ordered = self._keep(("ordered", name), lambda: ordered_signal(signal))
        return self._keep(key, lambda: target_weights(signal, settings, ordered=ordered))

    def volatility(self, window: int) -> FloatArray:
        """(D, S) standard deviation of the ``window`` returns known by each day."""
        return self._keep(
            ("volatility", window), lambda: rolling_volatility(self.known_return, window, UNKNOWN_VOLATILITY)
        )

    def _keep(self, key: tuple[Any, ...], make: Callable[[], FloatArray]) -> FloatArray:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        table = make()
        with self._lock:
            self._held[key] = table
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
        return table
