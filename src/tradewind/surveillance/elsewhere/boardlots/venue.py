"""A venue in board lots: books with price-time priority over a ladder of ticks, and the tape they write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

Row = tuple[int, str, str, int, str, str, float, int]
SIDES = ("", "buy", "sell")
"""Words by side: +1 buys, -1 (the last of the three) sells."""


class Witness(Protocol):
    """Somebody who keeps account of certain orders."""

    def saw(self, account: Account, stamp: int) -> None:
        """Take down that an order of ``account`` had an event at ``stamp``."""

    def filled(self, order: Order, other: Order, k: int, lots: int) -> None:
        """Take down that ``lots`` of ``order`` traded with ``other`` at step ``k``."""


@dataclass(eq=False, slots=True)
class Account:
    """One client or house with its habits."""

    name: str
    broker: int = 0
    weight: float = 1.0
    lots: float = 3.0
    take: float = 0.4
    trend: float = 0.0
    value: float = 0.3
    lean: float = 0.3
    depth: float = 2.0
    patience: float = 300.0
    day: bool = False
    pos: list[int] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Order:
    """One order; ``left`` is what is still open, in lots."""

    id: int
    book: Book
    account: Account
    side: int
    k: int
    left: int
    case: Witness | None = None


class Book:
    """Both sides of one share; prices are steps ``k`` of the share's ladder."""

    def __init__(self, n: int, symbol: str, ladder: list[float], lot: int) -> None:
        self.n, self.symbol, self.ladder, self.lot = n, symbol, ladder, lot
        self.steps = steps = len(ladder)
        bids: list[dict[int, Order]] = [{} for _ in ladder]
        asks: list[dict[int, Order]] = [{} for _ in ladder]
        self.queues = [[], bids, asks]
        self.totals: list[list[int]] = [[], [0] * steps, [0] * steps]
        self.best = [0, -1, steps]
        self.low, self.high = 0, steps - 1
        self.collar = 4
        self.last = 0
        self.slow = 0.0
        self.volume = 0
        self.flow = 1.0
        self.typical = 3.0
        self.stops: list[tuple[int, Account, int, int]] = []

    def mid(self) -> float:
        """Return the middle of the book in steps, or the last price where a side is empty."""
        bid, ask = self.best[1], self.best[-1]
        if bid < 0 or ask >= self.steps:
            return float(self.last)
        return (bid + ask) / 2

    def quoted(self, side: int) -> bool:
        """Return whether anybody stands on ``side``."""
        return self.best[1] >= 0 if side > 0 else self.best[-1] < self.steps

    def touch(self, side: int) -> int:
        """Return the best price of ``side``, or one a step off the last price where nobody stands there."""
        if self.quoted(side):
            return self.best[side]
        return min(max(self.last - side, self.low), self.high)

    def near(self, side: int, levels: int = 5) -> int:
        """Return how many lots stand on the best few steps of ``side``."""
        if not self.quoted(side):
            return 0
        k = self.best[side]
        return sum(self.totals[1][max(0, k - levels + 1) : k + 1] if side > 0 else self.totals[-1][k : k + levels])

    def tilt(self) -> float:
        """Return how much more stands to buy than to sell, from -1 to 1."""
        bids, asks = self.near(1), self.near(-1)
        return (bids - asks) / (bids + asks + 1)

    def clamp(self, k: float) -> int:
        """Return the step nearest to ``k`` inside the limits of the day."""
        return min(max(round(k), self.low), self.high)

    def front(self, side: int) -> Order | None:
        """Return the order that trades next on ``side``."""
        if not self.quoted(side):
            return None
        return next(iter(self.queues[side][self.best[side]].values()))

    def lowered(self, order: Order) -> None:
        """Take an order out of its queue and find the best price again."""
        side, k = order.side, order.k
        queue = self.queues[side][k]
        del queue[order.id]
        if not queue and k == self.best[side]:
            queues = self.queues[side]
            k -= side
            while 0 <= k < self.steps and not queues[k]:
                k -= side
            self.best[side] = k

    def rest(self, order: Order) -> None:
        """Put an order at the end of its queue."""
        side, k = order.side, order.k
        self.queues[side][k][order.id] = order
        self.totals[side][k] += order.left
        if (k - self.best[side]) * side > 0:
            self.best[side] = k


class Venue:
    """Takes orders, matches them and writes the tape."""

    def __init__(self, books: list[Book], ids: Iterator[int]) -> None:
        self.books, self.ids = books, ids
        self.rows: list[Row] = []
        self.stamp = 0
        self.planted = 0

    def _write(self, kind: str, order: Order, k: int, lots: int) -> None:
        book = order.book
        self.rows.append(
            (
                self.stamp, book.symbol, kind, order.id, order.account.name,
                SIDES[order.side], book.ladder[k], lots * book.lot,
            )
        )  # fmt: skip
        if order.case is not None:
            order.case.saw(order.account, self.stamp)
            self.planted += 1

    def news(self, book: Book) -> None:
        """Publish something about a share."""
        self.rows.append((self.stamp, book.symbol, "news", 0, "", "", 0.0, 0))

    def send(
        self, account: Account, book: Book, side: int, k: float, lots: float,
        *, ioc: bool = False, case: Witness | None = None,
    ) -> Order:  # fmt: skip
        """Enter an order inside the limits of the day and of one trade, match it, and let the rest stand or lapse."""
        k = min(k, book.last + book.collar) if side > 0 else max(k, book.last - book.collar)
        order = Order(next(self.ids), book, account, side, book.clamp(k), max(1, round(lots)), case)
        self._write("new", order, order.k, order.left)
        best, other, limit = book.best, -side, order.k
        while order.left and 0 <= best[other] < book.steps and (limit - best[other]) * side >= 0:
            self._fill(order, next(iter(book.queues[other][best[other]].values())))
        if order.left:
            if ioc:
                self._write("cancel", order, limit, order.left)
                order.left = 0
            else:
                book.rest(order)
        return order

    def _fill(self, order: Order, rest: Order) -> None:
        book, k = order.book, rest.k
        lots = min(order.left, rest.left)
        order.left -= lots
        rest.left -= lots
        book.totals[rest.side][k] -= lots
        book.last = k
        book.volume += lots
        order.account.pos[book.n] += lots * order.side
        rest.account.pos[book.n] += lots * rest.side
        self._write("trade", rest, k, lots)
        if order.case is not None:
            order.case.filled(order, rest, k, lots)
        if rest.case is not None:
            rest.case.filled(rest, order, k, lots)
        if not rest.left:
            book.lowered(rest)

    def cancel(self, order: Order) -> None:
        """Withdraw what is left of an order, if anything is."""
        if order.left:
            self._write("cancel", order, order.k, order.left)
            order.book.totals[order.side][order.k] -= order.left
            order.left = 0
            order.book.lowered(order)

    def modify(self, order: Order, k: float, lots: float) -> None:
        """Change price or size of a standing order; a price that would cross is held back to one that does not."""
        book, side = order.book, order.side
        lots, other = max(1, round(lots)), book.best[-side]
        step = min(book.clamp(k), other - 1) if side > 0 else max(book.clamp(k), other + 1)
        if not order.left or (step == order.k and lots == order.left) or not book.low <= step <= book.high:
            return
        if step != order.k or lots > order.left:
            book.totals[side][order.k] -= order.left
            book.lowered(order)
            order.k, order.left = step, lots
            book.rest(order)
        else:
            book.totals[side][step] -= order.left - lots
            order.left = lots
        self._write("modify", order, order.k, order.left)

    def sweep(self) -> None:
        """Cancel every order that still stands."""
        orders = [o for b in self.books for s in (1, -1) for queue in b.queues[s] for o in queue.values()]
        for order in sorted(orders, key=lambda o: o.id):
            order.case = None
            self.cancel(order)
