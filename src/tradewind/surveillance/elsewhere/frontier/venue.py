"""The venue of a young market: books in price-time order, and the tape of all that happens on them."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tradewind.surveillance.elsewhere.frontier.hand import Hand

Row = tuple[int, str, str, int, str, str, float, int]


@dataclass(slots=True, eq=False)
class Order:
    """An order; ``side`` is 1 to buy and -1 to sell, ``price`` in ticks, ``size`` what is still open."""

    oid: int
    account: str
    symbol: int
    side: int
    price: int
    size: int
    hand: Hand | None
    live: bool = True
    filled: int = 0


class Book:
    """Both sides of one symbol."""

    def __init__(self) -> None:
        self.levels: dict[int, dict[int, dict[int, Order]]] = {1: {}, -1: {}}
        self.heaps: dict[int, list[int]] = {1: [], -1: []}

    def best(self, side: int) -> int | None:
        heap, levels = self.heaps[side], self.levels[side]
        while heap:
            price = -heap[0] * side
            if price in levels:
                return price
            heapq.heappop(heap)
        return None

    def insert(self, order: Order) -> None:
        levels = self.levels[order.side]
        level = levels.get(order.price)
        if level is None:
            level = levels[order.price] = {}
            heapq.heappush(self.heaps[order.side], -order.price * order.side)
        level[order.oid] = order

    def remove(self, order: Order) -> None:
        level = self.levels[order.side][order.price]
        del level[order.oid]
        if not level:
            del self.levels[order.side][order.price]

    def depth(self, side: int, levels: int = 5) -> int:
        """What is open on the best few prices of a side."""
        prices = heapq.nsmallest(levels, self.levels[side], key=lambda price: -price * side)
        return sum(order.size for price in prices for order in self.levels[side][price].values())


class Venue:
    """Matches orders and writes the tape; ``stamp`` is the time that rows bear."""

    def __init__(self, symbols: tuple[str, ...], ticks: tuple[float, ...], ids: Iterator[int]) -> None:
        self.symbols, self.ticks, self.ids = symbols, ticks, ids
        self.books = [Book() for _ in symbols]
        self.rows: list[Row] = []
        self.stamp = 0
        self.deed_rows = 0
        self.own: defaultdict[str, dict[int, Order]] = defaultdict(dict)
        self.position: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.on_trade: Callable[[int, int, int, int], None] = lambda symbol, price, size, side: None
        self.on_rest: Callable[[Order], None] = lambda order: None

    def _write(self, kind: str, order: Order, size: int) -> None:
        price = round(order.price * self.ticks[order.symbol], 6)
        side = "buy" if order.side > 0 else "sell"
        self.rows.append((self.stamp, self.symbols[order.symbol], kind, order.oid, order.account, side, price, size))
        if order.hand is not None:
            self.deed_rows += 1
            order.hand.touch(self.stamp, order.account)

    def news(self, symbol: int) -> None:
        self.rows.append((self.stamp, self.symbols[symbol], "news", 0, "", "", 0.0, 0))

    def enter(
        self,
        symbol: int,
        account: str,
        side: int,
        price: int,
        size: int,
        *,
        ioc: bool = False,
        hand: Hand | None = None,
    ) -> Order:
        """Enter an order: it trades with what it crosses; the rest rests, or is cancelled if ``ioc``."""
        order = Order(next(self.ids), account, symbol, side, max(1, price), max(1, size), hand)
        self._write("new", order, order.size)
        book = self.books[symbol]
        levels = book.levels[-side]
        while order.size:
            best = book.best(-side)
            if best is None or (order.price - best) * side < 0:
                break
            level = levels[best]
            while level and order.size:
                self._trade(book, next(iter(level.values())), order)
        if not order.size:
            order.live = False
        elif ioc:
            self._write("cancel", order, order.size)
            order.live = False
        else:
            book.insert(order)
            self.own[account][order.oid] = order
            self.on_rest(order)
        return order

    def _trade(self, book: Book, maker: Order, taker: Order) -> None:
        size = min(maker.size, taker.size)
        self._write("trade", maker, size)
        for order, other in ((maker, taker), (taker, maker)):
            order.size -= size
            order.filled += size
            self.position[order.account, order.symbol] += order.side * size
            if order.hand is not None:
                order.hand.fill(order.side, size, maker.price, inside=other.hand is order.hand)
        if not maker.size:
            self._drop(maker)
        self.on_trade(maker.symbol, maker.price, size, taker.side)

    def _drop(self, order: Order) -> None:
        self.books[order.symbol].remove(order)
        del self.own[order.account][order.oid]
        order.live = False

    def cancel(self, order: Order) -> None:
        if order.live:
            self._write("cancel", order, order.size)
            self._drop(order)

    def modify(self, order: Order, price: int, size: int) -> bool:
        """Change an order, or refuse: where it is gone, would stay as it is, or would cross."""
        other = self.books[order.symbol].best(-order.side)
        if not order.live or price < 1 or size < 1 or (price == order.price and size == order.size):
            return False
        if other is not None and (price - other) * order.side >= 0:
            return False
        if price != order.price or size > order.size:
            book = self.books[order.symbol]
            book.remove(order)
            order.price, order.size = price, size
            book.insert(order)
        else:
            order.size = size
        self._write("modify", order, size)
        return True

    def close(self) -> None:
        """Cancel all that lives."""
        for orders in self.own.values():
            for order in list(orders.values()):
                self.cancel(order)
