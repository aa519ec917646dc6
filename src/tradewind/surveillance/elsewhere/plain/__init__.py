"""A second, plain venue: Poisson flow and textbook scripts, so that models do not learn the habits of one simulator."""

from tradewind.surveillance.elsewhere.plain.markets import plain_market

__all__ = ["plain_market"]
