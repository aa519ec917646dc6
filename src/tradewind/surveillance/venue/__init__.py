"""A simulated venue: a matching engine, traders of many kinds, and markets whose truth is known."""

from tradewind.surveillance.venue.script import Desk, OrderState, ScheduledNews, Script

__all__ = ["Desk", "OrderState", "ScheduledNews", "Script"]
