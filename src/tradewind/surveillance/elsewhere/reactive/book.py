"""The book: two ladders of queues, each of which knows how long it is."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Order:
    """An order; ``left`` falls as it is executed or taken back, ``filled`` counts what was executed."""

    number: int
    symbol: int
    account: str
    side: int
    price: int
    size: int
    left: int
    filled: int = 0


class Ladder:
    """One side: queues by price in ticks; ``keys`` are prices signed so that the best is the least."""

    __slots__ = ("keys", "lengths", "queues", "side")

    def __init__(self, side: int) -> None:
        self.side = side
        self.keys: list[int] = []
        self.queues: dict[int, dict[int, Order]] = {}
        self.lengths: dict[int, int] = {}

    def best(self) -> int:
        """Return the best price, 0 where there is none."""
        return -self.side * self.keys[0] if self.keys else 0

    def first(self) -> Order:
        """Return the order that trades next, where there is one."""
        return next(iter(self.queues[self.keys[0]].values()))

    def length(self, price: int) -> int:
        """Return the shares that wait at a price."""
        return self.lengths.get(-self.side * price, 0)

    def near(self, levels: int) -> int:
        """Return the shares that wait at the best ``levels``."""
        lengths = self.lengths
        return sum(lengths[key] for key in self.keys[:levels])

    def up_to(self, price: int) -> int:
        """Return the shares that wait at a price or better ones."""
        limit, found = -self.side * price, 0
        for key in self.keys:
            if key > limit:
                break
            found += self.lengths[key]
        return found

    def rest(self, order: Order) -> None:
        """Put an order at the end of its queue."""
        key = -self.side * order.price
        queue = self.queues.get(key)
        if queue is None:
            self.queues[key] = {order.number: order}
            self.lengths[key] = order.left
            insort(self.keys, key)
            return
        queue[order.number] = order
        self.lengths[key] += order.left

    def shorten(self, order: Order, shares: int) -> bool:
        """Take shares of a resting order out; return whether its queue is now empty."""
        key = -self.side * order.price
        order.left -= shares
        self.lengths[key] -= shares
        if order.left > 0:
            return False
        queue = self.queues[key]
        del queue[order.number]
        if queue:
            return False
        del self.queues[key], self.lengths[key], self.keys[bisect_left(self.keys, key)]
        return True

    def ahead(self, order: Order) -> int:
        """Return the shares that trade before a resting order."""
        key = -self.side * order.price
        found = sum(self.lengths[k] for k in self.keys[: bisect_left(self.keys, key)])
        for other in self.queues[key].values():
            if other.number == order.number:
                break
            found += other.left
        return found

    def orders(self) -> Iterator[Order]:
        """Go through all orders, best first."""
        for key in list(self.keys):
            yield from list(self.queues[key].values())
