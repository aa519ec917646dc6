"""A young market far from the large ones: few deals, wide spreads, orders that rest for hours, waves of foreigners."""

from tradewind.surveillance.elsewhere.frontier.markets import simulate

__all__ = ["simulate"]
