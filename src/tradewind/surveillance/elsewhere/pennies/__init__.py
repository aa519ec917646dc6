"""Penny shares and growth companies: coarse ticks, a crowd that follows letters and storms, sponsored makers."""

from tradewind.surveillance.elsewhere.pennies.markets import simulate

__all__ = ["simulate"]
