"""Market structure: where the whole market stands and where a symbol stands in it.

The market is the equal-weighted mean of the symbols that have a bar on the day; on a day with fewer than two of them
it is not defined and the features are NaN. Volatilities are annualised with 252 days.
"""

from __future__ import annotations

from functools import partial
from typing import cast

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features.cross_section import Groups, by_day
from tradewind.features.kernels import lag
from tradewind.features.registry import REGISTRY, Compute, Feature, FeatureContext, Group
from tradewind.features.trailing import (
    change,
    trailing_extremes,
    trailing_median,
    trailing_moments,
    trailing_percentile,
    trailing_regression,
)

DAYS_PER_YEAR = 252.0
BETA_WINDOW = 60
REGIME_WINDOW = 250


def days(context: FeatureContext) -> Groups:
    """Return the panel's rows by day."""
    return cast(Groups, context.once("market:days", lambda: by_day(context.panel)))


def returns(context: FeatureContext, bars: int) -> FloatArray:
    """(n,) adjusted return over the symbol's latest ``bars`` bars."""
    panel = context.panel
    make = partial(change, panel.adj_close, panel.offsets, bars)
    return cast(FloatArray, context.once(f"market:returns:{bars}", make))


def one_series(values: FloatArray) -> IntArray:
    """Return the offsets of a single series as long as ``values``."""
    return np.array([0, len(values)], dtype=np.int64)


def market_days(context: FeatureContext) -> FloatArray:
    """(T,) one-day return of the market on each day of the panel."""
    make = partial(days(context).mean, returns(context, 1), least=2)
    return cast(FloatArray, context.once("market:days:return", make))


def market_level(context: FeatureContext) -> FloatArray:
    """(T,) value of one unit held in the market since the panel's start; a day without a market leaves it."""
    return cast(
        FloatArray,
        context.once("market:level", lambda: np.cumprod(1.0 + np.nan_to_num(market_days(context)))),
    )


def market_volatility_days(context: FeatureContext) -> FloatArray:
    """(T,) annualised volatility of the market's latest 20 daily returns."""

    def make() -> FloatArray:
        daily = market_days(context)
        deviation: FloatArray = trailing_moments(daily, one_series(daily), 20)[1]
        yearly: FloatArray = deviation * np.sqrt(DAYS_PER_YEAR)
        return yearly

    return cast(FloatArray, context.once("market:volatility:20", make))


def own_volatility(context: FeatureContext) -> FloatArray:
    """(n,) annualised volatility of the symbol's latest 20 returns."""

    def make() -> FloatArray:
        deviation: FloatArray = trailing_moments(returns(context, 1), context.panel.offsets, 20)[1]
        yearly: FloatArray = deviation * np.sqrt(DAYS_PER_YEAR)
        return yearly

    return cast(FloatArray, context.once("market:own_volatility", make))


def _share(context: FeatureContext, holds: AnyArray, defined: AnyArray) -> FloatArray:
    """(n,) share of the day's rows where ``holds`` among those ``defined``; NaN where fewer than two are."""
    values = np.where(defined, holds.astype(np.float64), np.nan)
    return days(context).rows(days(context).mean(values, least=2))


def _market_return(context: FeatureContext, *, bars: int) -> FloatArray:
    daily = market_days(context)
    if bars == 1:
        return days(context).rows(daily)
    total = np.full(len(daily), np.nan)
    if len(daily) >= bars:
        windows = np.lib.stride_tricks.sliding_window_view(1.0 + daily, bars)
        total[bars - 1 :] = windows.prod(axis=1) - 1.0
    return days(context).rows(total)


def _return_rank(context: FeatureContext, *, bars: int) -> FloatArray:
    return days(context).rank(returns(context, bars))


def _dispersion(context: FeatureContext, *, bars: int) -> FloatArray:
    return days(context).rows(days(context).deviation(returns(context, bars)))


def _market_volatility(context: FeatureContext) -> FloatArray:
    return days(context).rows(market_volatility_days(context))


def _breadth_rising(context: FeatureContext) -> FloatArray:
    move = returns(context, 1)
    return _share(context, move > 0, np.isfinite(move))


def _breadth_above_mean(context: FeatureContext) -> FloatArray:
    panel = context.panel
    mean = trailing_moments(panel.adj_close, panel.offsets, 50)[0]
    return _share(context, panel.adj_close > mean, np.isfinite(mean) & np.isfinite(panel.adj_close))


def _new_highs_minus_lows(context: FeatureContext) -> FloatArray:
    panel = context.panel
    low, high = trailing_extremes(panel.adj_close, panel.offsets, 60)
    defined = np.isfinite(low) & np.isfinite(panel.adj_close) & (high > low)
    return _share(context, panel.adj_close >= high, defined) - _share(context, panel.adj_close <= low, defined)


def _volatility_regime(context: FeatureContext) -> FloatArray:
    level = market_volatility_days(context)
    share = np.asarray(trailing_percentile(level, one_series(level), REGIME_WINDOW))
    regime = np.where(np.isnan(share), np.nan, np.minimum(np.floor(share * 3.0), 2.0))
    return days(context).rows(regime)


def regression(context: FeatureContext) -> AnyArray:
    """(4, n) of the symbol's return on the return of the day's *other* symbols over 60 bars."""

    def make() -> AnyArray:
        own = returns(context, 1)
        return trailing_regression(own, days(context).others(own), context.panel.offsets, BETA_WINDOW)

    return cast(AnyArray, context.once("market:regression", make))


def _regression_part(context: FeatureContext, *, part: int, scale: float = 1.0) -> FloatArray:
    values: FloatArray = regression(context)[part] * scale
    return values


def _residual(context: FeatureContext) -> FloatArray:
    own = returns(context, 1)
    # The line is the one known a bar before, so the residual is a surprise and not a fit to itself.
    line = [lag(np.ascontiguousarray(regression(context)[part]), context.panel.offsets, 1) for part in (0, 2)]
    return own - line[1] - line[0] * days(context).others(own)


def _residual_return(context: FeatureContext, *, bars: int) -> FloatArray:
    residual = cast(FloatArray, context.once("market:residual", partial(_residual, context)))
    if bars == 1:
        return residual
    mean: FloatArray = trailing_moments(residual, context.panel.offsets, bars)[0]
    return mean * bars


def _volatility_rank(context: FeatureContext) -> FloatArray:
    return days(context).rank(own_volatility(context))


def _volume_surprise_rank(context: FeatureContext) -> FloatArray:
    panel = context.panel
    typical = lag(trailing_median(panel.volume, panel.offsets, 20), panel.offsets, 1)
    surprise = np.full(len(panel), np.nan)
    np.divide(panel.volume, typical, out=surprise, where=typical > 0)
    return days(context).rank(surprise)


def size_rank(context: FeatureContext) -> FloatArray:
    """(n,) rank in [0, 1] of the day by median dollar volume of the symbol's latest 20 bars."""

    def make() -> FloatArray:
        panel = context.panel
        return days(context).rank(trailing_median(panel.close * panel.volume, panel.offsets, 20))

    return cast(FloatArray, context.once("market:size_rank", make))


def _size_bucket(context: FeatureContext) -> FloatArray:
    rank = size_rank(context)
    return np.where(np.isnan(rank), np.nan, np.minimum(np.floor(rank * 3.0), 2.0))


def _fear(context: FeatureContext) -> FloatArray:
    fear = context.panel.fear
    return np.full(len(context.panel), np.nan) if fear is None else fear


def _fear_zscore(context: FeatureContext) -> FloatArray:
    fear = _fear(context)
    mean, deviation = trailing_moments(fear, context.panel.offsets, 250)
    score = np.full(len(fear), np.nan)
    np.divide(fear - mean, deviation, out=score, where=deviation > 0)
    return score


def _fear_change(context: FeatureContext, *, bars: int) -> FloatArray:
    return change(_fear(context), context.panel.offsets, bars)


def _fear_over_realised(context: FeatureContext) -> FloatArray:
    realised = _market_volatility(context)
    out = np.full(len(context.panel), np.nan)
    np.divide(_fear(context) / 100.0, realised, out=out, where=realised > 0)
    return out


def _declare(name: str, window: int, source: str, compute: Compute, needs: str = "bars") -> None:
    REGISTRY.add(Feature(name=name, group=Group.MARKET, window=window, source=source, compute=compute, needs=needs))


_FF = "Sharpe, 'A simplified model for portfolio analysis', Management Science 1963; market without the symbol itself"
_RANK = "Jegadeesh and Titman, 'Returns to buying winners and selling losers', Journal of Finance 1993"
_RESIDUAL = "Blitz, Huij and Martens, 'Residual momentum', Journal of Empirical Finance 2011"
_WHALEY = "Whaley, 'The investor fear gauge', Journal of Portfolio Management 2000"

for _bars in (1, 5, 20):
    _declare(
        f"market_return_{_bars}",
        _bars + 1,
        "equal-weighted return of the panel's symbols, compounded",
        partial(_market_return, bars=_bars),
    )
_declare("market_volatility_20", 20, "standard deviation of market returns, annualised", _market_volatility)
_declare("breadth_rising", 2, "share of advancing issues; Colby, Technical Market Indicators", _breadth_rising)
_declare("breadth_above_mean_50", 50, "share of issues above their 50-bar mean; Colby", _breadth_above_mean)
_declare("new_highs_lows_60", 60, "share at 60-bar highs minus share at lows; Colby", _new_highs_minus_lows)
_declare("beta_60", BETA_WINDOW, _FF, partial(_regression_part, part=0))
_declare("market_correlation_60", BETA_WINDOW, _FF, partial(_regression_part, part=1))
_declare(
    "idiosyncratic_volatility_60",
    BETA_WINDOW,
    "Ang, Hodrick, Xing and Zhang, 'The cross-section of volatility and expected returns', Journal of Finance 2006",
    partial(_regression_part, part=3, scale=float(np.sqrt(DAYS_PER_YEAR))),
)
_declare("residual_return_1", BETA_WINDOW + 1, _RESIDUAL, partial(_residual_return, bars=1))
_declare("residual_return_5", BETA_WINDOW + 4, _RESIDUAL, partial(_residual_return, bars=5))
for _bars in (1, 5, 20, 60):
    _declare(f"return_rank_{_bars}", _bars + 1, _RANK, partial(_return_rank, bars=_bars))
_declare("volatility_rank_20", 20, "Ang et al. 2006, as a rank of the day", _volatility_rank)
_declare(
    "volume_surprise_rank_20",
    21,
    "Gervais, Kaniel and Mingelgrin, 'The high-volume return premium', Journal of Finance 2001",
    _volume_surprise_rank,
)
for _bars in (1, 20):
    _declare(
        f"dispersion_{_bars}",
        _bars + 1,
        "cross-sectional deviation of returns; Stivers and Sun, JFQA 2010",
        partial(_dispersion, bars=_bars),
    )
_declare("size_rank_20", 20, "rank of the day by trailing median dollar volume", size_rank)
_declare("size_bucket_20", 20, "0 small, 1 middle, 2 large third by trailing median dollar volume", _size_bucket)
_declare(
    "volatility_regime_250",
    REGIME_WINDOW,
    "third (0 calm, 2 stormy) of market volatility within its trailing 250 days",
    _volatility_regime,
)
_declare("fear_zscore_250", 250, _WHALEY, _fear_zscore, "fear")
for _bars in (1, 5):
    _declare(f"fear_change_{_bars}", _bars + 1, _WHALEY, partial(_fear_change, bars=_bars), "fear")
_declare(
    "fear_over_realised_20",
    20,
    "implied over realised volatility; Bollerslev, Tauchen and Zhou, Review of Financial Studies 2009",
    _fear_over_realised,
    "fear",
)
