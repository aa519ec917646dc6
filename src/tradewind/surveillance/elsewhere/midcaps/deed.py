"""A planted deed: who acts in it, its window, and what of it the tape shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tradewind.surveillance.elsewhere.midcaps.brokers import House
from tradewind.surveillance.elsewhere.midcaps.private import Client, Crowd
from tradewind.surveillance.elsewhere.midcaps.settings import SECOND
from tradewind.surveillance.elsewhere.midcaps.venue import Order
from tradewind.surveillance.elsewhere.midcaps.world import Gen, World


@dataclass(eq=False)
class Deed:
    """One deed; ``failing`` ones are meant to be broken off, ``done`` says that it was carried through."""

    scheme: str
    symbol: int
    begin: int
    until: int
    evasive: bool
    failing: bool
    rng: Random
    world: World
    crowd: Crowd
    house: House
    pool: list[str]
    start: int = 0
    end: int = 0
    done: bool = False
    orders: list[Order] = field(default_factory=list)
    check: Callable[[], bool] | None = None

    def touch(self, now: int) -> None:
        """Take note of a row of the deed."""
        self.start = self.start or now
        self.end = now

    @property
    def left(self) -> float:
        """Seconds left of the window."""
        return (self.until - self.world.now) / SECOND

    @property
    def half(self) -> float:
        """The share's half spread in ticks."""
        return self.world.share(self.symbol).half

    def units(self, many: float) -> int:
        """Return a size in shares."""
        return max(1, int(self.world.share(self.symbol).unit * many))

    def accounts(self, count: int) -> list[str]:
        """Return accounts to act with, none of which acts in another deed."""
        if len(self.pool) < count:
            self.pool += [client.account for client in self.crowd.clients]
        taken, self.pool[:count] = self.pool[:count], []
        if self.evasive or self.rng.random() < 0.3:
            for account in taken:
                self._blend(account)
        return taken

    def touch_price(self, side: int) -> int:
        """Return the best price of one side, or what it might be."""
        best = self.world.venue.best(self.symbol, side)
        return best if best is not None else max(1, round(self.world.view(self.symbol) - side * self.half))

    def send(self, account: str, side: int, price: float, size: int) -> Order:
        """Leave an order in the book."""
        order = self.world.rest(self.symbol, account, side, price, size, self)
        self.orders.append(order)
        return order

    def take(self, account: str, side: int, size: int, slip: float = -1.0) -> int:
        """Trade at once; return how much was traded."""
        slip = 1.2 * self.half if slip < 0 else slip
        order = self.world.take(self.symbol, account, side, size, slip, True, self)
        if order is None:
            return 0
        self.orders.append(order)
        return order.filled

    def hit(self, account: str, side: int, price: int, size: int) -> int:
        """Trade at once at one price at worst; return how much was traded."""
        order = self.world.enter(self.symbol, account, side, price, size, True, self)
        self.orders.append(order)
        return order.filled

    def pull(self, order: Order) -> None:
        """Take an order back."""
        self.world.venue.cancel(order)

    def traded(self, side: int) -> int:
        """Return what the deed has bought or sold so far."""
        return sum(order.filled for order in self.orders if order.side == side)

    def price(self, side: int) -> float:
        """Return the mean price of what the deed has bought or sold so far."""
        return sum(order.paid for order in self.orders if order.side == side) / max(1, self.traded(side))

    def held(self, account: str | None = None) -> int:
        """Return the deed's position, or that of one account."""
        return sum(o.side * o.filled for o in self.orders if account is None or o.account == account)

    def unwind(self, accounts: list[str], seconds: float, slip: float = -1.0) -> Gen:
        """Close the accounts' positions within a time, about, in uneven steps, some offered and some dealt."""
        rng, stop = self.rng, self.world.now + int(seconds * SECOND)
        steps = rng.randint(3, 14)
        while self.world.now < stop:
            open_ones = [(a, self.held(a)) for a in accounts if self.held(a)]
            if not open_ones:
                return
            account, held = rng.choice(open_ones)
            side, late = (-1 if held > 0 else 1), self.world.now > stop - seconds * 0.2 * SECOND
            size = min(abs(held), math.ceil(abs(held) / (2 if late else steps) * rng.uniform(0.8, 1.8)))
            wait = seconds / steps * rng.uniform(0.1, 1.0) / (3 if late else 1)
            if rng.random() < 0.4 and not late:
                order = self.send(account, side, self.touch_price(side) + side * rng.randint(0, 2), size)
                yield wait
                self.pull(order)
            else:
                self.take(account, side, size, slip)
                yield wait

    def play(self, script: Gen) -> Gen:
        """Play a script up to the end of the window, take back what is open, and judge what became of it."""
        for wait in script:
            if wait >= self.left:
                yield max(0.0, self.left - 0.001)
                break
            yield wait
        script.close()
        for order in self.orders:
            self.pull(order)
        if self.check is not None and self.orders and not self.failing:
            self.done = self.check()

    def _blend(self, account: str) -> None:
        world, rng = self.world, self.rng
        client = next((c for c in self.crowd.clients if c.account == account), None)
        own = client or Client(account, 0, 1.0, rng.uniform(0.4, 2), 1, 0.5, 1.0, 900.0, 0.0, 0.0)
        for _ in range(rng.randint(1, 6)):
            world.later(rng.uniform(0, self.left * 1.3), lambda: self.crowd.act(self.symbol, own))
