"""The exchange of the large shares: books with price-time priority, and the tape they write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Tag(Protocol):
    """Whoever wants to hear of the rows and fills of its own orders."""

    def mark(self, stamp: int, account: str) -> None:
        """Hear of one row."""

    def fill(self, account: str, buy: bool, size: int, price: int) -> None:
        """Hear of one execution."""


class Order:
    """One order; ``size`` is what is still open, 0 once it is gone."""

    __slots__ = ("account", "buy", "filled", "oid", "price", "size", "symbol", "tag")

    def __init__(self, oid: int, account: str, symbol: int, buy: bool, price: int, size: int, tag: Tag | None) -> None:
        self.oid = oid
        self.account = account
        self.symbol = symbol
        self.buy = buy
        self.price = price
        self.size = size
        self.filled = 0
        self.tag = tag


class Level:
    """The queue at one price."""

    __slots__ = ("queue", "size")

    def __init__(self) -> None:
        self.queue: dict[int, Order] = {}
        self.size = 0


class Book:
    """Both sides of one symbol, prices in ticks."""

    def __init__(self, reference: int) -> None:
        self.bids: dict[int, Level] = {}
        self.asks: dict[int, Level] = {}
        self.bid: int | None = None
        self.ask: int | None = None
        self.last = reference

    def add(self, order: Order) -> None:
        """Put an order at the end of its queue."""
        side = self.bids if order.buy else self.asks
        level = side.get(order.price)
        if level is None:
            level = side[order.price] = Level()
            if order.buy:
                self.bid = order.price if self.bid is None else max(self.bid, order.price)
            else:
                self.ask = order.price if self.ask is None else min(self.ask, order.price)
        level.queue[order.oid] = order
        level.size += order.size

    def drop(self, order: Order, size: int) -> None:
        """Take an order, of which ``size`` still counts in its level, out of its queue."""
        side = self.bids if order.buy else self.asks
        level = side[order.price]
        del level.queue[order.oid]
        level.size -= size
        if not level.queue:
            del side[order.price]
            if order.buy and order.price == self.bid:
                self.bid = max(side) if side else None
            elif not order.buy and order.price == self.ask:
                self.ask = min(side) if side else None

    def size_at(self, buy: bool, price: int | None) -> int:
        """Return what is shown on one side at one price."""
        level = None if price is None else (self.bids if buy else self.asks).get(price)
        return 0 if level is None else level.size

    def ahead(self, order: Order) -> int:
        """Return what stands before an order in its queue."""
        before = 0
        for other in (self.bids if order.buy else self.asks)[order.price].queue.values():
            if other is order:
                break
            before += other.size
        return before


class Venue:
    """Takes orders for all symbols and writes the tape."""

    def __init__(self, references: list[int], units: tuple[int, ...], ids: Callable[[], int], gap: Callable[[], int]):
        self.books = [Book(reference) for reference in references]
        self.units = units
        self.clock = 0
        self.stamp = 0
        self.touched: set[int] = set()
        self.pressed: set[int] = set()
        self.tape: list[tuple[int, int, str, int, str, str, int, int]] = []
        self.tagged = 0
        self.on_trade: Callable[[int, bool, int, int], None] = lambda _symbol, _buy, _size, _price: None
        self.holding: list[dict[str, int]] = [{} for _ in references]
        self._ids = ids
        self._gap = gap

    def enter(
        self, account: str, symbol: int, buy: bool, price: int, size: int, ioc: bool = False, tag: Tag | None = None
    ) -> Order:
        """Enter an order: it trades with what it reaches, and rests (or is cancelled, if ``ioc``) for the rest."""
        self._tick()
        order = Order(self._ids(), account, symbol, buy, max(1, price), max(1, size), tag)
        self._write("new", order, order.size)
        book = self.books[symbol]
        before = book.bid, book.ask
        self._match(book, order)
        if order.size:
            if ioc:
                self._write("cancel", order, order.size)
                order.size = 0
            else:
                book.add(order)
                if order.size >= 3 * self.units[symbol]:
                    self.pressed.add(symbol)
        if before != (book.bid, book.ask):
            self.touched.add(symbol)
        return order

    def cancel(self, order: Order) -> None:
        """Take out what is open of an order, if anything is."""
        if order.size:
            self._tick()
            book = self.books[order.symbol]
            before = book.bid, book.ask
            self._write("cancel", order, order.size)
            book.drop(order, order.size)
            order.size = 0
            if before != (book.bid, book.ask):
                self.touched.add(order.symbol)

    def modify(self, order: Order, price: int, size: int) -> bool:
        """Change an order where that does not cross; say whether it was changed."""
        book = self.books[order.symbol]
        other = book.ask if order.buy else book.bid
        crossing = other is not None and (price >= other if order.buy else price <= other)
        if not order.size or size < 1 or price < 1 or crossing or (price == order.price and size == order.size):
            return False
        self._tick()
        before = book.bid, book.ask
        if price != order.price or size > order.size:
            book.drop(order, order.size)
            order.price, order.size = price, size
            book.add(order)
        else:
            (book.bids if order.buy else book.asks)[price].size -= order.size - size
            order.size = size
        self._write("modify", order, size)
        if before != (book.bid, book.ask):
            self.touched.add(order.symbol)
        return True

    def news(self, symbol: int) -> None:
        """Print a headline."""
        self._tick()
        self.tape.append((self.stamp, symbol, "news", 0, "", "", 0, 0))

    def close(self) -> None:
        """Cancel whatever is open at the end of a session."""
        for book in self.books:
            for side in (book.bids, book.asks):
                for order in [order for level in side.values() for order in level.queue.values()]:
                    self.cancel(order)

    def _match(self, book: Book, order: Order) -> None:
        traded, price = 0, 0
        while order.size:
            best = book.ask if order.buy else book.bid
            if best is None or (best > order.price if order.buy else best < order.price):
                break
            level = (book.asks if order.buy else book.bids)[best]
            resting = next(iter(level.queue.values()))
            size, price = min(order.size, resting.size), best
            self._write("trade", resting, size)
            resting.size -= size
            order.size -= size
            level.size -= size
            traded += size
            if not resting.size:
                book.drop(resting, 0)
            for party in (resting, order):
                party.filled += size
                held = self.holding[order.symbol]
                held[party.account] = held.get(party.account, 0) + (size if party.buy else -size)
                if party.tag is not None:
                    party.tag.fill(party.account, party.buy, size, best)
        if traded:
            book.last = price
            self.on_trade(order.symbol, order.buy, traded, price)

    def _tick(self) -> None:
        self.stamp = max(self.clock, self.stamp + self._gap())

    def _write(self, kind: str, order: Order, size: int) -> None:
        side = "buy" if order.buy else "sell"
        self.tape.append((self.stamp, order.symbol, kind, order.oid, order.account, side, order.price, size))
        if order.tag is not None:
            self.tagged += 1
            order.tag.mark(self.stamp, order.account)
