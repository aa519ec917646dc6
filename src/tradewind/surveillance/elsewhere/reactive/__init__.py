"""A venue without a value: queues draw and repel orders, the price is what their emptying leaves."""

from tradewind.surveillance.elsewhere.reactive.markets import ReactiveMarket, reactive_market

__all__ = ["ReactiveMarket", "reactive_market"]
