"""Planted schemes: scripts that manipulate a simulated market and say afterwards what they did."""

from tradewind.surveillance.planting.episode import Episode, Family, Habits, SchemeSettings
from tradewind.surveillance.planting.markets import (
    busy_market,
    make_market,
    sample_market,
    sample_markets,
    sample_plan,
)
from tradewind.surveillance.planting.registry import SETTINGS
from tradewind.surveillance.planting.space import Range, Space

__all__ = [
    "SETTINGS",
    "Episode",
    "Family",
    "Habits",
    "Range",
    "SchemeSettings",
    "Space",
    "busy_market",
    "make_market",
    "sample_market",
    "sample_markets",
    "sample_plan",
]
