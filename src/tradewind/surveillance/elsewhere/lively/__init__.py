"""A third venue: arrivals that excite one another, honest look-alikes, and deeds of wide range played in many ways."""

from tradewind.surveillance.elsewhere.lively.markets import lively_market

__all__ = ["lively_market"]
