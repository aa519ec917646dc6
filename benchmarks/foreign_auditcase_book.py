"""The auditor's exchange: price-time books on whole ticks, and the tape that they leave behind."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

TICKS_PER_UNIT = 100
NAMES = {1: "buy", -1: "sell"}

Row = tuple[int, str, str, int, str, str, int, int]


class Owner(Protocol):
    """Somebody who wants to hear of the fills of an order."""

    def told(self, order: Order, size: int, price: int, other: Order) -> None:
        """Hear of ``size`` traded at ``price`` with the order of somebody else."""


@dataclass(slots=True, eq=False)
class Order:
    """An order: ``side`` is 1 to buy and -1 to sell, ``crossable`` lets it trade with its own account."""

    account: str
    side: int
    price: int
    open: int
    owner: Owner | None = None
    crossable: bool = False
    number: int = 0
    filled: int = 0
    live: bool = False


class Book:
    """The resting orders of one symbol."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.queues: dict[int, dict[int, deque[Order]]] = {1: {}, -1: {}}
        self.totals: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self.heaps: dict[int, list[int]] = {1: [], -1: []}
        self.mine: dict[str, dict[int, Order]] = {}
        self.last = 0
        self.volume = 0
        self.trades: list[tuple[int, int, int]] = []

    def best(self, side: int) -> int | None:
        """Return the best price of a side, if anybody quotes there."""
        heap, totals = self.heaps[side], self.totals[side]
        while heap:
            price = -side * heap[0]
            if totals.get(price):
                return price
            heapq.heappop(heap)
            self.queues[side].pop(price, None)
            totals.pop(price, None)
        return None

    def near(self, side: int, ticks: int) -> int:
        """Return what is shown within ``ticks`` of the touch of a side."""
        best = self.best(side)
        if best is None:
            return 0
        totals = self.totals[side]
        return sum(totals.get(best - side * step, 0) for step in range(ticks + 1))

    def ahead(self, order: Order) -> int:
        """Return the size that trades before a resting order."""
        better = sum(
            total for price, total in self.totals[order.side].items() if order.side * (price - order.price) > 0
        )
        for other in self.queues[order.side][order.price]:
            if other is order:
                break
            better += other.open if other.live else 0
        return better

    def put(self, order: Order) -> None:
        """Queue an order up at its price."""
        queues, totals = self.queues[order.side], self.totals[order.side]
        if order.price not in queues:
            queues[order.price] = deque()
            totals[order.price] = 0
            heapq.heappush(self.heaps[order.side], -order.side * order.price)
        queues[order.price].append(order)
        totals[order.price] += order.open
        order.live = True
        self.mine.setdefault(order.account, {})[order.number] = order

    def drop(self, order: Order) -> None:
        """Take an order out of its queue."""
        self.totals[order.side][order.price] -= order.open
        self.queues[order.side][order.price].remove(order)
        self.forget(order)

    def forget(self, order: Order) -> None:
        """Let go of an order that no longer rests."""
        order.live = False
        del self.mine[order.account][order.number]


@dataclass
class Venue:
    """All books under one clock, and the tape."""

    books: dict[str, Book] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    now: int = 0
    numbers: int = 0

    def send(self, book: Book, order: Order, rest: bool = True) -> Order:
        """Take an order in: it trades as far as it reaches, and rests or is cancelled with what is left."""
        order.price = max(1, order.price)
        if not order.crossable:
            self._clear_way(book, order)
        self.numbers += 1
        order.number = self.numbers
        self._tell("new", book, order)
        while order.open:
            price = book.best(-order.side)
            if price is None or order.side * (order.price - price) < 0:
                break
            self._trade(book, order, book.queues[-order.side][price], price)
        if order.open and rest:
            book.put(order)
        elif order.open:
            self._tell("cancel", book, order)
        return order

    def cancel(self, book: Book, order: Order) -> None:
        """Take a resting order away."""
        if order.live:
            self._tell("cancel", book, order)
            book.drop(order)

    def modify(self, book: Book, order: Order, price: int, size: int) -> None:
        """Change a resting order, short of crossing the spread."""
        if not order.live or size < 1:
            return
        against = book.best(-order.side)
        if against is not None and order.side * (price - against) >= 0:
            price = against - order.side
        price = max(1, price)
        if price == order.price and size == order.open:
            return
        if price == order.price and size < order.open:
            book.totals[order.side][price] -= order.open - size
            order.open = size
        else:
            book.drop(order)
            order.price, order.open = price, size
            book.put(order)
        self._tell("modify", book, order)

    def news(self, book: Book) -> None:
        """Print that there is news about a symbol."""
        self.rows.append((self.now, book.symbol, "news", 0, "", "", 0, 0))

    def close(self) -> None:
        """End the session: all that rests is cancelled."""
        for book in self.books.values():
            for orders in list(book.mine.values()):
                for order in list(orders.values()):
                    self.cancel(book, order)

    def _clear_way(self, book: Book, order: Order) -> None:
        for own in list(book.mine.get(order.account, {}).values()):
            if own.side != order.side and order.side * (order.price - own.price) >= 0:
                self.cancel(book, own)

    def _trade(self, book: Book, taker: Order, queue: deque[Order], price: int) -> None:
        maker = queue[0]
        size = min(maker.open, taker.open)
        self.rows.append((self.now, book.symbol, "trade", maker.number, maker.account, NAMES[maker.side], price, size))
        maker.open -= size
        taker.open -= size
        maker.filled += size
        taker.filled += size
        book.totals[maker.side][price] -= size
        if not maker.open:
            queue.popleft()
            book.forget(maker)
        book.last = price
        book.volume += size
        book.trades.append((taker.side, size, price))
        for own, other in ((maker, taker), (taker, maker)):
            if own.owner is not None:
                own.owner.told(own, size, price, other)

    def _tell(self, kind: str, book: Book, order: Order) -> None:
        self.rows.append(
            (self.now, book.symbol, kind, order.number, order.account, NAMES[order.side], order.price, order.open)
        )
