"""Trend: where the price stands against its averages, and how strongly it moves one way."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.bars import adjusted, span, typical
from tradewind.features.kernels import adx, aroon, cci, ema, excess, macd, ratio, rolling_mean, rolling_slope
from tradewind.features.registry import REGISTRY, FeatureContext, Group

_APPEL = "Appel 2005, Technical Analysis: Power Tools for Active Investors; 12, 26 and 9 bars"
_WILDER = "Wilder 1978, New Concepts in Technical Trading Systems"


def mean_close(context: FeatureContext, window: int) -> FloatArray:
    """(n,) simple moving average of adjusted close."""
    panel = context.panel
    result: FloatArray = context.once(
        f"trend.sma.{window}", lambda: rolling_mean(panel.adj_close, panel.offsets, window)
    )
    return result


@REGISTRY.own_bars_family(
    "sma_ratio_{}",
    (5, 10, 15, 20, 25, 30, 50),
    group=Group.TREND,
    source="Adjusted close over its simple mean, less 1; the 5 to 30 day set of Feng et al. 2019 (Adv-ALSTM)",
)
def sma_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Adjusted close over its simple moving average, less 1."""
    return excess(context.panel.adj_close, mean_close(context, window))


@REGISTRY.own_bars_family(
    "ema_ratio_{}",
    (5, 10, 20, 50),
    group=Group.TREND,
    source="Adjusted close over its exponential mean, less 1; Murphy 1999, Technical Analysis of the Financial Markets",
)
def ema_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Adjusted close over its exponential moving average, less 1."""
    close = context.panel.adj_close
    return excess(close, ema(close, context.panel.offsets, window))


@REGISTRY.own_bars(
    "sma_cross_5_20",
    group=Group.TREND,
    window=20,
    source="Short over long mean, less 1; Brock, Lakonishok and LeBaron 1992",
)
def sma_cross(context: FeatureContext) -> FloatArray:
    """Five-bar over twenty-bar mean of adjusted close, less 1."""
    return excess(mean_close(context, 5), mean_close(context, 20))


def _macd(context: FeatureContext) -> tuple[FloatArray, FloatArray]:
    def make() -> tuple[FloatArray, FloatArray]:
        close = context.panel.adj_close
        line, signal = macd(close, context.panel.offsets, 12, 26, 9)
        return ratio(line, close), ratio(signal, close)

    result: tuple[FloatArray, FloatArray] = context.once("trend.macd", make)
    return result


@REGISTRY.own_bars("macd_26", group=Group.TREND, window=26, source=_APPEL)
def macd_line(context: FeatureContext) -> FloatArray:
    """Difference of the 12 and 26 bar exponential means over adjusted close."""
    return _macd(context)[0]


@REGISTRY.own_bars("macd_signal_34", group=Group.TREND, window=34, source=_APPEL)
def macd_signal(context: FeatureContext) -> FloatArray:
    """Nine-bar exponential mean of the line, over adjusted close."""
    return _macd(context)[1]


@REGISTRY.own_bars("macd_histogram_34", group=Group.TREND, window=34, source=_APPEL)
def macd_histogram(context: FeatureContext) -> FloatArray:
    """Line less signal, over adjusted close."""
    line, signal = _macd(context)
    return line - signal


def _adx(context: FeatureContext) -> tuple[FloatArray, FloatArray]:
    def make() -> tuple[FloatArray, FloatArray]:
        bars = adjusted(context)
        return adx(bars.high, bars.low, span(context), context.panel.offsets, 14)

    result: tuple[FloatArray, FloatArray] = context.once("trend.adx", make)
    return result


@REGISTRY.own_bars("adx_14", group=Group.TREND, window=28, source=_WILDER)
def adx_14(context: FeatureContext) -> FloatArray:
    """Average directional index, 0 to 100: how directed the moves are, whichever way."""
    return _adx(context)[0]


@REGISTRY.own_bars("directional_index_14", group=Group.TREND, window=15, source=_WILDER)
def directional_index(context: FeatureContext) -> FloatArray:
    """Signed directional index, -100 (all moves down) to 100 (all up)."""
    return _adx(context)[1]


@REGISTRY.own_bars(
    "cci_20", group=Group.TREND, window=20, source="Lambert 1980, Commodity Channel Index, Commodities magazine"
)
def cci_20(context: FeatureContext) -> FloatArray:
    """Typical price from its mean, in units of 0.015 mean absolute deviations."""
    price, offsets = typical(context), context.panel.offsets
    return cci(price, rolling_mean(price, offsets, 20), offsets, 20)


@REGISTRY.own_bars(
    "aroon_25", group=Group.TREND, window=26, source="Chande 1995, A time price oscillator, Stocks & Commodities 13:9"
)
def aroon_25(context: FeatureContext) -> FloatArray:
    """Whether the 25-bar high (100) or low (-100) is the more recent."""
    bars = adjusted(context)
    return aroon(bars.high, bars.low, context.panel.offsets, 25)


@REGISTRY.own_bars_family(
    "slope_{}",
    (20, 60),
    group=Group.TREND,
    source="Least-squares slope of log adjusted close per bar; Clenow 2015, Stocks on the Move",
)
def slope(context: FeatureContext, window: int) -> FloatArray:
    """Slope of the regression of log adjusted close on time, per bar."""

    def make() -> FloatArray:
        close = context.panel.adj_close
        with np.errstate(divide="ignore", invalid="ignore"):
            out: FloatArray = np.where(close > 0.0, np.log(close), np.nan)
        return out

    return rolling_slope(context.once("trend.log_close", make), context.panel.offsets, window)
