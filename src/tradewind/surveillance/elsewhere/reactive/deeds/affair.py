"""What all deeds share: orders that belong to one, what it holds by them, and the truth about it."""

from __future__ import annotations

import math
from collections import Counter

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.climate import Climate
from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.venue import Play
from tradewind.surveillance.schemes import Scheme


class Affair:
    """One deed while it is done; a tactic notes in ``done`` the symbols in which it was carried through.

    ``spans`` : first and last act in each symbol; ``acts`` : orders of each account there.
    """

    def __init__(self, scheme: Scheme, crowd: Crowd, climate: Climate, symbol: int) -> None:
        self.scheme, self.crowd, self.climate, self.symbol = scheme, crowd, climate, symbol
        self.venue, self.draws, self.members = crowd.venue, crowd.venue.draws, crowd.members
        self.done: set[int] = set()
        self.spans: dict[int, tuple[int, int]] = {}
        self.acts: dict[int, Counter[str]] = {}
        self._taken: Counter[str] = Counter()
        self._entered: list[Order] = []

    # --------------------------------------------------------------------------------------------------- how things are
    @property
    def spread(self) -> float:
        """The usual spread, in ticks."""
        return max(self.venue.spread[self.symbol], 1.0)

    @property
    def beat(self) -> float:
        """Seconds between two orders that take, as a rule."""
        return self.venue.beat(self.symbol)

    def slow(self, seconds: float) -> float:
        """Return a time drawn for a market with a take a second, as long as it is here: less than in proportion."""
        return seconds * math.sqrt(min(max(self.beat, 0.05), 30.0))

    def touch(self, side: int) -> int:
        """Return the best price of a side."""
        return self.venue.touch(self.symbol, side)

    def mid(self) -> float:
        """Return the middle of the best prices."""
        return self.venue.mid(self.symbol)

    def shares(self, multiple: float) -> int:
        """Return a multiple of the usual order."""
        return self.venue.shares(self.symbol, multiple)

    def queue(self) -> float:
        """Return what usually waits at the best price, in usual orders."""
        return max(self.venue.queue[self.symbol] / self.venue.paper(self.symbol).unit, 1.0)

    def held(self, account: str | None = None) -> int:
        """Return what the deed's orders left with an account, or with all."""
        entered = sum(o.side * o.filled for o in self._entered if account in (None, o.account))
        return entered + (sum(self._taken.values()) if account is None else self._taken[account])

    # ----------------------------------------------------------------------------------------------------------- orders
    def enter(self, account: str, side: int, price: int, size: int, symbol: int | None = None) -> Order:
        """Enter an order that belongs to the deed."""
        where = self.symbol if symbol is None else symbol
        order = self.venue.submit(where, account, side, price, size)
        self._entered.append(order)
        self._mark(account, where)
        return order

    def take(self, account: str, side: int, size: int, reach: int | None = None) -> int:
        """Take from the book; return what was executed."""
        rows = len(self.venue.rows)
        got = self.venue.take(self.symbol, account, side, size, reach) if size > 0 else 0
        self._taken[account] += side * got
        if len(self.venue.rows) > rows:
            self._mark(account, self.symbol)
        return got

    def withdraw(self, *orders: Order) -> None:
        """Take orders of the deed back."""
        for order in orders:
            if order.left > 0:
                self.venue.cancel(order)
                self._mark(order.account, order.symbol)

    def move(self, order: Order, price: int) -> Order:
        """Move an order of the deed; the one returned stands for it."""
        if order.left <= 0:
            return order
        moved = self.venue.amend(order, price, order.left)
        self._entered.append(moved)
        self._mark(order.account, order.symbol)
        return moved

    def carried(self, *, through: bool = True, symbol: int | None = None) -> None:
        """Note that the deed was carried through, where it was."""
        if through:
            self.done.add(self.symbol if symbol is None else symbol)

    def _mark(self, account: str, symbol: int) -> None:
        first, _ = self.spans.get(symbol, (self.venue.now, 0))
        self.spans[symbol] = (first, self.venue.now)
        self.acts.setdefault(symbol, Counter())[account] += 1

    # ------------------------------------------------------------------------------------------------- in and out again
    def gather(self, who: list[str], side: int, multiple: float, clips: int, span: float) -> Play:
        """Build a position of so many usual orders, taking and waiting as drawn."""
        draws, waits = self.draws, self.draws.uniform(-0.6, 0.9)
        for number in range(clips):
            name = who[number % len(who)]
            shares = self.shares(multiple / clips * draws.wide(0.6, 1.7))
            pause = draws.wait(span / clips)
            if draws.yes(waits):
                order = self.enter(name, side, self.touch(side), shares)
                yield pause
                self.withdraw(order)
            else:
                self.take(name, side, shares, draws.choice([0, 1, None]))
                yield pause

    def leave(self, who: list[str], side: int, clips: int, span: float) -> Play:
        """Leave what is held on ``side``, in about ``clips`` orders; what waits too long is sold to whom there is."""
        draws, waits = self.draws, self.draws.uniform(-0.5, 1.0)
        whole = {name: side * self.held(name) for name in dict.fromkeys(who)}
        for number in range(clips + 30):
            holders = [name for name in whole if side * self.held(name) > 0]
            if not holders:
                return
            name = draws.choice(holders)
            held = side * self.held(name)
            part = min(held, max(round(whole[name] * len(whole) / clips * draws.wide(0.6, 1.7)), 1))
            pause = draws.wait(span / clips)
            if number < clips and draws.yes(waits):
                order = self.enter(name, -side, self.touch(-side), part)
                yield pause
                self.withdraw(order)
            else:
                self.take(name, -side, part if number < clips else held)
                yield pause
