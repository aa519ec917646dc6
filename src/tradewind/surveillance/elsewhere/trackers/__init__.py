"""Index funds and the shares in them: makers who hedge, creations, pairs, and indexers at the close."""

from tradewind.surveillance.elsewhere.trackers.markets import simulate

__all__ = ["simulate"]
