"""A venue without a value: queues draw and repel orders, the price is what their emptying leaves."""

from tradewind.surveillance.elsewhere.reactive.markets import reactive_market

__all__ = ["reactive_market"]
