"""From forecasts to a portfolio's daily returns after costs, on positions that could have been held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, TimeArray
from tradewind.evaluation.days import ranks_within
from tradewind.evaluation.pivot import Grid, carry_over_gaps, rolling_volatility
from tradewind.evaluation.trading_metrics import TradingStats, drawdown_curve, equity_curve, trading_stats


class BacktestSettings(Settings):
    """How forecasts become positions.

    Attributes
    ----------
    side : hold both signs, or longs only.
    weights : "sign": each symbol gets one share of the book, long or short by ``signal``; "rank": in proportion to the
        day's rank around the middle; "decile": equal weights in the best ``tail`` share against the worst.
        Gross exposure never exceeds 1. A signal that is the same for every symbol has no rank and no decile.
    signal : the column ranked ("probability" counts from 0.5).
    execution : "next_bar": decided at the close of t, traded at the close of t + 1, earns the move from t + 1 to t + 2;
        "close": traded at the very close the forecast was made from, earns the label's own return.
    cost_bp, slippage_bp : basis points per unit of turnover (sum of absolute weight changes, both sides counted).
    slippage_volatility : further slippage per unit of turnover as a share of the symbol's daily volatility, estimated
        over the ``volatility_window`` bars before the trade (2 % while fewer than five are known).
    """

    side: Literal["long_short", "long_only"] = "long_short"
    weights: Literal["sign", "rank", "decile"] = "sign"
    signal: Literal["probability", "expected_return"] = "probability"
    execution: Literal["next_bar", "close"] = "next_bar"
    tail: float = Field(0.1, gt=0, le=0.5)
    cost_bp: float = Field(5.0, ge=0)
    slippage_bp: float = Field(0.0, ge=0)
    slippage_volatility: float = Field(0.0, ge=0, le=1)
    volatility_window: int = Field(20, ge=5)
    periods_per_year: int = Field(252, ge=1)
    n_trials: int = Field(1, ge=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Backtest:
    """A portfolio's life; the row of a day holds what was earned from that day's close to the next.

    Attributes
    ----------
    days : (D,) close from which each row's positions are held.
    returns, gross : (D,) daily return after and before costs. turnover : (D,) sum of absolute weight changes.
    weights : (D, S) positions of ``symbols`` held over each row; moves : (D, S) their returns, 0 where unknown.
    exposure : (D,) sum of absolute weights. net_exposure : (D,) sum of weights.
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


def target_weights(signal: FloatArray, settings: BacktestSettings) -> FloatArray:
    """(D, S) portfolio weights from a (D, S) signal around 0, NaN where a symbol is not to be held."""
    known = np.isfinite(signal)
    count = known.sum(axis=1, keepdims=True).astype(np.float64)
    filled = np.where(known, signal, 0.0)
    if settings.weights == "sign":
        raw = np.sign(filled) / np.maximum(count, 1)
    else:
        day = np.nonzero(known)[0]
        rank = np.zeros(signal.shape)
        rank[known] = ranks_within(signal[known], day)
        around = np.where(known, rank - (count + 1) / 2, 0.0)
        raw = _tails(signal, known, settings.tail) if settings.weights == "decile" else around
    if settings.side == "long_only":
        raw = np.maximum(raw, 0.0)
    if settings.weights == "sign":
        return np.asarray(raw, dtype=np.float64)
    gross = np.abs(raw).sum(axis=1, keepdims=True)
    weights: FloatArray = raw / np.where(gross > 0, gross, 1.0)
    return weights


def _tails(signal: FloatArray, known: BoolArray, share: float) -> FloatArray:
    """(D, S) equal positive weights in the best ``share`` of each day, negative in the worst, each side summing to 1.

    Ties at a cut are all held; where the two cuts meet (too few or equal signals) nothing is.
    """
    if not signal.size:
        return signal
    count = known.sum(axis=1, keepdims=True)
    each = np.maximum(np.floor(count * share).astype(np.int64), 1)
    ordered = np.sort(np.where(known, signal, np.inf), axis=1)
    top = np.take_along_axis(ordered, np.maximum(count - each, 0), axis=1)
    bottom = np.take_along_axis(ordered, np.minimum(each - 1, ordered.shape[1] - 1), axis=1)
    apart = (top > bottom) & np.isfinite(top)
    longs = (known & apart & (np.where(known, signal, -np.inf) >= top)).astype(np.float64)
    shorts = (known & apart & (np.where(known, signal, np.inf) <= bottom)).astype(np.float64)
    sides = [side / np.maximum(side.sum(axis=1, keepdims=True), 1.0) for side in (longs, shorts)]
    return np.asarray(sides[0] - sides[1], dtype=np.float64)


def _drifted(weights: FloatArray, returns: FloatArray) -> FloatArray:
    """(D, S) weights each row's positions have grown into when the next row trades; the first row starts in cash."""
    grown = weights * (1 + returns) / np.maximum(1 + (weights * returns).sum(axis=1, keepdims=True), 1e-9)
    return np.vstack([np.zeros((1, weights.shape[1])), grown[:-1]])


def backtest(outcomes: Outcomes, settings: BacktestSettings | None = None) -> Backtest:
    """Trade ``outcomes`` day by day (labels of the next bar; rows without a return earn nothing).

    Between two of its bars a symbol that misses days keeps its position; its return over the gap is the one of the row
    before it. Closing the book on the last day is not charged.
    """
    settings = settings or BacktestSettings()
    grid = Grid.of(outcomes)
    middle = 0.5 if settings.signal == "probability" else 0.0
    signal = grid.table(getattr(outcomes, settings.signal) - middle)
    known_return = grid.table(outcomes.forward_return)
    weights = target_weights(carry_over_gaps(signal, grid.present), settings)
    friction = (settings.cost_bp + settings.slippage_bp) * 1e-4 + settings.slippage_volatility * rolling_volatility(
        known_return, settings.volatility_window, 0.02
    )
    moves = np.nan_to_num(known_return, nan=0.0)
    days = grid.days
    if settings.execution == "next_bar":
        weights, moves, days, friction = weights[:-1], moves[1:], days[1:], friction[1:]
    # The last rows have no return yet when their next bar has not come: nothing was held over them.
    ended = np.isfinite(known_return[len(known_return) - len(days) :]).any(axis=1)
    last = int(np.nonzero(ended)[0][-1]) + 1 if ended.any() else 0
    weights, moves, days, friction = weights[:last], moves[:last], days[:last], friction[:last]
    change = np.abs(weights - _drifted(weights, moves)) if last else weights
    gross = (weights * moves).sum(axis=1)
    net = gross - (change * friction).sum(axis=1)
    held = _buy_and_hold(moves, (settings.cost_bp + settings.slippage_bp) * 1e-4)
    year, trials = settings.periods_per_year, settings.n_trials
    return Backtest(
        days=days,
        returns=net,
        gross=gross,
        turnover=change.sum(axis=1),
        symbols=grid.symbols,
        weights=weights,
        moves=moves,
        exposure=np.abs(weights).sum(axis=1),
        net_exposure=weights.sum(axis=1),
        stats=trading_stats(net, periods_per_year=year, n_trials=trials),
        benchmark=held,
        benchmark_stats=trading_stats(held, periods_per_year=year),
        periods_per_year=year,
    )


def _buy_and_hold(moves: FloatArray, entry_cost: float) -> FloatArray:
    """(D,) daily returns of one share of the book in every symbol, bought once and never touched."""
    if not moves.size:
        return np.zeros(len(moves))
    wealth = np.cumprod(1 + np.maximum(moves, -1.0), axis=0).mean(axis=1)
    returns = wealth / np.maximum(np.r_[1.0, wealth[:-1]], 1e-12) - 1
    returns[0] -= entry_cost
    return np.asarray(returns, dtype=np.float64)
