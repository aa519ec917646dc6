"""Trend: where the price stands against its averages, and how strongly it moves one way."""

from __future__ import annotations

from tradewind.core.arrays import FloatArray
from tradewind.features.bars import ratio
from tradewind.features.kernels import ema, rolling_mean
from tradewind.features.registry import REGISTRY, FeatureContext, Group


@REGISTRY.own_bars_family(
    "sma_ratio_{}",
    (5, 10, 15, 20, 25, 30, 50),
    group=Group.TREND,
    source="Adjusted close over its simple mean, less 1; the 5 to 30 day set of Feng et al. 2019 (Adv-ALSTM)",
)
def sma_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Adjusted close over its simple moving average, less 1."""
    close = context.panel.adj_close
    return ratio(close, rolling_mean(close, context.panel.offsets, window)) - 1.0


@REGISTRY.own_bars_family(
    "ema_ratio_{}",
    (5, 10, 20, 50),
    group=Group.TREND,
    source="Adjusted close over its exponential mean, less 1; Murphy 1999, Technical Analysis of the Financial Markets",
)
def ema_ratio(context: FeatureContext, window: int) -> FloatArray:
    """Adjusted close over its exponential moving average, less 1."""
    close = context.panel.adj_close
    return ratio(close, ema(close, context.panel.offsets, window)) - 1.0
