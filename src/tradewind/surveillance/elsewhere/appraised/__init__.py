"""Investors with reservation prices, fast traders who live on what others do, and managers who slice."""

from tradewind.surveillance.elsewhere.appraised.markets import appraised_market

__all__ = ["appraised_market"]
