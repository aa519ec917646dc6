"""What somebody earns who forecasts a rise of everything, always: the yardstick beside every backtest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.web.projects import Project
from tradewind.web.views.analyst.backtest_shapes import BacktestControls
from tradewind.web.views.analyst.market_track import track_files

if TYPE_CHECKING:
    from tradewind.evaluation import TradingTables

_HELD = 32


class AlwaysUp:
    """Long every symbol that is forecast, evened out daily; kept by span, for costs only scale the turnover."""

    def __init__(self, tables: TradingTables) -> None:
        self._tables = tables
        self._held: OrderedDict[tuple[object, ...], tuple[FloatArray, FloatArray]] = OrderedDict()
        self._lock = threading.Lock()

    def returns(self, controls: BacktestControls) -> FloatArray:
        """(D,) daily returns after the costs of ``controls``, over its span."""
        key = (controls.execution, controls.start, controls.end)
        with self._lock:
            if key not in self._held:
                self._held[key] = self._run(controls)
            self._held.move_to_end(key)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            gross, turnover = self._held[key]
        net: FloatArray = gross - turnover * (controls.cost_bp + controls.slippage_bp) * 1e-4
        return net

    def _run(self, controls: BacktestControls) -> tuple[FloatArray, FloatArray]:
        from tradewind.evaluation import BacktestSettings, trade

        settings = BacktestSettings(side="long_only", execution=controls.execution, cost_bp=0.0)
        result = trade(self._tables, settings, first=controls.first, last=controls.last)
        return result.gross, result.turnover


def always_up(project: Project, tables: TradingTables) -> AlwaysUp:
    """Return the yardstick over the symbols and days of ``tables``, the project's own; kept until its files change."""

    def make() -> AlwaysUp:
        rise = np.where(np.isfinite(tables.probability), 0.5, np.nan)
        return AlwaysUp(tables.with_probability(rise))

    return project.derived("always up", track_files(project), make)
