"""The venue: books under price-time priority, counted in ticks, and the tape that tells of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MARKET, TOUCH, DEEP, DROP_TOUCH, DROP_DEEP = range(5)
"""What an order does to a book: it trades, joins or betters the best price, rests deeper, or goes from either."""
Row = tuple[int, str, str, int, str, str, float, int]


class Owner(Protocol):
    """Who is told when an order of his trades."""

    def filled(self, order: Order, other: Order, size: int, price: int) -> None: ...


@dataclass(slots=True, eq=False)
class Order:
    """An order in a book; ``owner`` is ``None`` where it belongs to the general flow."""

    number: int
    account: str
    buy: bool
    price: int
    open: int
    owner: Owner | None = None
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asks of the venue; ``now`` : whatever does not trade at once is cancelled."""

    account: str
    buy: bool
    price: int
    size: int
    now: bool = False
    owner: Owner | None = None
    own_too: bool = False


@dataclass(slots=True)
class Book:
    """Both sides of one symbol, indexed by whether they buy."""

    symbol: str
    tick: float
    queues: tuple[dict[int, dict[int, Order]], dict[int, dict[int, Order]]] = field(default_factory=lambda: ({}, {}))
    prices: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    sizes: tuple[dict[int, int], dict[int, int]] = field(default_factory=lambda: ({}, {}))
    loose: list[int] = field(default_factory=lambda: [0, 0])

    def best(self, buy: bool) -> int | None:
        """Return the best price of a side."""
        prices = self.prices[buy]
        return prices[-1 if buy else 0] if prices else None

    def levels(self, buy: bool, count: int) -> list[int]:
        """Return the best prices of a side, best first."""
        prices = self.prices[buy]
        return prices[: -count - 1 : -1] if buy else prices[:count]

    def depth(self, buy: bool, count: int) -> int:
        """Return the size that rests at the best ``count`` prices of a side."""
        sizes = self.sizes[buy]
        return sum([sizes[price] for price in self.levels(buy, count)])

    def at(self, buy: bool, price: int) -> int:
        """Return the size that rests at a price."""
        return self.sizes[buy].get(price, 0)

    def crosses(self, buy: bool, price: int) -> bool:
        """Say whether an order would trade at once."""
        best = self.best(not buy)
        return best is not None and (price >= best if buy else price <= best)

    def put(self, order: Order) -> None:
        """Queue an order behind all others at its price."""
        queue = self.queues[order.buy].get(order.price)
        if queue is None:
            queue = self.queues[order.buy][order.price] = {}
            self.sizes[order.buy][order.price] = 0
            insort(self.prices[order.buy], order.price)
        queue[order.number] = order
        self.sizes[order.buy][order.price] += order.open
        self.loose[order.buy] += order.owner is None

    def take_out(self, order: Order) -> None:
        """Take an order out of its queue."""
        queue = self.queues[order.buy][order.price]
        del queue[order.number]
        self.sizes[order.buy][order.price] -= order.open
        self.loose[order.buy] -= order.owner is None
        if not queue:
            del self.queues[order.buy][order.price], self.sizes[order.buy][order.price]
            prices = self.prices[order.buy]
            del prices[bisect_left(prices, order.price)]


class Venue:
    """All books behind one clock: every message takes its microsecond."""

    def __init__(self, listed: Sequence[tuple[str, float]], first: int) -> None:
        self.books = [Book(symbol, tick) for symbol, tick in listed]
        self.rows: list[Row] = []
        self.now = self.clock = 0
        self.number = first
        self.watch: Callable[[int, int, Order], None] = lambda *_: None

    def send(self, s: int, ask: Ask) -> Order:
        """Let an order come in, trade, and rest or go; own orders in its way are pulled first unless ``own_too``."""
        book = self.books[s]
        if not ask.own_too:
            self._clear_way(s, ask)
        self._stamp()
        self.number += 1
        order = Order(self.number, ask.account, ask.buy, ask.price, ask.size, ask.owner)
        best = book.best(ask.buy)
        deep = best is not None and (ask.price < best if ask.buy else ask.price > best)
        self._row("new", book, order, order.open)
        self._match(book, order)
        if order.open and ask.now:
            self._row("cancel", book, order, order.open)
            order.open = 0
        elif order.open:
            book.put(order)
        self.watch(s, MARKET if order.filled else DEEP if deep else TOUCH, order)
        return order

    def cancel(self, s: int, order: Order) -> None:
        """Take an order away."""
        book = self.books[s]
        self._stamp()
        kind = DROP_TOUCH if order.price == book.best(order.buy) else DROP_DEEP
        self._row("cancel", book, order, order.open)
        book.take_out(order)
        order.open = 0
        self.watch(s, kind, order)

    def modify(self, s: int, order: Order, price: int, size: int) -> bool:
        """Change an order unless it would trade; a better place in the queue is never kept by it."""
        book = self.books[s]
        if book.crosses(order.buy, price) or size < 1 or (price, size) == (order.price, order.open):
            return False
        self._stamp()
        if price != order.price or size > order.open:
            book.take_out(order)
            order.price, order.open = price, size
            book.put(order)
        else:
            book.sizes[order.buy][price] += size - order.open
            order.open = size
        self._row("modify", book, order, size)
        return True

    def headline(self, s: int) -> None:
        """Print news on a symbol."""
        self._stamp()
        self.rows.append((self.clock, self.books[s].symbol, "news", 0, "", "", 0.0, 0))

    def close(self) -> None:
        """End the session: all orders go."""
        for book in self.books:
            for buy in (True, False):
                for order in [order for queue in book.queues[buy].values() for order in queue.values()]:
                    self._stamp()
                    self._row("cancel", book, order, order.open)
                    book.take_out(order)
                    order.open = 0

    def _clear_way(self, s: int, ask: Ask) -> None:
        queues = self.books[s].queues[not ask.buy]
        reached = [price for price in queues if (price <= ask.price if ask.buy else price >= ask.price)]
        for price in reached:
            for order in [order for order in queues[price].values() if order.account == ask.account]:
                self.cancel(s, order)

    def _match(self, book: Book, order: Order) -> None:
        while order.open and book.crosses(order.buy, order.price):
            price = book.levels(not order.buy, 1)[0]
            resting = next(iter(book.queues[not order.buy][price].values()))
            size = min(order.open, resting.open)
            self._row("trade", book, resting, size)
            for one in (order, resting):
                one.open -= size
                one.filled += size
            book.sizes[resting.buy][price] -= size
            if not resting.open:
                book.take_out(resting)
            for one, other in ((resting, order), (order, resting)):
                if one.owner is not None:
                    one.owner.filled(one, other, size, price)

    def _stamp(self) -> None:
        self.clock = max(self.clock + 1_000, self.now // 1_000 * 1_000)

    def _row(self, kind: str, book: Book, order: Order, size: int) -> None:
        side, price = "buy" if order.buy else "sell", round(order.price * book.tick, 2)
        self.rows.append((self.clock, book.symbol, kind, order.number, order.account, side, price, size))
