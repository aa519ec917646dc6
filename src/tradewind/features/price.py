"""Price: the shape of the bar itself, and where the close stands in its recent range."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.bars import adjusted, high_of, low_of, previous_close
from tradewind.features.kernels import excess, ratio
from tradewind.features.registry import REGISTRY, FeatureContext, Group

_STOCKNET = "Prices over the close, less 1; Xu and Cohen 2018 (StockNet), Feng et al. 2019 (Adv-ALSTM)"
_NISON = "Nison 1991, Japanese Candlestick Charting Techniques"


@REGISTRY.own_bars("open_to_close_1", group=Group.PRICE, window=1, source=_STOCKNET)
def open_to_close(context: FeatureContext) -> FloatArray:
    """Open over close, less 1: minus the intraday move."""
    bars = adjusted(context)
    return excess(bars.open, bars.close)


@REGISTRY.own_bars("high_to_close_1", group=Group.PRICE, window=1, source=_STOCKNET)
def high_to_close(context: FeatureContext) -> FloatArray:
    """High over close, less 1."""
    bars = adjusted(context)
    return excess(bars.high, bars.close)


@REGISTRY.own_bars("low_to_close_1", group=Group.PRICE, window=1, source=_STOCKNET)
def low_to_close(context: FeatureContext) -> FloatArray:
    """Low over close, less 1."""
    bars = adjusted(context)
    return excess(bars.low, bars.close)


@REGISTRY.own_bars(
    "overnight_gap_1",
    group=Group.PRICE,
    window=2,
    source="Lou, Polk and Skouras 2019, A Tug of War: Overnight versus Intraday Expected Returns",
)
def overnight_gap(context: FeatureContext) -> FloatArray:
    """Open over the close before, less 1."""
    return excess(adjusted(context).open, previous_close(context))


@REGISTRY.own_bars("range_1", group=Group.PRICE, window=1, source=_NISON)
def bar_range(context: FeatureContext) -> FloatArray:
    """High less low over close."""
    bars = adjusted(context)
    return ratio(bars.high - bars.low, bars.close)


@REGISTRY.own_bars("close_location_1", group=Group.PRICE, window=1, source=_NISON)
def close_location(context: FeatureContext) -> FloatArray:
    """The close's place in the bar's range, 0 (at the low) to 1 (at the high); NaN for a flat bar."""
    bars = adjusted(context)
    return ratio(bars.close - bars.low, bars.high - bars.low)


@REGISTRY.own_bars("body_share_1", group=Group.PRICE, window=1, source=_NISON)
def body_share(context: FeatureContext) -> FloatArray:
    """Close less open over the bar's range, -1 to 1; NaN for a flat bar."""
    bars = adjusted(context)
    return ratio(bars.close - bars.open, bars.high - bars.low)


@REGISTRY.own_bars_family(
    "high_ratio_{}",
    (20, 60, 250),
    group=Group.PRICE,
    source="George and Hwang 2004, The 52-Week High and Momentum Investing",
)
def high_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Adjusted close over the window's highest high, less 1: zero at a new high, else negative."""
    return excess(context.panel.adj_close, high_of(context, window))


@REGISTRY.own_bars_family(
    "low_ratio_{}",
    (20, 60, 250),
    group=Group.PRICE,
    source="Adjusted close over the window's lowest low; after George and Hwang 2004",
)
def low_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Adjusted close over the window's lowest low, less 1: zero at a new low, else positive."""
    return excess(context.panel.adj_close, low_of(context, window))


@REGISTRY.own_bars(
    "channel_width_20",
    group=Group.PRICE,
    window=20,
    source="Donchian 1960, High finance in copper; width over the close",
)
def channel_width(context: FeatureContext) -> FloatArray:
    """Highest high less lowest low of 20 bars over adjusted close; NaN where the close is not positive."""
    close = context.panel.adj_close
    return ratio(high_of(context, 20) - low_of(context, 20), np.where(close > 0.0, close, np.nan))
