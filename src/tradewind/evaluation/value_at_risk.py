"""Value at risk and expected shortfall by three methods, forecast day by day from the past alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.volatility import VolatilityForecast


@dataclass(frozen=True, kw_only=True, eq=False)
class TailForecast:
    """(n,) value at risk for each return (a loss, as a positive fraction), and both figures for the next return."""

    method: str
    value_at_risk: FloatArray
    next_var: float
    next_cvar: float


def historical_tail(returns: FloatArray, *, level: float) -> tuple[float, float]:
    """Return (VaR, CVaR) of a sample: minus the ``level`` quantile, and the mean loss at or beyond it."""
    if not len(returns):
        return float("nan"), float("nan")
    cut = float(np.quantile(returns, level))
    return -cut, -float(returns[returns <= cut].mean())


def cornish_fisher_quantile(z: FloatArray | float, skew: FloatArray | float, excess: FloatArray | float) -> FloatArray:
    """Normal quantile ``z`` bent by skewness and excess kurtosis (Cornish and Fisher 1938)."""
    bent = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
    return np.asarray(bent, dtype=np.float64)


def cornish_fisher_tail(returns: FloatArray, *, level: float) -> tuple[float, float]:
    """Return (VaR, CVaR) of a sample by Cornish-Fisher; CVaR averages the bent quantiles over the tail.

    The expansion is not monotone far out for extreme moments, so CVaR is never taken below VaR.
    """
    from scipy import stats  # takes a second to import

    if len(returns) < 4 or float(returns.std()) < 1e-12:
        return float("nan"), float("nan")
    mean, spread = float(returns.mean()), float(returns.std(ddof=1))
    skew, excess = float(stats.skew(returns)), float(stats.kurtosis(returns))
    at = -(mean + spread * float(cornish_fisher_quantile(float(stats.norm.ppf(level)), skew, excess)))
    grid = stats.norm.ppf((np.arange(200) + 0.5) / 200 * level)
    beyond = -(mean + spread * float(cornish_fisher_quantile(grid, skew, excess).mean()))
    return at, max(at, beyond)


def historical_forecast(returns: FloatArray, *, level: float, window: int) -> TailForecast:
    """Rolling quantile of the ``window`` returns before each day."""
    var = np.full(len(returns), np.nan)
    if len(returns) > window:
        var[window:] = -np.quantile(sliding_window_view(returns[:-1], window), level, axis=1)
    at, beyond = historical_tail(returns[-window:], level=level)
    return TailForecast(method="historical", value_at_risk=var, next_var=at, next_cvar=beyond)


def cornish_fisher_forecast(returns: FloatArray, *, level: float, window: int) -> TailForecast:
    """Cornish-Fisher quantile of the ``window`` returns before each day."""
    from scipy import stats  # takes a second to import

    var = np.full(len(returns), np.nan)
    if len(returns) > window:
        past = sliding_window_view(returns[:-1], window)
        mean, spread = past.mean(axis=1), past.std(axis=1, ddof=1)
        rest = past - mean[:, None]
        scale = np.sqrt((rest**2).mean(axis=1))
        safe = np.where(scale > 1e-12, scale, np.inf)
        skew, excess = (rest**3).mean(axis=1) / safe**3, (rest**4).mean(axis=1) / safe**4 - 3
        var[window:] = -(mean + spread * cornish_fisher_quantile(float(stats.norm.ppf(level)), skew, excess))
    at, beyond = cornish_fisher_tail(returns[-window:], level=level)
    return TailForecast(method="cornish-fisher", value_at_risk=var, next_var=at, next_cvar=beyond)


def garch_forecast(volatility: VolatilityForecast, *, level: float) -> TailForecast:
    """Filtered historical simulation (Barone-Adesi et al. 1999): GARCH volatility times the past residuals' tail."""
    tails = [historical_tail(tail, level=level) for tail in volatility.tails]
    if not tails:
        nan = np.full(len(volatility.sigma), np.nan)
        return TailForecast(method="garch", value_at_risk=nan, next_var=float("nan"), next_cvar=float("nan"))
    known = np.isfinite(volatility.fit_of)
    cut = np.full(len(volatility.sigma), np.nan)
    cut[known] = np.array([at for at, _ in tails])[volatility.fit_of[known].astype(np.int64)]
    return TailForecast(
        method="garch",
        value_at_risk=volatility.sigma * cut,
        next_var=volatility.following * tails[-1][0],
        next_cvar=volatility.following * tails[-1][1],
    )
