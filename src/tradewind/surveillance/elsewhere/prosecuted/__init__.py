"""Deeds as regulators' cases tell them, in a market of arrivals that excite one another."""

from tradewind.surveillance.elsewhere.prosecuted.markets import prosecuted_market

__all__ = ["prosecuted_market"]
