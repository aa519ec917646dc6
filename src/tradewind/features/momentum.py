"""Momentum: returns over many horizons and oscillators of the recent move."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.bars import adjusted, high_of, low_of, returns
from tradewind.features.kernels import growth, lag, ratio, rolling_mean, rolling_mean_std, rsi, streak
from tradewind.features.registry import REGISTRY, FeatureContext, Group

_LANE = "Lane 1984, Lane's Stochastics, Stocks & Commodities 2:3; 14 bars, slowed by 3 and 3"


@REGISTRY.own_bars_family(
    "return_{}",
    (1, 2, 3, 5, 10, 20, 60, 120, 250),
    extra=1,
    group=Group.MOMENTUM,
    source="Jegadeesh and Titman 1993, Returns to Buying Winners and Selling Losers",
)
def past_return(context: FeatureContext, window: int) -> FloatArray:
    """Simple return of adjusted close over the window."""
    return returns(context) if window == 1 else growth(context.panel.adj_close, context.panel.offsets, window)


@REGISTRY.own_bars(
    "momentum_250_20",
    group=Group.MOMENTUM,
    window=251,
    source="Twelve months less the last one; Jegadeesh 1990, Fama and French 2012",
)
def momentum_skipping_month(context: FeatureContext) -> FloatArray:
    """Return from 250 bars ago to 20 bars ago."""
    panel = context.panel
    return lag(growth(panel.adj_close, panel.offsets, 230), panel.offsets, 20)


@REGISTRY.own_bars_family(
    "rsi_{}",
    (7, 14),
    extra=1,
    group=Group.MOMENTUM,
    source="Wilder 1978, New Concepts in Technical Trading Systems",
)
def relative_strength(context: FeatureContext, window: int) -> FloatArray:
    """Relative strength index, 0 to 100."""
    return rsi(context.panel.adj_close, context.panel.offsets, window)


def _fast_k(context: FeatureContext) -> FloatArray:
    def make() -> FloatArray:
        top, bottom = high_of(context, 14), low_of(context, 14)
        return ratio(100.0 * (adjusted(context).close - bottom), top - bottom)

    result: FloatArray = context.once("momentum.fast_k", make)
    return result


def _slow_k(context: FeatureContext) -> FloatArray:
    result: FloatArray = context.once(
        "momentum.slow_k", lambda: rolling_mean(_fast_k(context), context.panel.offsets, 3)
    )
    return result


@REGISTRY.own_bars("stochastic_k_14", group=Group.MOMENTUM, window=16, source=_LANE)
def stochastic_k(context: FeatureContext) -> FloatArray:
    """Three-bar mean of the close's place in its 14-bar range, 0 to 100."""
    return _slow_k(context)


@REGISTRY.own_bars("stochastic_d_14", group=Group.MOMENTUM, window=18, source=_LANE)
def stochastic_d(context: FeatureContext) -> FloatArray:
    """Three-bar mean of the stochastic %K."""
    return rolling_mean(_slow_k(context), context.panel.offsets, 3)


@REGISTRY.own_bars(
    "williams_r_14",
    group=Group.MOMENTUM,
    window=14,
    source="Williams 1979, How I Made One Million Dollars Trading Commodities",
)
def williams_r(context: FeatureContext) -> FloatArray:
    """The close's place in its 14-bar range, -100 (at the low) to 0 (at the high)."""
    return _fast_k(context) - 100.0


@REGISTRY.own_bars_family(
    "up_share_{}",
    (10, 20),
    extra=1,
    group=Group.MOMENTUM,
    source="Share of rising days; Grinblatt, Moskowitz and others on return consistency, 2004",
)
def up_share(context: FeatureContext, window: int) -> FloatArray:
    """Share of the window's bars that rose, 0 to 1."""
    move = returns(context)
    rose = np.where(np.isnan(move), np.nan, (move > 0.0).astype(np.float64))
    return rolling_mean(rose, context.panel.offsets, window)


@REGISTRY.own_bars(
    "streak_2", group=Group.MOMENTUM, window=2, source="Runs of rises and falls; Connors and Alvarez 2009, ConnorsRSI"
)
def run_length(context: FeatureContext) -> FloatArray:
    """Bars in a row that rose (positive) or fell (negative)."""
    return streak(returns(context), context.panel.offsets)


@REGISTRY.own_bars(
    "direction_1", group=Group.MOMENTUM, window=2, source="Sign of the last return; Moskowitz, Ooi and Pedersen 2012"
)
def direction(context: FeatureContext) -> FloatArray:
    """Sign of the last return: -1, 0 or 1."""
    out: FloatArray = np.sign(returns(context))
    return out


@REGISTRY.own_bars_family(
    "return_to_risk_{}",
    (20, 60),
    extra=1,
    group=Group.MOMENTUM,
    source="Mean over standard deviation of daily returns; Sharpe 1966, Barroso and Santa-Clara 2015",
)
def return_to_risk(context: FeatureContext, window: int) -> FloatArray:
    """Mean over standard deviation of the window's daily returns."""
    mean, std = rolling_mean_std(returns(context), context.panel.offsets, window, 1)
    return ratio(mean, std)
