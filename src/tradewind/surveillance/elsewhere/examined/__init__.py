"""Agents, honest look-alikes and deeds as an outside examiner of surveillance would plant them."""

from tradewind.surveillance.elsewhere.examined.markets import simulate

__all__ = ["simulate"]
