"""The venue of the penny market: books with price-time priority, and the tape of all that happens there."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

WORDS = {1: "buy", -1: "sell"}


class Mark(Protocol):
    """What keeps count of the orders that belong to one undertaking."""

    def touched(self, stamp: int, order: Order) -> None: ...

    def filled(self, order: Order, other: Order, size: int) -> None: ...


class Order:
    """One order; ``size`` is what is still open."""

    __slots__ = ("account", "book", "done", "live", "mark", "oid", "price", "side", "size")

    def __init__(self, oid: int, book: Book, account: str, side: int, price: int, size: int, mark: Mark | None) -> None:
        self.oid, self.book, self.account, self.side = oid, book, account, side
        self.price, self.size, self.mark = price, size, mark
        self.done = 0
        self.live = False


@dataclass(eq=False)
class Book:
    """Both sides of one share, prices in whole ticks; side +1 buys and -1 sells."""

    name: str
    tick: float
    last: int
    levels: dict[int, dict[int, dict[int, Order]]] = field(default_factory=lambda: {1: {}, -1: {}})
    depth: dict[int, dict[int, int]] = field(default_factory=lambda: {1: {}, -1: {}})
    heaps: dict[int, list[int]] = field(default_factory=lambda: {1: [], -1: []})
    own: dict[str, dict[int, Order]] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)

    def best(self, side: int) -> int | None:
        """Return the best price of one side, or None where nobody stands."""
        heap, levels = self.heaps[side], self.levels[side]
        while heap and -side * heap[0] not in levels:
            heapq.heappop(heap)
        return -side * heap[0] if heap else None

    def mid(self) -> float:
        """Return the middle of the book, or the last price where a side is empty."""
        bid, ask = self.best(1), self.best(-1)
        if bid is None or ask is None:
            return float(self.last)
        return (bid + ask) / 2

    def near(self, side: int, prices: int = 3) -> int:
        """Return what stands on the best few prices of a side."""
        best = self.best(side)
        if best is None:
            return 0
        depth = self.depth[side]
        return sum(depth.get(best - side * k, 0) for k in range(prices))

    def imbalance(self) -> float:
        """Return how far the near bids outweigh the near offers, in -1 to 1."""
        bids, asks = self.near(1), self.near(-1)
        return (bids - asks) / (bids + asks) if bids + asks else 0.0


class Venue:
    """Matches orders and writes the tape; the clock is set from outside."""

    def __init__(self, rng: Random) -> None:
        self.stamp = 0
        self.rows: list[tuple[int, str, str, int, str, str, float, int]] = []
        self._rng = rng
        self._oid = rng.choice((0, rng.randrange(10**5), rng.randrange(10**9)))
        self._stride = rng.choice((1, 1, 1, 3, 9, 40))
        self.own_crossing = rng.random() < 0.25
        self.heard: Callable[[Book, Order, int], None] = lambda book, order, done: None

    def _row(self, kind: str, order: Order, size: int) -> None:
        book = order.book
        price = round(order.price * book.tick, 6)
        self.rows.append((self.stamp, book.name, kind, order.oid, order.account, WORDS[order.side], price, size))
        if order.mark is not None:
            order.mark.touched(self.stamp, order)

    def news(self, book: Book) -> None:
        """Publish news on a share."""
        self.rows.append((self.stamp, book.name, "news", 0, "", "", 0.0, 0))

    def enter(
        self, book: Book, account: str, side: int, price: int, size: int, *, ioc: bool = False, mark: Mark | None = None
    ) -> Order:
        """Enter an order: match what crosses, then rest what is left or cancel it at once."""
        price, size = max(1, int(price)), max(1, int(size))
        if mark is None and not self.own_crossing:
            for mine in list(book.own.get(account, {}).values()):
                if mine.side != side and (price - mine.price) * side >= 0:
                    self.cancel(mine)
        self._oid += 1 if self._stride == 1 else self._rng.randint(1, self._stride)
        order = Order(self._oid, book, account, side, price, size, mark)
        self._row("new", order, size)
        while order.size:
            best = book.best(-side)
            if best is None or (best - price) * side > 0:
                break
            self._match(order, next(iter(book.levels[-side][best].values())))
        if order.size:
            if ioc:
                self._row("cancel", order, order.size)
            else:
                self._rest(order)
        self.heard(book, order, order.done)
        return order

    def _match(self, order: Order, resting: Order) -> None:
        book = order.book
        size = min(order.size, resting.size)
        self._row("trade", resting, size)
        order.size -= size
        order.done += size
        resting.size -= size
        resting.done += size
        book.depth[resting.side][resting.price] -= size
        book.last = resting.price
        held = book.held
        held[order.account] = held.get(order.account, 0) + order.side * size
        held[resting.account] = held.get(resting.account, 0) - order.side * size
        if order.mark is not None:
            order.mark.filled(order, resting, size)
        if resting.mark is not None:
            resting.mark.filled(resting, order, size)
        if not resting.size:
            self._unrest(resting)

    def _rest(self, order: Order) -> None:
        book, side, price = order.book, order.side, order.price
        levels = book.levels[side]
        if price not in levels:
            levels[price] = {}
            book.depth[side][price] = 0
            heapq.heappush(book.heaps[side], -side * price)
        levels[price][order.oid] = order
        book.depth[side][price] += order.size
        order.live = True
        book.own.setdefault(order.account, {})[order.oid] = order

    def _unrest(self, order: Order) -> None:
        book, side, price = order.book, order.side, order.price
        level = book.levels[side][price]
        del level[order.oid]
        book.depth[side][price] -= order.size
        if not level:
            del book.levels[side][price], book.depth[side][price]
        order.live = False
        del book.own[order.account][order.oid]

    def cancel(self, order: Order) -> None:
        """Take an order back, if it still stands."""
        if order.live:
            self._unrest(order)
            self._row("cancel", order, order.size)

    def modify(self, order: Order, price: int, size: int) -> bool:
        """Change an order that stands; refused where it would cross or where nothing changes."""
        price, size = max(1, int(price)), max(1, int(size))
        best = order.book.best(-order.side)
        if not order.live or (best is not None and (price - best) * order.side >= 0):
            return False
        if price == order.price and size == order.size:
            return False
        if price != order.price or size > order.size:
            self._unrest(order)
            order.price, order.size = price, size
            self._rest(order)
        else:
            order.book.depth[order.side][price] -= order.size - size
            order.size = size
        self._row("modify", order, size)
        return True

    def close(self, books: list[Book]) -> None:
        """End a session: cancel whatever stands."""
        for book in books:
            for side in (1, -1):
                for level in list(book.levels[side].values()):
                    for order in list(level.values()):
                        self.cancel(order)
