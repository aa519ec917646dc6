"""What a series of portfolio returns was worth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.sharpe_inference import deflated_sharpe, probabilistic_sharpe

NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class TradingStats:
    """Figures of one return series; NaN where it is too short or does not vary.

    Attributes
    ----------
    n : periods (days).
    total_return : compounded, a fraction; annual_return : the same per year; annual_volatility : a fraction.
    sharpe : mean over standard deviation (ddof 1), annualised, no risk-free rate.
    sortino : mean over root mean square of the losses, annualised (Sortino and Price 1994).
    max_drawdown : largest fall from a peak (start included), a fraction >= 0; calmar : annual_return over it.
    hit_rate : share of positive days among days that gained or lost; profit_factor : gains over losses.
    probabilistic_sharpe : P(true Sharpe > 0); deflated_sharpe : P(true Sharpe > the best of the tries by luck).
    """

    n: int
    total_return: float
    annual_return: float
    annual_volatility: float
    sharpe: float
    sortino: float
    max_drawdown: float
    calmar: float
    hit_rate: float
    profit_factor: float
    probabilistic_sharpe: float
    deflated_sharpe: float

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def equity_curve(returns: FloatArray) -> FloatArray:
    """(n,) wealth after each period from a start of 1; a loss of everything stays at 0."""
    return np.asarray(np.cumprod(1.0 + np.maximum(returns, -1.0)), dtype=np.float64)


def drawdown_curve(equity: FloatArray) -> FloatArray:
    """(n,) fall from the highest wealth so far (the start of 1 included), a fraction >= 0."""
    peak = np.maximum(np.maximum.accumulate(equity), 1.0) if len(equity) else equity
    return 1.0 - equity / peak


def over(top: float, bottom: float) -> float:
    """Return ``top / bottom``, NaN where the bottom is zero (to rounding)."""
    return top / bottom if abs(bottom) > 1e-15 else NAN


def trading_stats(returns: FloatArray, *, periods_per_year: int = 252, n_trials: int = 1) -> TradingStats:
    """Figures of ``returns`` (n,), finite fractions per period.

    Parameters
    ----------
    periods_per_year : used to annualise.
    n_trials : strategies tried, for the deflated Sharpe ratio.
    """
    n = len(returns)
    if n == 0:
        return TradingStats(n=0, **dict.fromkeys([f for f in TradingStats.__annotations__ if f != "n"], NAN))
    equity = equity_curve(returns)
    average, year = float(returns.mean()), np.sqrt(periods_per_year)
    spread = float(returns.std(ddof=1)) if n > 1 else 0.0
    gains, losses = float(returns[returns > 0].sum()), float(-returns[returns < 0].sum())
    total = float(equity[-1]) - 1.0
    annual = float((1.0 + total) ** (periods_per_year / n)) - 1.0
    worst = float(drawdown_curve(equity).max())
    moved = int((returns != 0).sum())
    return TradingStats(
        n=n,
        total_return=total,
        annual_return=annual,
        annual_volatility=spread * float(year) if n > 1 else NAN,
        sharpe=over(average, spread) * float(year),
        sortino=over(average, float(np.sqrt((np.minimum(returns, 0.0) ** 2).mean()))) * float(year),
        max_drawdown=worst,
        calmar=over(annual, worst),
        hit_rate=over(float((returns > 0).sum()), float(moved)),
        profit_factor=over(gains, losses),
        probabilistic_sharpe=probabilistic_sharpe(returns),
        deflated_sharpe=deflated_sharpe(returns, n_trials=n_trials),
    )
