"""A simulated venue: a matching engine, traders of many kinds, and markets whose truth is known."""

from tradewind.surveillance.venue.market import Market, Venue, iter_venue, simulate_calm, simulate_venue
from tradewind.surveillance.venue.sampling import sample_settings
from tradewind.surveillance.venue.script import Desk, OrderState, ScheduledNews, Script
from tradewind.surveillance.venue.settings import AgentGroup, CrowdRules, SymbolSettings, VenueSettings

__all__ = [
    "AgentGroup",
    "CrowdRules",
    "Desk",
    "Market",
    "OrderState",
    "ScheduledNews",
    "Script",
    "SymbolSettings",
    "Venue",
    "VenueSettings",
    "iter_venue",
    "sample_settings",
    "simulate_calm",
    "simulate_venue",
]
