"""Agents, honest look-alikes and deeds as an outside examiner of surveillance would plant them."""

from tradewind.surveillance.elsewhere.examined.markets import examined_market

__all__ = ["examined_market"]
