"""A matching engine by price and time, and the clock on which everybody acts."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from tradewind.surveillance.elsewhere.told import Row
from tradewind.surveillance.events.table import Kind

SECOND = 1_000_000_000
Play = Generator[float, None, Any]
"""A course of action: yields the seconds until it goes on."""


@dataclass(slots=True, eq=False)
class Order:
    """An order; ``met`` are the resting orders that it traded with as it came in, ``worth`` the sum of price x size."""

    number: int
    account: str
    symbol: int
    side: int
    price: int
    size: int
    left: int
    born: int
    touched: int
    filled: int = 0
    worth: int = 0
    met: list[tuple[Order, int]] = field(default_factory=list)


class Half:
    """One side of a book; ``keys`` are side x price, so that the best is the last."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.keys: list[int] = []
        self.levels: dict[int, dict[int, Order]] = {}
        self.shares: dict[int, int] = {}

    @property
    def best(self) -> int:
        """The best price, 0 if there is none."""
        return self.side * self.keys[-1] if self.keys else 0

    def near(self, levels: int) -> int:
        """Shares on the first ``levels`` prices."""
        return sum(self.shares[key] for key in self.keys[-levels:])

    def within(self, ticks: float) -> int:
        """Shares up to ``ticks`` behind the best price."""
        worst = self.keys[-1] - ticks if self.keys else 0
        return sum(self.shares[key] for key in self.keys[bisect_left(self.keys, worst) :])

    def ahead(self, order: Order) -> int:
        """Shares that trade before ``order`` does."""
        key, total = self.side * order.price, 0
        for better in reversed(self.keys):
            if better == key:
                break
            total += self.shares[better]
        for number, other in self.levels[key].items():
            if number == order.number:
                break
            total += other.left
        return total

    def add(self, order: Order) -> None:
        key = self.side * order.price
        if key not in self.levels:
            insort(self.keys, key)
            self.levels[key], self.shares[key] = {}, 0
        self.levels[key][order.number] = order
        self.shares[key] += order.left

    def reduce(self, order: Order, size: int) -> None:
        key = self.side * order.price
        order.left -= size
        self.shares[key] -= size
        if not order.left:
            del self.levels[key][order.number]
            if not self.levels[key]:
                del self.levels[key], self.shares[key]
                self.keys.pop(bisect_left(self.keys, key))

    def orders(self) -> Iterator[Order]:
        """All resting orders; a copy, so that they may be cancelled meanwhile."""
        return iter([order for level in self.levels.values() for order in level.values()])


class Exchange:
    """The books of all symbols; writes down every event in open time and ticks."""

    def __init__(self, levels: list[int], *, same_id: bool) -> None:
        self.now = 0
        self.rows: list[Row] = []
        self.halves = [{1: Half(1), -1: Half(-1)} for _ in levels]
        self.last = list(levels)
        self.same_id = same_id
        self._number = 1_000
        self._agenda: list[tuple[int, int, Play]] = []
        self._turn = 0

    def start(self, delay: float, play: Play) -> None:
        """Let ``play`` begin ``delay`` seconds from now."""
        self._turn += 1
        heapq.heappush(self._agenda, (self.now + max(1, int(delay * SECOND)), self._turn, play))

    def run(self, until: int) -> None:
        """Let everybody act up to ``until``, nanoseconds of open time."""
        while self._agenda and self._agenda[0][0] < until:
            self.now, _, play = heapq.heappop(self._agenda)
            delay = next(play, None)
            if delay is not None:
                self.start(delay, play)

    def touch(self, symbol: int, side: int) -> int:
        """The best price of a side; one tick beyond the last trade where nobody is."""
        return self.halves[symbol][side].best or max(1, self.last[symbol] - side)

    def mid(self, symbol: int) -> float:
        return (self.touch(symbol, 1) + self.touch(symbol, -1)) / 2

    def submit(  # noqa: PLR0913 an order is what it is
        self, symbol: int, account: str, side: int, price: int, size: int, *, keep: bool = True, number: int = 0
    ) -> Order:
        """Enter an order, match it, let the rest of it lie if ``keep``; ``price`` 0 takes what there is."""
        if not number:
            self._number += 1
            number = self._number
        order = Order(number, account, symbol, side, price, size, size, self.now, self.now)
        self.rows.append(Row(self.now, symbol, Kind.NEW, number, account, side, price, size))
        other = self.halves[symbol][-side]
        while order.left and other.keys and (not price or side * (price - other.best) >= 0):
            self._trade(order, next(iter(other.levels[other.keys[-1]].values())), other)
        if order.left and price and keep:
            self.halves[symbol][side].add(order)
        elif order.left:
            self.rows.append(Row(self.now, symbol, Kind.CANCEL, number, account, side, price, order.left))
            order.left = 0
        return order

    def _trade(self, order: Order, resting: Order, other: Half) -> None:
        size, price = min(order.left, resting.left), resting.price
        other.reduce(resting, size)
        order.left -= size
        for party in (order, resting):
            party.filled += size
            party.worth += size * price
            party.touched = self.now
        order.met.append((resting, size))
        self.last[order.symbol] = price
        parties = (resting.number, resting.account, resting.side, price, size, order.account, order.number)
        self.rows.append(Row(self.now, order.symbol, Kind.TRADE, *parties))

    def cancel(self, order: Order, size: int = 0) -> None:
        """Take back an order that still lies, or ``size`` of it."""
        if not order.left:
            return
        size = min(size, order.left) or order.left
        row = Row(self.now, order.symbol, Kind.CANCEL, order.number, order.account, order.side, order.price, size)
        self.rows.append(row)
        self.halves[order.symbol][order.side].reduce(order, size)

    def replace(self, order: Order, price: int, size: int = 0) -> Order:
        """Take an order back and enter it anew."""
        size = size or order.left
        self.cancel(order)
        number = order.number if self.same_id else 0
        return self.submit(order.symbol, order.account, order.side, max(1, price), size, number=number)

    def news(self, symbol: int, tone: int, text: int) -> None:
        """Publish something about a symbol."""
        self.rows.append(Row(self.now, symbol, Kind.NEWS, text, "", tone, 0, 0))
