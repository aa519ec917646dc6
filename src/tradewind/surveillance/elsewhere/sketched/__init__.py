"""A market as an outside examiner would sketch it: simple agents and textbook deeds, every dial drawn widely."""

from tradewind.surveillance.elsewhere.sketched.markets import sketched_market

__all__ = ["sketched_market"]
