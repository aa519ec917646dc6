"""One planted deed: who acts, what it sent, when its first and last rows were, and whether it came off."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tradewind.surveillance.elsewhere.largecaps.flow import Clients
from tradewind.surveillance.elsewhere.largecaps.parents import Doings
from tradewind.surveillance.elsewhere.largecaps.setting import SECOND, spread
from tradewind.surveillance.elsewhere.largecaps.venue import Order
from tradewind.surveillance.elsewhere.largecaps.world import Actor, World


class Deed:
    """What all schemes share; orders sent through it are known as its own."""

    def __init__(self, world: World, clients: Clients, doings: Doings, rng: Random, scheme: str, evasive: bool) -> None:
        self.world, self.clients, self.doings, self.rng = world, clients, doings, rng
        self.scheme, self.evasive = scheme, evasive
        self.symbol, self.begin, self.span = 0, 0, 0
        self.first: int | None = None
        self.last = 0
        self.acted: dict[str, None] = {}
        self.net: dict[str, int] = {}
        self.bought = self.sold = 0
        self.verdict: Callable[[], bool] = lambda: False
        self.done = False
        self.orders: list[Order] = []

    def mark(self, stamp: int, account: str) -> None:
        """Note a row of one of its orders."""
        self.first = stamp if self.first is None else self.first
        self.last = stamp
        self.acted[account] = None

    def fill(self, account: str, buy: bool, size: int, price: int) -> None:
        """Note an execution."""
        self.net[account] = self.net.get(account, 0) + (size if buy else -size)
        if buy:
            self.bought += size
        else:
            self.sold += size

    def people(self, count: int) -> list[str]:
        """Draw the accounts that act: often active clients where the deed is to hide, else any."""
        return self.clients.others(count, self.rng.random() < (0.8 if self.evasive else 0.35))

    def size(self, units: float, noise: float | None = None) -> int:
        """Draw a size; a hidden deed's vary more."""
        usual = 0.45 if self.evasive else self.rng.choice((0.0, 0.05, 0.2))
        return self.world.size(self.symbol, units, usual if noise is None else noise)

    def take(self, account: str, buy: bool, size: int, deep: int = 0, rest: bool = False) -> int:
        """Send a marketable order and return what it traded."""
        order = self.world.take(account, self.symbol, buy, size, deep, self, rest)
        if order is None:
            return 0
        if order.size:
            self.orders.append(order)
        return order.filled

    def place(self, account: str, buy: bool, behind: int, size: int) -> Order:
        """Rest an order behind the best price."""
        order = self.world.place(account, self.symbol, buy, behind, size, self)
        self.orders.append(order)
        return order

    def at(self, account: str, buy: bool, price: int, size: int, ioc: bool = False) -> Order:
        """Send an order at a price."""
        order = self.world.venue.enter(account, self.symbol, buy, price, size, ioc, self)
        self.orders.append(order)
        return order

    def middle(self) -> float:
        """Return the middle of the spread."""
        book = self.world.book(self.symbol)
        return book.last if book.bid is None or book.ask is None else (book.bid + book.ask) / 2

    def shown(self, buy: bool) -> int:
        """Return what the best price of one side shows."""
        book = self.world.book(self.symbol)
        return book.size_at(buy, book.bid if buy else book.ask)

    def units(self, size: float) -> float:
        """Return shares in ordinary units."""
        return size / self.world.setting.units[self.symbol]

    def left(self) -> int:
        """Return the nanoseconds until it has to be over."""
        return self.begin + self.span - self.world.now

    def wait(self, seconds: float) -> int:
        """Return a wait around so many seconds: nearly even, or at random where it hides."""
        factor = self.rng.expovariate(1.0) if self.evasive else self.rng.uniform(0.6, 1.4)
        return max(1, int(seconds * factor * SECOND))

    def share(self, part: float) -> float:
        """Return a part of the whole span, in seconds."""
        return self.span * part / SECOND

    def quick(self) -> int:
        """Return a machine's delay."""
        return int(self.world.setting.latency * (0.2 + self.rng.expovariate(1.0))) + 1

    def human(self, low: float = 0.3, high: float = 4.0) -> int:
        """Return a person's delay."""
        return int(spread(self.rng, low, high) * SECOND)

    def decoy(self, account: str) -> None:
        """Let an account do something honest, which is not part of the deed."""
        self.clients.deal(account, self.symbol, self.rng.random() < 0.5)

    def play(self, script: Callable[[Deed], Actor]) -> Actor:
        """Act out a scheme until it is over, its time is up, or courage fails."""
        end = stop = self.begin + self.span - min(int(self.span * 0.03), SECOND // 5)
        if self.rng.random() < 0.08:
            stop = self.begin + int(self.span * self.rng.uniform(0.03, 0.35))
        body = script(self)
        for wait in body:
            if self.world.now + wait >= (stop if self.acted else end):
                body.close()
                break
            if self.evasive and self.acted and self.rng.random() < 0.06:
                self.decoy(self.rng.choice(list(self.acted)))
            yield wait
        for order in self.orders:
            self.world.venue.cancel(order)
        self.done = self.first is not None and self.verdict()
