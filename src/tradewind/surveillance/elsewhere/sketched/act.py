"""What one hand does in one symbol: its accounts, its orders, when it began and ended."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradewind.surveillance.elsewhere.sketched.crowd import Crowd
from tradewind.surveillance.elsewhere.sketched.exchange import SECOND, Order, Play
from tradewind.surveillance.elsewhere.sketched.sketch import loguniform


class Act:
    """A deed or an honest undertaking; ``done`` where it was carried through."""

    def __init__(self, crowd: Crowd, symbol: int, name: str) -> None:
        self.crowd, self.symbol, self.name = crowd, symbol, name
        self.exchange, self.rng, self.people = crowd.exchange, crowd.rng, crowd.people
        self.paper = crowd.sketch.papers[symbol]
        self.orders: list[Order] = []
        self._mine: set[int] = set()
        self.accounts: dict[str, int] = {}
        self.first = self.last = -1
        self.done = False
        self.tactic = ""
        self.even = self.rng.choice((0.0, 0.3, 0.8))
        self.haste = loguniform(self.rng, 0.5, 2.0)
        self.careful = self.rng.random() < 0.5

    @property
    def beat(self) -> float:
        """Seconds between honest takers, by which everybody measures time."""
        return self.crowd.beat(self.symbol) * self.haste

    @property
    def room(self) -> float:
        """Seconds until shortly before the close."""
        seconds = self.crowd.sketch.seconds
        return max(0.5, 0.97 * (seconds - self.exchange.now / SECOND % seconds))

    def long(self, low: float, high: float) -> float:
        """Draw a time, in beats, that fits into the day."""
        return min(self.beat * loguniform(self.rng, low, high), 0.7 * self.room)

    def choose(self, *tactics: str) -> str:
        """Draw this episode's tactic."""
        self.tactic = self.rng.choice(tactics)
        return self.tactic

    def gap(self, mean: float) -> float:
        """Draw a pause: as a machine does, or as people do."""
        return mean * math.exp(self.rng.gauss(0, self.even) - self.even**2 / 2)

    def cast(self, many: int, *, makers: float = 0.0) -> list[str]:
        """Draw accounts: regulars, names that do nothing else, or some of both."""
        known = self.rng.choice((1.0, 1.0, 0.6, 0.0))
        found: list[str] = []
        while len(found) < many:
            name = self.people.stranger() if self.rng.random() >= known else self.people.regular()
            if self.rng.random() < makers:
                name = self.rng.choice(self.people.makers)
            if name in found:
                name = self.people.stranger()
            found.append(name)
        return found

    def touch(self, side: int) -> int:
        return self.exchange.touch(self.symbol, side)

    @property
    def wide(self) -> int:
        """The spread now, in ticks."""
        return self.touch(-1) - self.touch(1)

    @property
    def mid(self) -> float:
        return self.exchange.mid(self.symbol)

    def near(self, side: int, levels: int = 3) -> int:
        return self.exchange.halves[self.symbol][side].near(levels)

    def push(self, account: str, side: int, ticks: float, force: float) -> Order:
        """Trade with a share ``force`` of what lies up to ``ticks`` beyond the touch."""
        lies = self.exchange.halves[self.symbol][-side].within(ticks)
        size = max(min(lies * force, 60.0 * self.crowd.sketch.usual), self.crowd.sketch.lot)
        return self.take(account, side, size, reach=max(1, round(ticks)))

    def usual(self, low: float, high: float) -> int:
        """Draw a size, in usual orders."""
        return self.people.rounded(self.crowd.sketch.usual * loguniform(self.rng, low, high))

    def _note(self, order: Order) -> Order:
        self.first = self.exchange.now if self.first < 0 else self.first
        self.last = self.exchange.now
        self.accounts[order.account] = self.accounts.get(order.account, 0) + 1
        if id(order) not in self._mine:
            self._mine.add(id(order))
            self.orders.append(order)
        return order

    def put(self, account: str, side: int, price: int, size: int) -> Order:
        """Lay an order into the book."""
        best = self.exchange.halves[self.symbol][-side].best
        price = (min(price, best - 1) if side > 0 else max(price, best + 1)) if best else price
        return self._note(self.exchange.submit(self.symbol, account, side, max(1, price), size))

    def quote(self, account: str, side: int, size: int) -> Order:
        """Lay an order at the touch, or before it where there is room."""
        better = int(self.wide > 1 and self.rng.random() < 0.6)
        return self.put(account, side, self.touch(side) + side * better, size)

    def take(self, account: str, side: int, size: float, reach: int | None = None) -> Order:
        """Trade at once, up to ``reach`` ticks beyond the touch."""
        return self._note(self.crowd.hit(self.symbol, account, side, self.people.rounded(size), reach))

    def pull(self, order: Order, size: int = 0) -> None:
        """Take an order back, if it is still there."""
        if order.left:
            self.exchange.cancel(order, size)
            self._note(order)

    def move(self, order: Order, price: int) -> Order:
        """Enter an order anew at another price, if it is still there."""
        if not order.left:
            return order
        best = self.exchange.halves[self.symbol][-order.side].best
        price = (min(price, best - 1) if order.side > 0 else max(price, best + 1)) if best else price
        self._note(order)
        return self._note(self.exchange.replace(order, price))

    def trade(self, account: str, side: int, size: int, within: float, *, patience: float = 0.5) -> Play:
        """Trade about ``size`` in slices, resting or at once by ``patience``; returns what was bought or sold."""
        many = self.rng.randint(3, 15)
        piece, got = self.people.rounded(size / many), 0
        for _ in range(2 * many):
            if got >= size:
                break
            if self.rng.random() < patience:
                order = self.quote(account, side, piece)
                yield self.gap(within / many)
                self.pull(order)
            else:
                order = self.take(account, side, piece)
                yield self.gap(within / many)
            got += order.filled
        return got

    def clear(self) -> None:
        """Take back whatever still lies."""
        for order in list(self.orders):
            self.pull(order)

    def span(self) -> tuple[int, int]:
        """First and last deed, the last execution included."""
        return self.first, max([self.last, *(order.touched for order in self.orders)])

    def average(self, side: int, orders: Sequence[Order] | None = None) -> float:
        """Return the average price of what was bought or sold, 0 where nothing was."""
        mine = [order for order in (self.orders if orders is None else orders) if order.side == side]
        return sum(order.worth for order in mine) / max(1, sum(order.filled for order in mine))

    def filled(self, side: int) -> int:
        """Return how much was bought or sold so far."""
        return sum(order.filled for order in self.orders if order.side == side)
