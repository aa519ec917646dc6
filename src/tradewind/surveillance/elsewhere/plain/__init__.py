"""A second, plain venue: Poisson flow and textbook scripts, so that models do not learn the habits of one simulator."""

from tradewind.surveillance.elsewhere.plain.markets import PlainMarket, plain_market

__all__ = ["PlainMarket", "plain_market"]
