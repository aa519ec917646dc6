"""Reversal: signs that a move has gone too far or tends to undo itself."""

from __future__ import annotations

from tradewind.core.arrays import FloatArray
from tradewind.features.bars import adjusted, previous_close, returns
from tradewind.features.kernels import (
    excess,
    lag,
    ratio,
    rolling_corr,
    rolling_max,
    rolling_mean,
    rolling_min,
    rolling_rank,
)
from tradewind.features.registry import REGISTRY, FeatureContext, Group
from tradewind.features.volatility import bands, realised

_TUG = "Lou, Polk and Skouras 2019, A Tug of War: Overnight versus Intraday Expected Returns"


@REGISTRY.own_bars(
    "bollinger_b_20",
    group=Group.REVERSAL,
    window=20,
    source="Bollinger 2001, Bollinger on Bollinger Bands; %b, 20 bars, two standard deviations",
)
def bollinger_b(context: FeatureContext) -> FloatArray:
    """The close's place between the bands: 0 at the lower, 1 at the upper."""
    mean, std = bands(context)
    return ratio(context.panel.adj_close - mean, 4.0 * std) + 0.5


@REGISTRY.own_bars(
    "max_return_20",
    group=Group.REVERSAL,
    window=21,
    source="Bali, Cakici and Whitelaw 2011, Maxing Out: Stocks as Lotteries",
)
def max_return(context: FeatureContext) -> FloatArray:
    """Greatest daily return of 20 bars."""
    return rolling_max(returns(context), context.panel.offsets, 20)


@REGISTRY.own_bars(
    "min_return_20",
    group=Group.REVERSAL,
    window=21,
    source="Least daily return of 20 bars; after Bali, Cakici and Whitelaw 2011",
)
def min_return(context: FeatureContext) -> FloatArray:
    """Least daily return of 20 bars."""
    return rolling_min(returns(context), context.panel.offsets, 20)


@REGISTRY.own_bars_family(
    "autocorrelation_{}",
    (20, 60),
    extra=2,
    group=Group.REVERSAL,
    source="First-order autocorrelation of returns; Lo and MacKinlay 1988",
)
def autocorrelation(context: FeatureContext, window: int) -> FloatArray:
    """Correlation of the daily return with the one before it."""
    move, offsets = returns(context), context.panel.offsets
    return rolling_corr(move, lag(move, offsets, 1), offsets, window)


@REGISTRY.own_bars(
    "return_shock_1",
    group=Group.REVERSAL,
    window=22,
    source="Return in units of the volatility before it; Jegadeesh 1990, Nagel 2012, Evaporating Liquidity",
)
def return_shock(context: FeatureContext) -> FloatArray:
    """The bar's return over the 20-bar volatility known the bar before."""
    return ratio(returns(context), lag(realised(context, 20), context.panel.offsets, 1))


@REGISTRY.own_bars(
    "return_rank_own_60",
    group=Group.REVERSAL,
    window=61,
    source="Rank of the last return among the symbol's last 60; Lehmann 1990, Fads, Martingales, and Market Efficiency",
)
def return_rank(context: FeatureContext) -> FloatArray:
    """Share of the last 60 returns below the present one, ties counted half, 0 to 1."""
    return rolling_rank(returns(context), context.panel.offsets, 60)


@REGISTRY.own_bars("overnight_mean_20", group=Group.REVERSAL, window=21, source=_TUG)
def overnight_mean(context: FeatureContext) -> FloatArray:
    """Mean overnight return of 20 bars."""
    gap = excess(adjusted(context).open, previous_close(context))
    return rolling_mean(gap, context.panel.offsets, 20)


@REGISTRY.own_bars("intraday_mean_20", group=Group.REVERSAL, window=20, source=_TUG)
def intraday_mean(context: FeatureContext) -> FloatArray:
    """Mean return from open to close of 20 bars."""
    bars = adjusted(context)
    return rolling_mean(ratio(bars.close, bars.open) - 1.0, context.panel.offsets, 20)
