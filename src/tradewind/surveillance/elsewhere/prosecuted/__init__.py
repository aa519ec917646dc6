"""Deeds as regulators' cases tell them, in a market of arrivals that excite one another."""

from tradewind.surveillance.elsewhere.prosecuted.markets import simulate

__all__ = ["simulate"]
