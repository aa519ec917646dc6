"""A fourth venue: a population with positions and purposes that last, whose trading alone makes the prices."""

from tradewind.surveillance.elsewhere.populated.markets import populated_market

__all__ = ["populated_market"]
