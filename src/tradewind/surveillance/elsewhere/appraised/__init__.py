"""Investors with reservation prices, fast traders who live on what others do, and managers who slice."""

from tradewind.surveillance.elsewhere.appraised.markets import simulate

__all__ = ["simulate"]
