"""What a portfolio of the forecasts earned out of sample when the model was approved, and how far luck may stray."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core import InputError, Outcomes
from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.evaluation.backtest import backtest
from tradewind.evaluation.positions import BacktestSettings
from tradewind.evaluation.trading_metrics import drawdown_curve, equity_curve
from tradewind.monitoring.performance.expectation import Promise
from tradewind.monitoring.performance.settings import BusinessSettings

YEAR = 252
BAND = (0.025, 0.975)


@dataclass(frozen=True, kw_only=True, eq=False)
class BusinessExpectation:
    """What the portfolio is held to.

    Attributes
    ----------
    returns : promise of a day's return after costs. ``hits`` : of a day being a gain (1) or not (0).
    regimes : regime -> promise of a day's return in it.
    bands : ``sharpe``, ``pnl``, ``hit_rate``, ``turnover`` -> (low, high) within which 95 % of windows of the
        settings' length lie, if the reference goes on.
    drawdown : the fall from the peak of a year that is told of.
    trading : how forecasts become positions.
    """

    returns: Promise
    hits: Promise
    regimes: Mapping[str, Promise]
    bands: Mapping[str, tuple[float, float]]
    drawdown: float
    trading: BacktestSettings

    @classmethod
    def from_outcomes(cls, outcomes: Outcomes, settings: BusinessSettings | None = None) -> BusinessExpectation:
        """Trade ``outcomes``, out of sample, of at least 30 days.

        Raises
        ------
        InputError : there are too few days, or they all earned the same.
        """
        settings = settings or BusinessSettings()
        trading = BacktestSettings(execution="close", cost_bp=settings.cost_bp)
        book = backtest(outcomes, trading)
        returns = Promise.of(book.returns)
        if returns is None:
            raise InputError(
                f"a portfolio needs 30 days that do not all earn the same; there are {len(book.returns)} days",
                field="outcomes",
                fix="give the out-of-sample outcomes of a longer span",
            )
        days = _regime_of_days(outcomes, book.days)
        regimes = {name: Promise.of(book.returns[days == name]) for name in np.unique(days).tolist() if name}
        return cls(
            returns=returns,
            hits=_hits(book.returns),
            regimes={name: one for name, one in regimes.items() if one is not None},
            bands=_bands(book.returns, book.turnover, settings),
            drawdown=_drawdown_limit(book.returns, returns.error, settings),
            trading=trading,
        )


def sharpe(returns: FloatArray) -> FloatArray:
    """(...) annualised Sharpe ratio of (..., n) daily returns; NaN where they do not vary."""
    spread = returns.std(axis=-1, ddof=1)
    ratio: FloatArray = np.sqrt(YEAR) * returns.mean(axis=-1) / np.where(spread > 0, spread, np.nan)
    return ratio


def _hits(returns: FloatArray) -> Promise:
    """Promise of the share of days that gain, two of either kind added (Agresti and Coull 1998): some will lose."""
    gains, n = (returns > 0).astype(np.float64), len(returns)
    share = (float(gains.sum()) + 2) / (n + 4)
    deviation, seen = float(np.sqrt(share * (1 - share))), Promise.of(gains)
    inflation = 1.0 if seen is None else seen.inflation
    return Promise(
        value=share, deviation=deviation, error=inflation * deviation / float(np.sqrt(n)), days=n, inflation=inflation
    )


def _regime_of_days(outcomes: Outcomes, days: TimeArray) -> np.ndarray:
    """(D,) the regime that most of each day's rows have."""
    found = []
    day_of = outcomes.time.astype("datetime64[D]")
    for day in days.astype("datetime64[D]"):
        names, count = np.unique(outcomes.volatility_regime[day_of == day], return_counts=True)
        found.append(names[count.argmax()] if len(names) else "")
    return np.array(found)


def _drawn(n: int, length: int, settings: BusinessSettings) -> np.ndarray:
    """(draws, length) indices into n days: circular blocks, so that days stay beside their neighbours."""
    rng = np.random.default_rng(settings.seed)
    block = min(settings.block, n)
    starts = rng.integers(0, n, size=(settings.draws, -(-length // block)))
    path: np.ndarray = ((starts[:, :, None] + np.arange(block)) % n).reshape(settings.draws, -1)[:, :length]
    return path


def _bands(returns: FloatArray, turnover: FloatArray, settings: BusinessSettings) -> dict[str, tuple[float, float]]:
    path = _drawn(len(returns), settings.window, settings)
    drawn = {
        "sharpe": sharpe(returns[path]),
        "pnl": returns[path].sum(axis=1),
        "hit_rate": (returns[path] > 0).mean(axis=1),
        "turnover": turnover[path].mean(axis=1),
    }
    return {name: (float(low), float(high)) for name, (low, high) in _quantiles(drawn).items()}


def _quantiles(drawn: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    return {name: np.nanquantile(values, BAND) for name, values in drawn.items()}


def _drawdown_limit(returns: FloatArray, error: float, settings: BusinessSettings) -> float:
    n, rng = len(returns), np.random.default_rng(settings.seed + 1)
    path, centre, spread = returns[_drawn(n, YEAR, settings)], returns.mean(), returns.std(ddof=1)
    # The reference's mean is known to its error only; a lucky one would make every later fall look too deep.
    shift = error * rng.normal(size=(len(path), 1))
    # So is its spread, the less the fatter the tails; and days worse than its worst will come (Silverman 1986).
    kurtosis = float(np.mean((returns - centre) ** 4)) / float(returns.var()) ** 2
    scale = np.exp(np.sqrt(max(kurtosis - 1, 0.0) / (4 * n)) * rng.normal(size=(len(path), 1)))
    dust = 1.06 * n**-0.2 * spread * rng.normal(size=path.shape)
    path = centre + shift + scale * (path - centre + dust)
    worst = [float(drawdown_curve(equity_curve(one)).max()) for one in path]
    return settings.drawdown_margin * float(np.quantile(worst, 1 - settings.drawdown_level))
