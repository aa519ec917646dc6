"""The book of a lively market: prices in ticks, first come first served."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field


@dataclass(slots=True)
class Order:
    """An order; ``left`` falls as it is executed or taken back."""

    id: int
    symbol: int
    account: str
    side: int
    price: int
    size: int
    left: int
    filled: int = 0


@dataclass
class Book:
    """Orders by price and, within one, by arrival; bids are keyed by the negated price, so that the best is first."""

    levels: dict[int, dict[int, dict[int, Order]]] = field(default_factory=lambda: {1: {}, -1: {}})
    keys: dict[int, list[int]] = field(default_factory=lambda: {1: [], -1: []})

    def best(self, side: int) -> int:
        """Return the best price of a side, 0 where it is empty."""
        keys = self.keys[side]
        return -side * keys[0] if keys else 0

    def first(self, side: int) -> Order:
        """Return the order that trades next on a side that is not empty."""
        return next(iter(self.levels[side][self.keys[side][0]].values()))

    def rest(self, order: Order) -> None:
        """Put an order at the end of its price's queue."""
        key = -order.side * order.price
        queue = self.levels[order.side].get(key)
        if queue is None:
            queue = self.levels[order.side][key] = {}
            insort(self.keys[order.side], key)
        queue[order.id] = order

    def remove(self, order: Order) -> None:
        """Take an order out, if it rests here."""
        key = -order.side * order.price
        queue = self.levels[order.side].get(key)
        if queue is None or queue.pop(order.id, None) is None or queue:
            return
        del self.levels[order.side][key]
        keys = self.keys[order.side]
        del keys[bisect_left(keys, key)]

    def depth(self, side: int, levels: int) -> list[tuple[int, int]]:
        """Return price and shares of the best ``levels``, best first."""
        return [
            (-side * key, sum(order.left for order in self.levels[side][key].values()))
            for key in self.keys[side][:levels]
        ]

    def resting(self) -> list[Order]:
        """Return every order."""
        return [order for side in (1, -1) for queue in self.levels[side].values() for order in queue.values()]
