"""Private clients in small shares: round sizes, habits, stops, savings plans, and few who quote for a living."""

from tradewind.surveillance.elsewhere.retail.markets import simulate

__all__ = ["simulate"]
