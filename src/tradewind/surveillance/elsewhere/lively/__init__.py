"""A third venue: arrivals that excite one another, honest look-alikes, and deeds of wide range played in many ways."""

from tradewind.surveillance.elsewhere.lively.markets import LivelyMarket, lively_market

__all__ = ["LivelyMarket", "lively_market"]
