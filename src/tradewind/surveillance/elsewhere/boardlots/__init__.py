"""Widely held shares in board lots: coarse ticks, daily limits, a pause at noon, brokers whose clients herd."""

from tradewind.surveillance.elsewhere.boardlots.markets import simulate

__all__ = ["simulate"]
