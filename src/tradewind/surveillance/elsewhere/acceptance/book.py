"""A venue's books: price and time priority, and the tape on which every act of every order is written."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Row = tuple[int, int, str, int, str, int, int, int, int]
"""Time, symbol, kind, order, account, side (+1 buys), price in ticks, size, deed (0: none)."""


class Tape:
    """The rows of all books in their order, and the time at which they are written."""

    def __init__(self, number: Callable[[], int]) -> None:
        self.now = 0
        self.rows: list[Row] = []
        self.tagged = 0
        self.number = number


class Order:
    """An order and what is still open of it."""

    __slots__ = ("account", "filled", "live", "oid", "price", "side", "size", "tag")

    def __init__(self, oid: int, account: str, side: int, price: int, size: int, tag: int) -> None:
        self.oid = oid
        self.account = account
        self.side = side
        self.price = price
        self.size = size
        self.tag = tag
        self.filled = 0
        self.live = False


class Book:
    """The two sides of one symbol."""

    def __init__(self, index: int, tape: Tape, hook: Callable[[int, int, int, int], None]) -> None:
        self.index = index
        self.tape = tape
        self.hook = hook
        self.levels: dict[int, dict[int, dict[int, Order]]] = {1: {}, -1: {}}
        self.volume: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self.heaps: dict[int, list[int]] = {1: [], -1: []}
        self.own: dict[str, dict[int, Order]] = {}
        self.holdings: dict[tuple[int, str], int] = {}

    def best(self, side: int) -> int | None:
        """Return the best price of a side, if it has one."""
        heap, levels = self.heaps[side], self.levels[side]
        while heap:
            price = -side * heap[0]
            if price in levels:
                return price
            heapq.heappop(heap)
        return None

    def near(self, side: int, prices: int = 6) -> int:
        """Return the size that stands on the first few ticks of a side."""
        first, volume = self.best(side), self.volume[side]
        return 0 if first is None else sum(volume.get(first - side * i, 0) for i in range(prices))

    def imbalance(self) -> float:
        """Return how much more is bid than asked for near the touch, from -1 to 1."""
        bid, ask = self.near(1), self.near(-1)
        return (bid - ask) / (bid + ask) if bid + ask else 0.0

    def write(self, kind: str, order: Order, size: int) -> None:
        """Write one act of an order."""
        tape = self.tape
        row = (tape.now, self.index, kind, order.oid, order.account, order.side, order.price, size, order.tag)
        tape.rows.append(row)
        tape.tagged += order.tag > 0

    def news(self) -> None:
        """Write a public notice on the symbol."""
        self.tape.rows.append((self.tape.now, self.index, "news", 0, "", 0, 0, 0, 0))

    def submit(
        self, account: str, side: int, price: int, size: int, *, tag: int = 0, ioc: bool = False, own: bool = False
    ) -> Order:
        """Enter an order, match it, and let its rest stand or lapse; ``own``: it may meet the account's own orders."""
        if not own and account in self.own:
            for rest in list(self.own[account].values()):
                if rest.side != side and (price - rest.price) * side >= 0:
                    self.cancel(rest)
        order = Order(self.tape.number(), account, side, max(1, price), size, tag)
        self.write("new", order, size)
        other, last = -side, 0
        while order.size:
            touch = self.best(other)
            if touch is None or (touch - order.price) * side > 0:
                break
            level = self.levels[other][touch]
            rest = next(iter(level.values()))
            part = min(rest.size, order.size)
            self.write("trade", rest, part)
            rest.size -= part
            rest.filled += part
            order.size -= part
            order.filled += part
            self.volume[other][touch] -= part
            last = touch
            if rest.tag:
                self._hold(rest, part)
            if not rest.size:
                self._drop(rest)
        if order.filled:
            if tag:
                self._hold(order, order.filled)
            self.hook(self.index, side, last, order.filled)
        if order.size and ioc:
            self.write("cancel", order, order.size)
            order.size = 0
        elif order.size:
            order.live = True
            self._put(order)
            self.own.setdefault(account, {})[order.oid] = order
        return order

    def cancel(self, order: Order) -> None:
        """Take an order back, if it still stands."""
        if order.live:
            self.write("cancel", order, order.size)
            self.volume[order.side][order.price] -= order.size
            self._drop(order)

    def modify(self, order: Order, price: int, size: int) -> bool:
        """Change an order that stands; False where it does not, or where its new price would cross."""
        touch = self.best(-order.side)
        if not order.live or price < 1 or (touch is not None and (price - touch) * order.side >= 0):
            return False
        if price == order.price and size == order.size:
            return False
        if price == order.price and size <= order.size:
            self.volume[order.side][price] -= order.size - size
            order.size = size
        else:
            self.volume[order.side][order.price] -= order.size
            self._leave(order)
            order.price, order.size = price, size
            self._put(order)
        self.write("modify", order, size)
        return True

    def clear(self) -> None:
        """Cancel all that stands, at the end of a session."""
        for orders in list(self.own.values()):
            for order in list(orders.values()):
                self.cancel(order)

    def _hold(self, order: Order, part: int) -> None:
        key = (order.tag, order.account)
        self.holdings[key] = self.holdings.get(key, 0) + order.side * part

    def _put(self, order: Order) -> None:
        levels = self.levels[order.side]
        if order.price not in levels:
            levels[order.price] = {}
            heapq.heappush(self.heaps[order.side], -order.side * order.price)
        levels[order.price][order.oid] = order
        volume = self.volume[order.side]
        volume[order.price] = volume.get(order.price, 0) + order.size

    def _leave(self, order: Order) -> None:
        level = self.levels[order.side][order.price]
        del level[order.oid]
        if not level:
            del self.levels[order.side][order.price], self.volume[order.side][order.price]

    def _drop(self, order: Order) -> None:
        self._leave(order)
        order.live = False
        mine = self.own[order.account]
        del mine[order.oid]
        if not mine:
            del self.own[order.account]
