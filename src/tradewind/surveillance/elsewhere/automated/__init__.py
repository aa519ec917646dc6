"""Liquid shares in the hands of machines: makers, arbitrageurs and algorithms, and a crowd that follows."""

from tradewind.surveillance.elsewhere.automated.markets import simulate

__all__ = ["simulate"]
