"""Mid-sized shares of no country, deeds as regulators' cases tell them: how a bank would examine a product."""

from tradewind.surveillance.elsewhere.acceptance.markets import simulate

__all__ = ["simulate"]
