"""The venue of the midcaps market: books in price-time priority, and the tape they write."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Protocol

SIDES = {1: "buy", -1: "sell"}


class Marked(Protocol):
    """Whatever wants to know when an order of its own shows on the tape."""

    def touch(self, now: int) -> None:
        """Take note that a row of one's own was written at ``now``."""


class Order:
    """One order: what is open of it in ``size``, what has traded in ``filled`` for ``paid`` ticks in all."""

    __slots__ = ("account", "filled", "live", "mark", "oid", "on_fill", "paid", "price", "side", "size", "symbol")

    def __init__(self, oid: int, symbol: int, account: str, side: int, price: int, size: int) -> None:
        self.oid, self.symbol, self.account, self.side = oid, symbol, account, side
        self.price, self.size, self.filled, self.paid, self.live = price, size, 0, 0, True
        self.mark: Marked | None = None
        self.on_fill: Callable[[Order, int], None] | None = None


Row = tuple[int, int, str, int, str, str, int, int]


class Venue:
    """Order books of all symbols, prices in whole ticks; every change is a row of ``tape``."""

    def __init__(self, symbols: int, ids: Iterator[int]) -> None:
        self.now = 0
        self.ids = ids
        self.tape: list[Row] = []
        self.marked_rows = 0
        self.queues: list[dict[int, dict[int, dict[int, Order]]]] = [{1: {}, -1: {}} for _ in range(symbols)]
        self.depth: list[dict[int, dict[int, int]]] = [{1: {}, -1: {}} for _ in range(symbols)]
        self.heaps: list[dict[int, list[int]]] = [{1: [], -1: []} for _ in range(symbols)]

    def best(self, symbol: int, side: int) -> int | None:
        """Return the best price of one side, or None where it is empty."""
        heap, queues = self.heaps[symbol][side], self.queues[symbol][side]
        while heap:
            price = -side * heap[0]
            if price in queues:
                return price
            heapq.heappop(heap)
        return None

    def first(self, symbol: int, side: int) -> Order | None:
        """Return the order that would trade next on one side."""
        price = self.best(symbol, side)
        return None if price is None else next(iter(self.queues[symbol][side][price].values()))

    def near(self, symbol: int, side: int, span: int) -> int:
        """Return the size open within ``span`` ticks of the best price of one side."""
        price = self.best(symbol, side)
        if price is None:
            return 0
        depth = self.depth[symbol][side]
        return sum(depth.get(price - side * i, 0) for i in range(span))

    def enter(
        self,
        symbol: int,
        account: str,
        side: int,
        price: int,
        size: int,
        ioc: bool = False,
        mark: Marked | None = None,
        on_fill: Callable[[Order, int], None] | None = None,
    ) -> Order:
        """Enter an order: it trades what it can; its rest waits in the book, or is cancelled where ``ioc``."""
        order = Order(next(self.ids), symbol, account, side, price, size)
        order.mark, order.on_fill = mark, on_fill
        self._write("new", order, size)
        told: list[tuple[Order, int]] = []
        while order.size:
            at = self.best(symbol, -side)
            if at is None or side * (price - at) < 0:
                break
            self._trade(order, at, told)
        if not order.size:
            order.live = False
        elif ioc:
            order.live = False
            self._write("cancel", order, order.size)
        else:
            self._queue(order)
        for other, quantity in told:
            if other.on_fill is not None:
                other.on_fill(other, quantity)
        return order

    def cancel(self, order: Order) -> None:
        """Take an order out of the book, where it is still open."""
        if order.live:
            self._unqueue(order)
            order.live = False
            self._write("cancel", order, order.size)

    def modify(self, order: Order, price: int, size: int) -> bool:
        """Change an open order's price and size; refused where it would trade at once or nothing would change."""
        if not order.live or size <= 0 or price <= 0 or (price == order.price and size == order.size):
            return False
        other = self.best(order.symbol, -order.side)
        if other is not None and order.side * (price - other) >= 0:
            return False
        if price == order.price and size < order.size:
            self.depth[order.symbol][order.side][price] += size - order.size
            order.size = size
        else:
            self._unqueue(order)
            order.price, order.size = price, size
            self._queue(order)
        self._write("modify", order, size)
        return True

    def news(self, symbol: int) -> None:
        """Write a public news item."""
        self.tape.append((self.now, symbol, "news", 0, "", "", 0, 0))

    def clear(self) -> None:
        """Cancel whatever is open, as at the end of a session."""
        for sides in self.queues:
            for queues in sides.values():
                for order in [order for queue in queues.values() for order in queue.values()]:
                    self.cancel(order)

    def _write(self, kind: str, order: Order, size: int) -> None:
        self.tape.append((self.now, order.symbol, kind, order.oid, order.account, SIDES[order.side], order.price, size))
        if order.mark is not None:
            self.marked_rows += 1
            order.mark.touch(self.now)

    def _trade(self, order: Order, at: int, told: list[tuple[Order, int]]) -> None:
        queue = self.queues[order.symbol][-order.side][at]
        resting = next(iter(queue.values()))
        quantity = min(order.size, resting.size)
        for one in (order, resting):
            one.size -= quantity
            one.filled += quantity
            one.paid += quantity * at
        self._write("trade", resting, quantity)
        told.append((resting, quantity))
        depth = self.depth[order.symbol][-order.side]
        depth[at] -= quantity
        if not resting.size:
            resting.live = False
            del queue[resting.oid]
            if not queue:
                del self.queues[order.symbol][-order.side][at], depth[at]

    def _queue(self, order: Order) -> None:
        queues, depth = self.queues[order.symbol][order.side], self.depth[order.symbol][order.side]
        queue = queues.get(order.price)
        if queue is None:
            queue = queues[order.price] = {}
            heapq.heappush(self.heaps[order.symbol][order.side], -order.side * order.price)
            depth[order.price] = 0
        queue[order.oid] = order
        depth[order.price] += order.size

    def _unqueue(self, order: Order) -> None:
        queues, depth = self.queues[order.symbol][order.side], self.depth[order.symbol][order.side]
        queue = queues[order.price]
        del queue[order.oid]
        depth[order.price] -= order.size
        if not queue:
            del queues[order.price], depth[order.price]
