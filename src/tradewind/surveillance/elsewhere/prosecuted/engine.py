"""A price-time priority exchange: books, matching, the tape it writes, and its clock.

Prices are whole ticks inside, sides +1 (buy) and -1 (sell), accounts and symbols small integers. Every process (a
symbol's order flow, an executor, a manipulator) is a generator that yields the nanoseconds until it acts again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import heappop, heappush, heapreplace

SECOND = 1_000_000_000
NEW, CANCEL, MODIFY, TRADE, NEWS = range(5)

Process = Iterator[int]
Row = tuple[int, int, int, int, int, int, int, int]  # time, symbol, kind, order, account, side, price, size


class Order:
    """One order: what is left of it, and what it has traded (``filled`` shares for ``cost`` ticks x shares)."""

    __slots__ = ("account", "cost", "filled", "number", "price", "side", "size")

    def __init__(self, number: int, account: int, side: int, price: int, size: int) -> None:
        self.number, self.account, self.side, self.price, self.size = number, account, side, price, size
        self.filled = 0
        self.cost = 0


class Book:
    """The resting orders of one symbol: ``keys[side]`` holds side x price in rising order, so the best is the last."""

    __slots__ = ("keys", "last", "levels", "symbol")

    def __init__(self, symbol: int, price: int) -> None:
        self.symbol = symbol
        self.last = price
        self.levels: dict[int, dict[int, dict[int, Order]]] = {1: {}, -1: {}}
        self.keys: dict[int, list[int]] = {1: [], -1: []}

    def best(self, side: int) -> int:
        """The best price of a side; without one, the last price or what the other side allows."""
        keys = self.keys[side]
        if keys:
            return side * keys[-1]
        other = self.keys[-side]
        if not other:
            return self.last - side
        return min(self.last, -other[-1] - 1) if side == 1 else max(self.last, other[-1] + 1)

    def mid(self) -> float:
        """Half way between the best prices, in ticks."""
        return (self.best(1) + self.best(-1)) / 2

    def depth(self, side: int, levels: int) -> int:
        """Shares on the best ``levels`` prices of a side."""
        book = self.levels[side]
        return sum(o.size for key in self.keys[side][-levels:] for o in book[side * key].values())

    def at(self, side: int, price: int) -> int:
        """Shares resting on one price."""
        level = self.levels[side].get(price)
        return sum(o.size for o in level.values()) if level else 0

    def rest(self, order: Order) -> None:
        levels = self.levels[order.side]
        level = levels.get(order.price)
        if level is None:
            level = levels[order.price] = {}
            insort(self.keys[order.side], order.side * order.price)
        level[order.number] = order

    def remove(self, order: Order) -> None:
        levels = self.levels[order.side]
        level = levels[order.price]
        del level[order.number]
        if not level:
            del levels[order.price]
            keys = self.keys[order.side]
            del keys[bisect_left(keys, order.side * order.price)]


class Venue:
    """All books, the tape (``rows``) and the list of executions, driven by one clock.

    ``trades`` holds (time, symbol, price, size, buyer, seller, aggressor's side); ``named`` says whether trade rows
    name the resting order (1), the aggressor (2) or both with a row each (3).
    """

    def __init__(self, prices: list[int], named: int) -> None:
        self.books = [Book(symbol, price) for symbol, price in enumerate(prices)]
        self.rows: list[Row] = []
        self.trades: list[tuple[int, int, int, int, int, int, int]] = []
        self.positions: dict[tuple[int, int], int] = {}
        self.named = named
        self.now = 0
        self._orders = 0
        self._queue: list[tuple[int, int, Process]] = []
        self._started = 0

    def start(self, at: int, process: Process) -> None:
        """Let ``process`` take its first step at time ``at``."""
        self._started += 1
        heappush(self._queue, (max(at, self.now), self._started, process))

    def run(self) -> None:
        """Run every process to its end."""
        queue = self._queue
        while queue:
            self.now, number, process = queue[0]
            delay = next(process, None)  # what it starts sorts behind it: a later number, no earlier time
            if delay is None:
                heappop(queue)
            else:
                heapreplace(queue, (self.now + max(int(delay), 1), number, process))

    def submit(self, symbol: int, account: int, side: int, price: int, size: int, keep: bool = True) -> Order:
        """Enter a limit order; what it does not trade at once rests, or is cancelled when ``keep`` is false."""
        self._orders += 1
        order = Order(self._orders, account, side, price, size)
        self.rows.append((self.now, symbol, NEW, order.number, account, side, price, size))
        self._match(symbol, order)
        if order.size:
            if keep:
                self.books[symbol].rest(order)
            else:
                self.rows.append((self.now, symbol, CANCEL, order.number, account, side, price, order.size))
                order.size = 0
        return order

    def cancel(self, symbol: int, order: Order) -> None:
        """Take a resting order out; one that is gone already is left alone."""
        if order.size:
            self.books[symbol].remove(order)
            self.rows.append(
                (self.now, symbol, CANCEL, order.number, order.account, order.side, order.price, order.size)
            )
            order.size = 0

    def modify(self, symbol: int, order: Order, price: int, size: int) -> None:
        """Replace price and open size; only a smaller size at the same price keeps the place in the queue."""
        if not order.size or (price == order.price and size == order.size):
            return
        self.rows.append((self.now, symbol, MODIFY, order.number, order.account, order.side, price, size))
        if price == order.price and size < order.size:
            order.size = size
            return
        book = self.books[symbol]
        book.remove(order)
        order.price, order.size = price, size
        self._match(symbol, order)
        if order.size:
            book.rest(order)

    def news(self, symbol: int) -> None:
        """A headline about the symbol."""
        self.rows.append((self.now, symbol, NEWS, 0, -1, 0, 0, 0))

    def _match(self, symbol: int, order: Order) -> None:
        book, side = self.books[symbol], order.side
        keys, levels = book.keys[-side], book.levels[-side]
        while order.size and keys and side * order.price >= -keys[-1]:
            price = -side * keys[-1]
            level = levels[price]
            while order.size and level:
                resting = next(iter(level.values()))
                size = min(order.size, resting.size)
                self._execute(symbol, order, resting, size)
                if not resting.size:
                    del level[resting.number]
            if not level:
                del levels[price]
                keys.pop()

    def _execute(self, symbol: int, order: Order, resting: Order, size: int) -> None:
        price, now, side = resting.price, self.now, order.side
        for one in (order, resting):
            one.size -= size
            one.filled += size
            one.cost += size * price
            key = (one.account, symbol)
            self.positions[key] = self.positions.get(key, 0) + one.side * size
        if self.named & 1:
            self.rows.append((now, symbol, TRADE, resting.number, resting.account, -side, price, size))
        if self.named & 2:
            self.rows.append((now, symbol, TRADE, order.number, order.account, side, price, size))
        buyer, seller = (order.account, resting.account) if side == 1 else (resting.account, order.account)
        self.trades.append((now, symbol, price, size, buyer, seller, side))
        self.books[symbol].last = price
