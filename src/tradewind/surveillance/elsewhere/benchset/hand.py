"""The hand behind a deed of the market `benchset`: what it sends, what it holds, and what is told of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tradewind.surveillance.elsewhere.benchset.venue import BUY, SELL, Order
from tradewind.surveillance.elsewhere.benchset.world import Actor, Place, World, between


@dataclass(frozen=True)
class Plan:
    """What is to be played, where, and within which seconds of trading time."""

    scheme: str
    place: Place
    start: float
    end: float
    evasive: bool
    broken: bool
    number: int


class Hand:
    """Acts for a deed and keeps its books; nothing it does goes beyond the end of its plan."""

    def __init__(self, world: World, plan: Plan, seed: int) -> None:
        self.world, self.plan, self.place = world, plan, plan.place
        self.rng = random.Random(f"benchset/{seed}/deed/{plan.number}")
        self.accounts: list[str] = []
        self.acted: dict[str, None] = {}
        self.first = self.last = -1
        self.held, self.gross, self.own, self.sending = dict[str, int](), 0, 0, False
        self.orders: list[Order] = []
        self.done = False

    @property
    def late(self) -> bool:
        return self.world.now >= self.plan.end

    @property
    def left(self) -> float:
        return max(0.0, self.plan.end - self.world.now)

    @property
    def span(self) -> float:
        return self.plan.end - self.plan.start

    @property
    def net(self) -> int:
        return sum(self.held.values())

    def hire(self, low: int, high: int) -> list[str]:
        """Take accounts from among the clients, known ones as well as quiet ones."""
        clients = self.place.clients
        count = min(self.rng.randint(low, high), len(clients))
        self.accounts = [c.name for c in self.rng.sample(clients, count)]
        if self.plan.evasive:
            for name in self.accounts:
                self.world.start(self._cover(name))
        return self.accounts

    def _cover(self, name: str) -> Actor:
        """Trade honestly from the same account, before, during and after."""
        world, place = self.world, self.place
        for _ in range(self.rng.randint(1, 6)):
            yield self.rng.uniform(0.02, 0.5) * self.span
            side = self.rng.choice((BUY, SELL))
            if self.rng.random() < 0.5:
                world.take(place, name, side, world.draw_size(place), 0)
            else:
                world.send(place, name, side, place.center - side * place.half * 1.5, world.draw_size(place))

    def size(self, low: float, high: float) -> int:
        """Draw a size in multiples of the ordinary one, smaller and less even where it is to hide."""
        scale = between(self.rng, low, high) * (self.rng.uniform(0.3, 0.7) if self.plan.evasive else 1.0)
        return self._even(self.place.typical * scale)

    def alike(self, size: int) -> int:
        wide = 0.4 if self.plan.evasive else self.rng.choice((0.0, 0.1))
        return self._even(size * self.rng.uniform(1 - wide, 1 + wide)) if wide else size

    def _even(self, size: float) -> int:
        """Round a size as honest people do, mostly to whole lots."""
        lot = max(1, self.place.typical // 4) if self.rng.random() < 0.7 else 1
        return max(1, round(size / lot) * lot or round(size))

    def pause(self, mean: float) -> float:
        """Draw a waiting time, even or random, that ends within the plan."""
        wide = 0.8 if self.plan.evasive else 0.3
        return max(1e-4, min(self.left + 1e-4, mean * self.rng.uniform(1 - wide, 1 + wide)))

    def _mark(self, account: str) -> None:
        self.acted[account] = None
        stamp = self.world.venue.stamp
        self.first = stamp if self.first < 0 else self.first
        self.last = stamp

    def filled(self, order: Order, size: int) -> None:
        self._mark(order.account)
        self.held[order.account] = self.held.get(order.account, 0) + order.side * size
        self.gross += size
        if self.sending:
            self.own += size

    def send(self, account: str, side: int, price: int, size: int, *, ioc: bool = False) -> Order:
        self._mark(account)
        self.sending = True
        order = self.world.venue.send(self.place.book, account, side, price, max(1, size), ioc=ioc, watch=self)
        self.sending = False
        self.held[account] = self.held.get(account, 0) + side * order.done
        self.gross += order.done
        if order.alive:
            self.orders.append(order)
        return order

    def take(self, account: str, side: int, size: int, slip: float = 1.0) -> int:
        top = self.place.book.best(-side)
        if top is None or size < 1:
            return 0
        return self.send(account, side, top + side * round(slip * self.place.half), size, ioc=True).done

    def cancel(self, order: Order) -> None:
        if order.alive:
            self._mark(order.account)
            self.world.venue.cancel(self.place.book, order)

    def clear(self) -> None:
        for order in self.orders:
            self.cancel(order)
        self.orders.clear()

    def touch(self, side: int) -> int:
        """Return the best price of a side, or where it would be."""
        best = self.place.book.best(side)
        return round(self.place.center - side * self.place.half) if best is None else best

    def gather(self, side: int, goal: int, lasts: float, pieces: int) -> Actor:
        """Build ``goal`` over some seconds, now by taking and now by waiting in the queue."""
        end, had = min(self.plan.end, self.world.now + lasts), self.net * side
        patient = self.rng.uniform(0, 0.7)
        while self.world.now < end and self.net * side - had < goal:
            name, piece = self.rng.choice(self.accounts), self.alike(max(1, goal // pieces))
            if self.rng.random() < patient:
                order = self.send(name, side, self.touch(side), piece)
                yield self.pause(lasts / pieces)
                self.cancel(order)
            else:
                self.take(name, side, piece, 1)
                yield self.pause(lasts / pieces)

    def leave(self, lasts: float, pieces: int) -> Actor:
        """Close every account's position over some seconds."""
        size = {name: max(1, -(-abs(held) // pieces)) for name, held in self.held.items()}
        while not self.late and (open_ := [n for n, held in self.held.items() if held]):
            name = self.rng.choice(open_)
            held = self.held[name]
            self.take(name, SELL if held > 0 else BUY, min(abs(held), self.alike(size.get(name, 1))), 2)
            yield self.pause(lasts / pieces / max(1, len(size)))
