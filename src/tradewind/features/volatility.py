"""Volatility: how much the price moves, from closes and from ranges; daily units, not annualised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.bars import adjusted, log_returns, previous_close, returns, span
from tradewind.features.kernels import (
    excess,
    ratio,
    rolling_mean,
    rolling_mean_std,
    rolling_skew_kurt,
    rolling_std,
    wilder,
)
from tradewind.features.registry import REGISTRY, FeatureContext, Group

_WILDER = "Wilder 1978, New Concepts in Technical Trading Systems"
_BOLLINGER = "Bollinger 2001, Bollinger on Bollinger Bands; 20 bars, two standard deviations"


@dataclass(frozen=True, kw_only=True, eq=False)
class _LogBar:
    """(n,) logs of the high, low and close over the open, and of the open over the close before."""

    high: FloatArray
    low: FloatArray
    close: FloatArray
    gap: FloatArray


def _log_ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(top / bottom)
        out: FloatArray = np.where(np.isfinite(value), value, np.nan)
    return out


def _logs(context: FeatureContext) -> _LogBar:
    def make() -> _LogBar:
        bars = adjusted(context)
        return _LogBar(
            high=_log_ratio(bars.high, bars.open),
            low=_log_ratio(bars.low, bars.open),
            close=_log_ratio(bars.close, bars.open),
            gap=_log_ratio(bars.open, previous_close(context)),
        )

    logs: _LogBar = context.once("volatility.logs", make)
    return logs


def _root(variance: FloatArray) -> FloatArray:
    out: FloatArray = np.sqrt(np.maximum(variance, 0.0))
    return out


def realised(context: FeatureContext, window: int) -> FloatArray:
    """(n,) sample standard deviation of daily log returns over ``window`` returns."""
    result: FloatArray = context.once(
        f"volatility.realised.{window}", lambda: rolling_std(log_returns(context), context.panel.offsets, window)
    )
    return result


@REGISTRY.own_bars_family(
    "realised_volatility_{}",
    (5, 20, 60),
    extra=1,
    group=Group.VOLATILITY,
    source="Standard deviation of log returns, close to close; Andersen, Bollerslev, Diebold and Labys 2003",
)
def realised_volatility(context: FeatureContext, window: int) -> FloatArray:
    """Close-to-close volatility per day."""
    return realised(context, window)


@REGISTRY.own_bars(
    "parkinson_20",
    group=Group.VOLATILITY,
    window=20,
    source="Parkinson 1980, The Extreme Value Method for Estimating the Variance of the Rate of Return",
)
def parkinson(context: FeatureContext) -> FloatArray:
    """Volatility per day from the high-low range."""
    logs = _logs(context)
    return _root(rolling_mean((logs.high - logs.low) ** 2 / (4.0 * np.log(2.0)), context.panel.offsets, 20))


@REGISTRY.own_bars(
    "garman_klass_20",
    group=Group.VOLATILITY,
    window=20,
    source="Garman and Klass 1980, On the Estimation of Security Price Volatilities from Historical Data",
)
def garman_klass(context: FeatureContext) -> FloatArray:
    """Volatility per day from open, high, low and close."""
    logs = _logs(context)
    daily = 0.5 * (logs.high - logs.low) ** 2 - (2.0 * np.log(2.0) - 1.0) * logs.close**2
    return _root(rolling_mean(daily, context.panel.offsets, 20))


def _rogers_satchell(context: FeatureContext) -> FloatArray:
    def make() -> FloatArray:
        logs = _logs(context)
        daily = logs.high * (logs.high - logs.close) + logs.low * (logs.low - logs.close)
        return rolling_mean(daily, context.panel.offsets, 20)

    result: FloatArray = context.once("volatility.rogers_satchell", make)
    return result


@REGISTRY.own_bars(
    "rogers_satchell_20",
    group=Group.VOLATILITY,
    window=20,
    source="Rogers and Satchell 1991, Estimating Variance From High, Low and Closing Prices",
)
def rogers_satchell(context: FeatureContext) -> FloatArray:
    """Volatility per day from the bar's prices, free of drift."""
    return _root(_rogers_satchell(context))


@REGISTRY.own_bars(
    "yang_zhang_20",
    group=Group.VOLATILITY,
    window=21,
    source="Yang and Zhang 2000, Drift-Independent Volatility Estimation Based on High, Low, Open, and Close Prices",
)
def yang_zhang(context: FeatureContext) -> FloatArray:
    """Volatility per day from overnight and intraday moves together, free of drift."""
    logs, offsets, n = _logs(context), context.panel.offsets, 20
    weight = 0.34 / (1.34 + (n + 1) / (n - 1))
    overnight = rolling_std(logs.gap, offsets, n) ** 2
    intraday = rolling_std(logs.close, offsets, n) ** 2
    return _root(overnight + weight * intraday + (1.0 - weight) * _rogers_satchell(context))


def _atr(context: FeatureContext) -> tuple[FloatArray, FloatArray]:
    def make() -> tuple[FloatArray, FloatArray]:
        return span(context), wilder(span(context), context.panel.offsets, 14)

    result: tuple[FloatArray, FloatArray] = context.once("volatility.atr", make)
    return result


@REGISTRY.own_bars("atr_14", group=Group.VOLATILITY, window=15, source=_WILDER)
def average_true_range(context: FeatureContext) -> FloatArray:
    """Average true range over adjusted close."""
    return ratio(_atr(context)[1], context.panel.adj_close)


@REGISTRY.own_bars(
    "range_expansion_14", group=Group.VOLATILITY, window=15, source="True range over its Wilder mean; " + _WILDER
)
def range_expansion(context: FeatureContext) -> FloatArray:
    """The bar's true range over its average, less 1."""
    return excess(*_atr(context))


def bands(context: FeatureContext) -> tuple[FloatArray, FloatArray]:
    """(n,) mean and population standard deviation of adjusted close over 20 bars."""
    result: tuple[FloatArray, FloatArray] = context.once(
        "volatility.bands", lambda: rolling_mean_std(context.panel.adj_close, context.panel.offsets, 20, 0)
    )
    return result


@REGISTRY.own_bars("bollinger_width_20", group=Group.VOLATILITY, window=20, source=_BOLLINGER)
def bollinger_width(context: FeatureContext) -> FloatArray:
    """Distance of the bands over the mean."""
    mean, std = bands(context)
    return ratio(4.0 * std, mean)


@REGISTRY.own_bars(
    "volatility_ratio_5_60",
    group=Group.VOLATILITY,
    window=61,
    source="Short over long volatility; Corsi 2009, A Simple Approximate Long-Memory Model of Realized Volatility",
)
def volatility_ratio(context: FeatureContext) -> FloatArray:
    """Five-bar over sixty-bar close-to-close volatility, less 1."""
    return excess(realised(context, 5), realised(context, 60))


@REGISTRY.own_bars(
    "volatility_of_volatility_20",
    group=Group.VOLATILITY,
    window=25,
    source="Relative spread of short volatility; Baltussen, van Bekkum and van der Grient 2018, Unknown Unknowns",
)
def volatility_of_volatility(context: FeatureContext) -> FloatArray:
    """Standard deviation over mean of the five-bar volatility, over 20 bars."""
    mean, std = rolling_mean_std(realised(context, 5), context.panel.offsets, 20, 1)
    return ratio(std, mean)


@REGISTRY.own_bars(
    "downside_share_20",
    group=Group.VOLATILITY,
    window=21,
    source="Share of the variance from falls; Barndorff-Nielsen, Kinnebrock and Shephard 2010, Realised Semivariance",
)
def downside_share(context: FeatureContext) -> FloatArray:
    """Sum of squared negative returns over the sum of all squared returns, 20 bars, 0 to 1."""
    move, offsets = returns(context), context.panel.offsets
    return ratio(rolling_mean(np.minimum(move, 0.0) ** 2, offsets, 20), rolling_mean(move**2, offsets, 20))


def _shape(context: FeatureContext) -> tuple[FloatArray, FloatArray]:
    result: tuple[FloatArray, FloatArray] = context.once(
        "volatility.shape", lambda: rolling_skew_kurt(returns(context), context.panel.offsets, 60)
    )
    return result


@REGISTRY.own_bars(
    "skewness_60",
    group=Group.VOLATILITY,
    window=61,
    source="Amaya, Christoffersen, Jacobs and Vasquez 2015, Does Realized Skewness Predict the Cross-Section",
)
def skewness(context: FeatureContext) -> FloatArray:
    """Skewness of daily returns over 60 bars."""
    return _shape(context)[0]


@REGISTRY.own_bars(
    "kurtosis_60",
    group=Group.VOLATILITY,
    window=61,
    source="Excess kurtosis; Amaya, Christoffersen, Jacobs and Vasquez 2015",
)
def kurtosis(context: FeatureContext) -> FloatArray:
    """Excess kurtosis of daily returns over 60 bars."""
    return _shape(context)[1]
