"""A market of people behind accounts: owners, managers, brokers and their clients."""

from tradewind.surveillance.elsewhere.brokered.markets import brokered_market

__all__ = ["brokered_market"]
