"""A deed on its stage: who acts, until when, how openly, and whether it came off."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tradewind.surveillance.elsewhere.acceptance.book import Book, Order
from tradewind.surveillance.elsewhere.acceptance.crowd import act
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, spread_log
from tradewind.surveillance.elsewhere.acceptance.world import Play, World


class Deed:
    """One planted case while it is played; all that its hands do is marked on the tape with ``tag``."""

    def __init__(self, w: World, rng: random.Random, tag: int, scheme: str, symbol: int) -> None:
        self.w, self.rng, self.tag, self.scheme, self.symbol = w, rng, tag, scheme, symbol
        self.start = self.deadline = 0
        self.evasive = False
        self.fails = rng.random() < 0.1
        self.done = False
        self.instant = rng.random() < w.s.instant
        self.orders: list[Order] = []
        self.pool: list[str] = []

    @property
    def book(self) -> Book:
        return self.w.books[self.symbol]

    @property
    def seconds(self) -> float:
        """Seconds of its time in all."""
        return (self.deadline - self.start) / SECOND

    @property
    def left(self) -> float:
        """Seconds that are left of its time."""
        return max(0.0, (self.deadline - self.w.now) / SECOND)

    @property
    def mid(self) -> float:
        return self.w.mid(self.symbol)

    @property
    def unit(self) -> float:
        """An ordinary size on the symbol; less where the deed is to hide."""
        return self.w.s.units[self.symbol] * (self.rng.uniform(0.35, 0.7) if self.evasive else 1.0)

    @property
    def move(self) -> float:
        """A move of the price, in ticks, that is worth the trouble."""
        return 1.5 + 0.8 * self.w.s.half[self.symbol]

    def hands(self, low: int, high: int) -> list[str]:
        """Return so many accounts for the deed."""
        return self.pool[: self.rng.randint(low, high)]

    def touch(self, side: int) -> int:
        return self.w.touch(self.symbol, side)

    def size(self, low: float, high: float) -> int:
        """Draw a size in lots, between so many ordinary ones."""
        amount = self.unit * spread_log(self.rng, low, high)
        return max(1, round(amount / self.w.s.lot)) * self.w.s.lot

    def pause(self, low: float, high: float) -> int:
        """Draw a pause between so many seconds; longer and less even where the deed is to hide."""
        slow = self.rng.uniform(1.0, 3.0) if self.evasive else 1.0
        return int(spread_log(self.rng, low, high) * slow * SECOND) + 1

    def within(self, part: float, count: int) -> int:
        """Draw one of ``count`` pauses that fill a part of the deed's time."""
        even = self.rng.uniform(0.2, 1.8) if self.evasive else self.rng.uniform(0.7, 1.3)
        return int(self.seconds * part / max(1, count) * even * SECOND) + 1

    def take(self, account: str, side: int, size: int, reach: int = 2) -> int:
        """Deal against the book; return how much."""
        own = self.scheme == "wash_trading"
        order = self.w.take(self.symbol, account, side, size, reach, tag=self.tag, ioc=self.instant, own=own)
        if order.live:
            self.orders.append(order)
            self.w.after(min(self.left, spread_log(self.rng, 0.2, 20)), partial(self.pull, order))
        return order.filled

    def rest(self, account: str, side: int, price: int, size: int) -> Order:
        """Leave an order that does not cross."""
        order = self.w.rest(self.symbol, account, side, price, size, tag=self.tag)
        self.orders.append(order)
        return order

    def pull(self, order: Order) -> None:
        self.book.cancel(order)

    def held(self, account: str) -> int:
        """Return what an account has bought less what it has sold for the deed."""
        return self.book.holdings.get((self.tag, account), 0)

    def cover(self, accounts: list[str]) -> None:
        """Let one of the accounts do something honest, where the deed is to hide."""
        if self.evasive and self.rng.random() < 0.5:
            client = replace(self.w.client(), name=self.rng.choice(accounts))
            act(self.w, self.symbol, client, self.rng.choice((1, -1)))

    def close(self, accounts: list[str], part: float, *, patient: bool = False) -> Play:
        """Turn the positions of the accounts back within a part of the deed's time."""
        rng, tries = self.rng, rng_count(self.rng, self.evasive)
        start = {name: abs(self.held(name)) for name in accounts}
        for turn in range(tries * 2):
            for name in accounts:
                held = self.held(name)
                if not held:
                    continue
                side = -1 if held > 0 else 1
                size = min(abs(held), max(1, round(start[name] / tries * rng.uniform(0.8, 1.4))))
                if patient and turn < tries:
                    order = self.rest(name, side, self.touch(side), size)
                    yield self.within(part / 2, tries * len(accounts))
                    self.pull(order)
                else:
                    self.take(name, side, size, 3)
                    yield self.within(part / 2, tries * len(accounts))
            if not any(self.held(name) for name in accounts):
                return


def rng_count(rng: random.Random, many: bool) -> int:
    """Return into how many parts a position is turned back."""
    return rng.randint(3, 9) if many else rng.randint(1, 6)


def played(deed: Deed, play: Callable[[Deed], Play]) -> Play:
    """Play a deed until it is through, or its time is up, or its hand loses heart; then take back what stands."""
    stop = deed.deadline
    if deed.fails:
        stop = deed.start + int((deed.deadline - deed.start) * deed.rng.uniform(0.05, 0.35))
    for pause in play(deed):
        if deed.w.now + pause >= stop:
            break
        yield pause
    for order in deed.orders:
        deed.pull(order)
