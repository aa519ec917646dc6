"""Thin to middling shares: makers under obligation, institutions at several brokers, index funds at the close."""

from tradewind.surveillance.elsewhere.midcaps.markets import midcaps_market

__all__ = ["midcaps_market"]
