"""The crowd of clients: sticky habits, heavy-tailed activity, stop losses, fixed savings plans."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

from tradewind.surveillance.elsewhere.trackers.book import Order
from tradewind.surveillance.elsewhere.trackers.floor import Actor, Floor


@dataclass(frozen=True)
class Client:
    """One client's habits."""

    account: str
    size: float
    rounding: int
    passive: float
    follows: float
    leans: float
    favourite: int
    stops: bool


class Crowd:
    """All the clients of a market, and whom a deed or a desk may ask to act."""

    def __init__(self, floor: Floor, names: list[str], rng: random.Random) -> None:
        self.floor, self.rng = floor, rng
        count = len(floor.world.symbols)
        self.clients = [
            Client(
                account=name,
                size=rng.lognormvariate(-0.2, 0.9),
                rounding=rng.choice((1, 1, 5, 10, 10, 50, 100)),
                passive=rng.betavariate(1.5, 1.5),
                follows=rng.gauss(0, 0.5),
                leans=rng.gauss(0, 0.6),
                favourite=rng.randrange(count),
                stops=rng.random() < 0.25,
            )
            for name in names
        ]
        weights = [rng.paretovariate(1.1) for _ in names]
        self._heavy = list(itertools.accumulate(min(weight, 60.0) for weight in weights))
        self._stops: list[tuple[Client, int, bool, int, int]] = []
        floor.loose.update(rng.sample(names, max(1, len(names) // 25)))

    def pick(self) -> Client:
        """Return a client, active ones oftener."""
        while True:
            client = self.rng.choices(self.clients, cum_weights=self._heavy)[0]
            if client.account not in self.floor.busy:
                return client

    def some(self, count: int) -> list[Client]:
        """Return some different clients."""
        found: dict[str, Client] = {}
        while len(found) < count:
            client = self.pick() if self.rng.random() < 0.5 else self.rng.choice(self.clients)
            if client.account not in self.floor.busy:
                found[client.account] = client
        return list(found.values())

    def size(self, client: Client, sym: int, scale: float = 1.0) -> int:
        """Return a size as this client is wont to choose it."""
        raw = self.floor.world.unit[sym] * client.size * scale * self.rng.lognormvariate(0, 0.5)
        rounded = round(raw / client.rounding) * client.rounding if raw > client.rounding * 2 else raw
        return self.floor.lots(sym, rounded)

    def act(self, client: Client, sym: int, buy: bool, scale: float = 1.0) -> None:
        """Let a client send one order, in the manner it prefers."""
        floor, rng = self.floor, self.rng
        size = self.size(client, sym, scale)
        if rng.random() > client.passive:
            reach = rng.choice((0, 0, 1, 3, 8))
            price = floor.touch(sym, not buy) + (reach if buy else -reach)
            order = floor.enter(sym, client.account, buy, price, size, rng.random() < 0.6)
            if client.stops and order.filled and len(self._stops) < 80:
                off = max(2, round(floor.world.spread[sym] * rng.choice((2, 3, 5, 8))))
                level = floor.last[sym] + (-off if buy else off)
                self._stops.append((client, sym, buy, level, order.filled))
        else:
            away = int(rng.expovariate(1 / (0.8 * floor.world.spread[sym])))
            price = floor.touch(sym, buy) + (-away if buy else away) + rng.choice((0, 0, 1 if buy else -1))
            order = floor.enter(sym, client.account, buy, price, size)
        if order.size:
            floor.spawn(self._mind(order), rng.expovariate(1 / rng.choice((4.0, 30.0, 200.0, 1500.0))))

    def flow(self, share: float) -> Actor:
        """Let one client after the other act."""
        floor, rng = self.floor, self.rng
        count = len(floor.world.symbols)
        while True:
            client = self.pick()
            sym = client.favourite if rng.random() < 0.7 else rng.randrange(count)
            pull = 0.35 * client.leans + client.follows * max(-1.5, min(1.5, floor.trend(sym)))
            pull += 0.4 * floor.books[sym].lean(3) + 0.3 * max(-2, min(2, floor.trend(sym)))
            self.act(client, sym, rng.random() < max(0.1, min(0.9, 0.5 + 0.25 * pull)))
            yield floor.gap(share)

    def guard(self, seconds: float) -> Actor:
        """Send the stop losses whose price has come."""
        floor = self.floor
        while True:
            waiting = self._stops
            self._stops = []
            for stop in waiting:
                client, sym, buy, level, size = stop
                if client.account in floor.busy:
                    self._stops.append(stop)
                elif (floor.last[sym] <= level) if buy else (floor.last[sym] >= level):
                    floor.take(sym, client.account, not buy, size, 6)
            if self._stops and self.rng.random() < 0.02:
                self._stops.pop(0)
            yield seconds

    def savings(self, sym: int, accounts: int) -> Actor:
        """Buy for savings plans: many clients, each time the same ones, small and fixed sums at one moment."""
        members = self.rng.sample(self.clients, accounts)
        gap = self.rng.choice((0.002, 0.05, 0.4, 2.0))
        for client in members:
            if client.account not in self.floor.busy:
                size = self.floor.lots(sym, self.floor.world.unit[sym] * 0.15 * client.rounding**0.3)
                self.floor.take(sym, client.account, True, size, 3)
            yield gap * self.rng.uniform(0.5, 1.5)

    def _mind(self, order: Order) -> Actor:
        """Move or take back a resting order when patience ends."""
        floor, rng = self.floor, self.rng
        if order.size and rng.random() < 0.35:
            price = floor.touch(order.sym, order.buy)
            floor.modify(order, price, order.size)
            yield rng.expovariate(1 / 120)
        if order.size and rng.random() < 0.9:
            floor.cancel(order)
        yield from ()
