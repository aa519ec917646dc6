"""A venue for the market `benchset`: price-time priority on whole ticks, and the tape it leaves."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

Row = tuple[int, str, str, int, str, str, float, int]
BUY, SELL = 1, -1
WORDS = {BUY: "buy", SELL: "sell"}


class Watch(Protocol):
    """Somebody who wants to hear of the fills of a resting order."""

    def filled(self, order: Order, size: int) -> None: ...


@dataclass(slots=True, eq=False)
class Order:
    """An order as the venue holds it; ``left`` is what is open or, once it is over, what never traded."""

    oid: int
    account: str
    side: int
    price: int
    size: int
    left: int
    watch: Watch | None = None
    alive: bool = False

    @property
    def done(self) -> int:
        return self.size - self.left


@dataclass(slots=True, eq=False)
class Level:
    """The queue at one price."""

    queue: dict[int, Order] = field(default_factory=dict)
    total: int = 0


@dataclass(eq=False)
class Book:
    """Both sides of one symbol."""

    symbol: str
    tick: float
    digits: int
    levels: dict[int, dict[int, Level]] = field(default_factory=lambda: {BUY: {}, SELL: {}})
    heaps: dict[int, list[int]] = field(default_factory=lambda: {BUY: [], SELL: []})

    def best(self, side: int) -> int | None:
        heap, levels = self.heaps[side], self.levels[side]
        while heap and -side * heap[0] not in levels:
            heapq.heappop(heap)
        return -side * heap[0] if heap else None

    def depth(self, side: int, prices: int) -> int:
        """Return the open size on the first ``prices`` ticks of a side."""
        top = self.best(side)
        if top is None:
            return 0
        levels = self.levels[side]
        return sum(levels[p].total for p in range(top, top - side * prices, -side) if p in levels)

    def put(self, order: Order) -> None:
        levels = self.levels[order.side]
        level = levels.get(order.price)
        if level is None:
            level = levels[order.price] = Level()
            heapq.heappush(self.heaps[order.side], -order.side * order.price)
        level.queue[order.oid] = order
        level.total += order.left
        order.alive = True

    def drop(self, order: Order) -> None:
        level = self.levels[order.side][order.price]
        del level.queue[order.oid]
        level.total -= order.left
        if not level.queue:
            del self.levels[order.side][order.price]
        order.alive = False


@dataclass(eq=False)
class Venue:
    """Takes orders, matches them and writes every row of the tape."""

    next_id: Callable[[], int]
    on_trade: Callable[[Book, int, int, int], None]
    stamp: int = 0
    rows: list[Row] = field(default_factory=list)

    def _row(self, book: Book, kind: str, order: Order, price: int, size: int) -> None:
        money = round(price * book.tick, book.digits)
        self.rows.append((self.stamp, book.symbol, kind, order.oid, order.account, WORDS[order.side], money, size))

    def send(
        self,
        book: Book,
        account: str,
        side: int,
        price: int,
        size: int,
        *,
        ioc: bool = False,
        watch: Watch | None = None,
    ) -> Order:
        """Enter an order, match it, and rest or cancel what is left."""
        order = Order(self.next_id(), account, side, max(1, price), size, size, watch)
        self._row(book, "new", order, order.price, size)
        while order.left:
            top = book.best(-side)
            if top is None or (order.price - top) * side < 0:
                break
            self._trade(book, order, top)
        if order.left and ioc:
            self._row(book, "cancel", order, order.price, order.left)
        elif order.left:
            book.put(order)
        return order

    def _trade(self, book: Book, taker: Order, price: int) -> None:
        level = book.levels[-taker.side][price]
        maker = next(iter(level.queue.values()))
        size = min(taker.left, maker.left)
        self._row(book, "trade", maker, price, size)
        if size == maker.left:
            book.drop(maker)
        else:
            level.total -= size
        maker.left -= size
        taker.left -= size
        self.on_trade(book, taker.side, price, size)
        if maker.watch is not None:
            maker.watch.filled(maker, size)

    def cancel(self, book: Book, order: Order) -> None:
        if order.alive:
            self._row(book, "cancel", order, order.price, order.left)
            book.drop(order)

    def modify(self, book: Book, order: Order, price: int, size: int) -> bool:
        """Change a resting order where it would not cross; say whether it was changed."""
        other = book.best(-order.side)
        crossing = other is not None and (price - other) * order.side >= 0
        if not order.alive or size < 1 or price < 1 or crossing or (price, size) == (order.price, order.left):
            return False
        if price == order.price and size < order.left:
            book.levels[order.side][price].total -= order.left - size
            order.size -= order.left - size
            order.left = size
        else:
            book.drop(order)
            order.size += size - order.left
            order.price, order.left = price, size
            book.put(order)
        self._row(book, "modify", order, price, size)
        return True

    def news(self, book: Book) -> None:
        self.rows.append((self.stamp, book.symbol, "news", 0, "", "", 0.0, 0))

    def close(self, book: Book) -> None:
        """Cancel whatever is still open."""
        for side in (BUY, SELL):
            for level in list(book.levels[side].values()):
                for order in list(level.queue.values()):
                    self.cancel(book, order)
            book.heaps[side].clear()
