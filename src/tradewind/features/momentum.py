"""Momentum: returns over many horizons and oscillators of the recent move."""

from __future__ import annotations

from tradewind.core.arrays import FloatArray
from tradewind.features.kernels import growth
from tradewind.features.registry import REGISTRY, FeatureContext, Group


@REGISTRY.own_bars_family(
    "return_{}",
    (1, 2, 3, 5, 10, 20, 60, 120, 250),
    extra=1,
    group=Group.MOMENTUM,
    source="Jegadeesh and Titman 1993, Returns to Buying Winners and Selling Losers",
)
def past_return(context: FeatureContext, window: int) -> FloatArray:
    """Simple return of adjusted close over the window."""
    return growth(context.panel.adj_close, context.panel.offsets, window)
