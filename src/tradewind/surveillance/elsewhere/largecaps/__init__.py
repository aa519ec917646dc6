"""Liquid large shares: one-tick spreads, long queues, fast makers, wholesalers of private orders, index arbitrage."""

from tradewind.surveillance.elsewhere.largecaps.markets import simulate

__all__ = ["simulate"]
