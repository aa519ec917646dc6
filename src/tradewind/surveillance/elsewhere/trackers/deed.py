"""A planted deed: whose it is, what of the tape belongs to it, and whether it came to its end."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tradewind.surveillance.elsewhere.trackers.book import Order
from tradewind.surveillance.elsewhere.trackers.crowd import Crowd
from tradewind.surveillance.elsewhere.trackers.floor import SECOND, Actor, Floor


@dataclass(eq=False)
class Deed:
    """One deed on one symbol; its accounts act through it alone, so that it knows their events."""

    floor: Floor
    crowd: Crowd
    scheme: str
    sym: int
    accounts: list[str]
    evasive: bool
    span: float
    rng: random.Random
    patience: int = 10**9
    first: int = 0
    last: int = 0
    crossed: int = 0
    acted: set[str] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)
    judge: Callable[[], bool] = lambda: False
    over: bool = False
    done: bool = False

    def note(self, stamp: int, account: str) -> None:
        """Take down that an event of the deed was told."""
        if not self.acted:
            self.first = stamp
        self.last = stamp
        self.acted.add(account)

    def enter(self, account: str, buy: bool, price: int, size: float, ioc: bool = False, own: bool = False) -> Order:
        """Enter an order of the deed."""
        lots = self.floor.lots(self.sym, size)
        order = self.floor.enter(self.sym, account, buy, price, lots, ioc, self, own)
        if order.size:
            self.orders.append(order)
        return order

    def take(self, account: str, buy: bool, size: float, reach: int = 2) -> Order:
        """Trade at once as far as ``reach`` ticks behind the best price."""
        return self.enter(account, buy, self.touch(not buy) + (reach if buy else -reach), size, True)

    def touch(self, buy: bool) -> int:
        """Return the best price of a side."""
        return self.floor.touch(self.sym, buy)

    def mid(self) -> float:
        """Return the middle price."""
        return self.floor.mid(self.sym)

    @property
    def unit(self) -> int:
        """The usual size on this symbol."""
        return self.floor.world.unit[self.sym]

    @property
    def spread(self) -> float:
        """The usual spread on this symbol, in ticks."""
        return self.floor.world.spread[self.sym]

    def heavy(self, buy: bool, low: float, high: float) -> float:
        """Return a size that is large against what stands near the best price."""
        depth = self.floor.books[self.sym].depth[0 if buy else 1]
        best, sign = self.touch(buy), -1 if buy else 1
        reach = max(3, round(self.spread))
        near = sum(depth.get(best + sign * k, 0) for k in range(reach))
        return max(near, self.unit * 5) * self.rng.uniform(low, high)

    def follow(self, buy: bool, count: int, within: float) -> None:
        """Let clients react with orders of one side."""
        self.floor.spawn(self._followers(buy, count, within), self.rng.uniform(0.05, 0.2) * within)

    def play(self, script: Actor) -> Actor:
        """Act the script, as far as patience and the time given reach, and clear up."""
        floor = self.floor
        if not self.evasive:
            floor.busy.update(self.accounts)
        until = floor.now + int(self.span * SECOND)
        for wait in script:
            self.patience -= 1
            if self.patience < 0 or floor.now + int(wait * SECOND) >= until:
                break
            yield wait
        self.settle()

    def settle(self) -> None:
        """Take back what is still open and judge the deed, once."""
        if not self.over:
            for order in self.orders:
                self.floor.cancel(order)
            self.floor.busy.difference_update(self.accounts)
            self.over = True
            self.done = bool(self.acted) and self.judge()

    def case(self) -> dict[str, object]:
        """Return the deed as a row of the cases."""
        return {
            "scheme": self.scheme,
            "symbol": self.floor.world.symbols[self.sym],
            "accounts": sorted(self.acted),
            "start": self.first,
            "end": self.last,
            "done": self.done,
            "evasive": self.evasive,
        }

    def _followers(self, buy: bool, count: int, within: float) -> Actor:
        for _ in range(count):
            client = self.crowd.pick()
            if client.account not in self.accounts:
                self.crowd.act(client, self.sym, buy if self.rng.random() < 0.85 else not buy)
            yield within / count * self.rng.expovariate(1)
