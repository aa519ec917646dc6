"""Thin to middling shares: makers under obligation, institutions at several brokers, index funds at the close."""

from tradewind.surveillance.elsewhere.midcaps.markets import simulate

__all__ = ["simulate"]
