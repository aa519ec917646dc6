"""From forecasts to a portfolio's daily returns after costs, on positions that could have been held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray
from tradewind.evaluation.positions import BacktestSettings
from tradewind.evaluation.trading_kernel import held_wealth, walk
from tradewind.evaluation.trading_metrics import TradingStats, drawdown_curve, equity_curve, trading_stats
from tradewind.evaluation.trading_tables import TradingTables


@dataclass(frozen=True, kw_only=True, eq=False)
class Backtest:
    """A portfolio's life; the row of a day holds what was earned from that day's close to the next.

    Attributes
    ----------
    days : (D,) close from which each row's positions are held.
    returns, gross : (D,) daily return after and before costs. turnover : (D,) sum of absolute weight changes.
    weights : (D, S) positions of ``symbols`` held over each row; moves : (D, S) their returns, 0 where unknown.
    exposure : (D,) sum of absolute weights. net_exposure : (D,) sum of weights.
    symbol_gross, symbol_cost : (S,) what each symbol earned before costs and what trading it cost, summed over days.
    stats : figures of ``returns``; benchmark : (D,) returns of equal-weight buy and hold of the same symbols after the
        same cost of entry, benchmark_stats its figures.
    """

    days: TimeArray
    returns: FloatArray
    gross: FloatArray
    turnover: FloatArray
    symbols: AnyArray
    weights: FloatArray
    moves: FloatArray
    exposure: FloatArray
    net_exposure: FloatArray
    symbol_gross: FloatArray
    symbol_cost: FloatArray
    stats: TradingStats
    benchmark: FloatArray
    benchmark_stats: TradingStats
    periods_per_year: int

    @property
    def market(self) -> FloatArray:
        """(D,) equal-weight return of the symbols, rebalanced daily without cost."""
        return self.moves.mean(axis=1) if self.moves.size else np.zeros(len(self.moves))

    @property
    def equity(self) -> FloatArray:
        """(D,) wealth after each row, from 1."""
        return equity_curve(self.returns)

    @property
    def drawdown(self) -> FloatArray:
        """(D,) fall from the peak, >= 0."""
        return drawdown_curve(self.equity)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures (no daily series)."""
        known = len(self.returns) > 0
        daily = float(self.turnover.mean()) if known else float("nan")
        return {
            **self.stats.to_dict(),
            "turnover": daily,
            "annual_turnover": daily * self.periods_per_year,
            "exposure": float(self.exposure.mean()) if known else float("nan"),
            "net_exposure": float(self.net_exposure.mean()) if known else float("nan"),
            "cost": float((self.gross - self.returns).sum()),
            "buy_and_hold": self.benchmark_stats.to_dict(),
        }


def backtest(outcomes: Outcomes, settings: BacktestSettings | None = None) -> Backtest:
    """Trade ``outcomes`` day by day (labels of the next bar; rows without a return earn nothing).

    Between two of its bars a symbol that misses days keeps its position; its return over the gap is the one of the row
    before it. Closing the book on the last day is not charged.
    """
    return trade(TradingTables.of(outcomes), settings)


def trade(
    tables: TradingTables,
    settings: BacktestSettings | None = None,
    *,
    first: np.datetime64 | None = None,
    last: np.datetime64 | None = None,
    least: float = 0.0,
) -> Backtest:
    """Trade what ``tables`` hold, as :func:`backtest` does; many settings of the same tables share their work.

    Parameters
    ----------
    first, last : only days from ``first`` to ``last``, both included; the book starts in cash.
    least : with ``weights = "sign"``, a signal nearer to its middle than this is not traded.
    """
    settings = settings or BacktestSettings()
    weights, moves, days, came = tables.weights(settings, least), tables.moves, tables.days, tables.came
    slip = settings.slippage_volatility
    friction = slip * tables.volatility(settings.volatility_window) if slip else np.zeros((0, weights.shape[1]))
    if settings.execution == "next_bar":
        weights, moves, days, came, friction = weights[:-1], moves[1:], days[1:], came[1:], friction[1:]
    # The last rows have no return yet when their next bar has not come: nothing was held over them.
    end = int(np.nonzero(came)[0][-1]) + 1 if came.any() else 0
    begin = 0 if first is None else int(np.searchsorted(days, first.astype("datetime64[D]"), side="left"))
    if last is not None:
        end = min(end, int(np.searchsorted(days, last.astype("datetime64[D]"), side="right")))
    span = slice(min(begin, end), end)
    weights, moves, days, friction = weights[span], moves[span], days[span], friction[span]
    flat = (settings.cost_bp + settings.slippage_bp) * 1e-4
    daily, symbol_gross, symbol_cost = walk(weights, moves, flat, friction)
    net = daily[:, 0] - daily[:, 2]
    held = _buy_and_hold(moves, flat)
    year, trials = settings.periods_per_year, settings.n_trials
    return Backtest(
        days=days,
        returns=net,
        gross=daily[:, 0],
        turnover=daily[:, 1],
        symbols=tables.symbols,
        weights=weights,
        moves=moves,
        exposure=daily[:, 3],
        net_exposure=daily[:, 4],
        symbol_gross=symbol_gross,
        symbol_cost=symbol_cost,
        stats=trading_stats(net, periods_per_year=year, n_trials=trials),
        benchmark=held,
        benchmark_stats=trading_stats(held, periods_per_year=year),
        periods_per_year=year,
    )


def _buy_and_hold(moves: FloatArray, entry_cost: float) -> FloatArray:
    """(D,) daily returns of one share of the book in every symbol, bought once and never touched."""
    if not moves.size:
        return np.zeros(len(moves))
    wealth = held_wealth(moves)
    returns = wealth / np.maximum(np.r_[1.0, wealth[:-1]], 1e-12) - 1
    returns[0] -= entry_cost
    return np.asarray(returns, dtype=np.float64)
