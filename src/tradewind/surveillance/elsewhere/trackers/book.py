"""One symbol's order book: levels of orders in the order they came."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradewind.surveillance.elsewhere.trackers.deed import Deed


class Order:
    """An order; ``size`` is what is still open, ``filled`` and ``paid`` what it traded."""

    __slots__ = ("account", "buy", "deed", "filled", "oid", "paid", "price", "size", "sym")

    def __init__(self, oid: int, sym: int, account: str, buy: bool, price: int, size: int, deed: Deed | None) -> None:
        self.oid = oid
        self.sym = sym
        self.account = account
        self.buy = buy
        self.price = price
        self.size = size
        self.deed = deed
        self.filled = 0
        self.paid = 0


class Book:
    """Both sides of a book: side 0 buys, side 1 sells; prices in ticks."""

    def __init__(self) -> None:
        self.levels: tuple[dict[int, dict[int, Order]], dict[int, dict[int, Order]]] = ({}, {})
        self.depth: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._heaps: tuple[list[int], list[int]] = ([], [])

    def best(self, side: int) -> int | None:
        """Return the best price of a side."""
        heap, levels = self._heaps[side], self.levels[side]
        while heap:
            price = heap[0] if side else -heap[0]
            if price in levels:
                return price
            heapq.heappop(heap)
        return None

    def first(self, side: int, price: int) -> Order:
        """Return the order that is served first at a price."""
        return next(iter(self.levels[side][price].values()))

    def add(self, order: Order) -> None:
        """Let an order stand behind the others at its price."""
        side, price = (0 if order.buy else 1), order.price
        level = self.levels[side].get(price)
        if level is None:
            self.levels[side][price] = {order.oid: order}
            self.depth[side][price] = order.size
            heapq.heappush(self._heaps[side], price if side else -price)
        else:
            level[order.oid] = order
            self.depth[side][price] += order.size

    def reduce(self, order: Order, amount: int) -> None:
        """Take ``amount`` off an order, and the order away when nothing is left."""
        side, price = (0 if order.buy else 1), order.price
        order.size -= amount
        self.depth[side][price] -= amount
        if not order.size:
            level = self.levels[side][price]
            del level[order.oid]
            if not level:
                del self.levels[side][price], self.depth[side][price]

    def change(self, order: Order, price: int, size: int) -> None:
        """Give an order a new price and size; it goes to the end where either is to its favour."""
        if price == order.price and size < order.size:
            self.reduce(order, order.size - size)
            return
        self.reduce(order, order.size)
        order.price, order.size = price, size
        self.add(order)

    def mine(self, side: int, account: str, price: int, size: int) -> list[Order]:
        """Return an account's own orders that one of this price and size from the other side would meet."""
        found = []
        levels = self.levels[side]
        crossing = [p for p in levels if (p <= price if side else p >= price)]
        for at in sorted(crossing, reverse=not side):
            for order in levels[at].values():
                if order.account == account:
                    found.append(order)
                else:
                    size -= order.size
                if size <= 0:
                    return found
        return found

    def lean(self, reach: int) -> float:
        """Return how much heavier the buyers near the best prices are, from -1 to 1."""
        bid, ask = self.best(0), self.best(1)
        if bid is None or ask is None:
            return 0.0
        buys, sells = self.depth
        down = sum([buys.get(p, 0) for p in range(bid, bid - reach, -1)])
        up = sum([sells.get(p, 0) for p in range(ask, ask + reach)])
        return (down - up) / (down + up)

    def orders(self) -> list[Order]:
        """Return every open order, oldest number first."""
        found = [order for side in self.levels for level in side.values() for order in level.values()]
        return sorted(found, key=lambda order: order.oid)
