"""Large orders worked for institutions, and other honest doings that look like something else."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from tradewind.surveillance.elsewhere.largecaps.flow import Clients
from tradewind.surveillance.elsewhere.largecaps.setting import SECOND
from tradewind.surveillance.elsewhere.largecaps.venue import Order
from tradewind.surveillance.elsewhere.largecaps.world import Actor, World


def parent(world: World, account: str, symbol: int, buy: bool, units: float, seconds: float, style: str) -> Actor:
    """Work one large order in slices: ``even``, ``pegged``, ``iceberg`` or ``urgent``."""
    rng, venue = world.rng, world.venue
    left = world.size(symbol, units, 0.1)
    slices = max(3, int(units / rng.uniform(0.7, 3.0)))
    gap, each = seconds * SECOND / slices, max(world.setting.lot, left // slices)
    until = world.now + int(seconds * 1.3 * SECOND)
    order: Order | None = None
    while left > 0 and world.now < until and world.closing() > 3 * SECOND:
        size = min(left, world.size(symbol, each / world.setting.units[symbol], 0.25))
        if style == "urgent" or (style == "even" and rng.random() < 0.35):
            done = world.take(account, symbol, buy, size, rng.choice((0, 0, 1)))
            left -= done.filled if done else 0
        else:
            order = world.place(account, symbol, buy, rng.choice((-1, 0, 0)), size)
        yield max(1, int(gap * rng.uniform(0.4, 1.6)))
        if order is not None:
            if style != "even":
                for _ in range(3):
                    if not order.size:
                        break
                    book = world.book(symbol)
                    best = book.bid if buy else book.ask
                    if style == "pegged" and best is not None and best != order.price:
                        venue.modify(order, best, order.size)
                    yield max(1, int(gap * rng.uniform(0.3, 0.9)))
            venue.cancel(order)
            left -= order.filled
            if style == "even" and order.filled == 0:
                done = world.take(account, symbol, buy, min(left, size), 1)
                left -= done.filled if done else 0
            order = None


class Doings:
    """Honest people with larger plans."""

    def __init__(self, world: World, clients: Clients, institutions: list[str]) -> None:
        self.world, self.clients, self.institutions = world, clients, institutions
        rng = world.rng
        self.stops: list[list[tuple[int, bool, int, str]]] = [[] for _ in world.symbols]
        firms, pool = rng.randint(3, 8), list(clients.accounts)
        rng.shuffle(pool)
        self.firms = [pool[k * 12 : k * 12 + rng.randint(5, 12)] for k in range(firms)]
        for symbol in world.symbols:
            world.on_touch[symbol].append(self._stop)

    def begin(self) -> None:
        """Start all of them; means are in seconds at one row a second."""
        world, rng = self.world, self.world.rng
        for act, mean in (
            (self._parent, 520.0),
            (self._second_thoughts, 420.0),
            (self._recommend, 2600.0),
            (self._in_and_out, 700.0),
            (self._pyramid, 1500.0),
            (self._hedge, 400.0),
            (self._pair, 450.0),
            (self._wait_to_stop, 260.0),
        ):
            world.start(self._often(act, mean * rng.uniform(0.6, 1.7) / len(world.symbols)), 1)
        world.start(self._headlines(rng.uniform(1500, 9000)), 1)
        world.on_open.append(self._close)

    def _often(self, act: Callable[[int, bool], Actor | None], mean: float) -> Actor:
        while True:
            yield self.world.pause(mean)
            made = act(self.world.rng.choice(self.world.symbols), self.world.rng.random() < 0.5)
            if made is not None:
                self.world.start(made, self.world.now + 1)

    def _parent(self, symbol: int, buy: bool) -> Actor:
        rng = self.world.rng
        style = rng.choice(("even", "even", "pegged", "iceberg", "urgent"))
        seconds = math.exp(rng.gauss(6.2, 0.9)) * (0.3 if style == "urgent" else 1.0)
        account = rng.choice(self.institutions)
        return parent(self.world, account, symbol, buy, rng.lognormvariate(2.9, 0.7), seconds, style)

    def _headlines(self, mean: float) -> Actor:
        world, rng = self.world, self.world.rng
        while True:
            yield int(rng.expovariate(1 / mean) * SECOND)
            hit = rng.random() < 0.6
            world.news(rng.choice(world.symbols), rng.choice((-1, 1)) * rng.lognormvariate(1.0, 0.5) if hit else 0.0)

    def _second_thoughts(self, symbol: int, buy: bool) -> Actor:
        """Show a large order on one price or several, take it back after a while, and sometimes change sides."""
        world, rng = self.world, self.world.rng
        account = self.clients.anyone() if rng.random() < 0.6 else rng.choice(self.institutions)
        units, count = min(90.0, rng.lognormvariate(2.6, 0.8)), rng.choice((1, 1, 1, 2, 4, 6))
        start, orders = rng.choice((0, 0, 1, 2, 3)), []
        for k in range(count):
            orders.append(world.place(account, symbol, buy, start + k, world.size(symbol, units / count, 0.3)))
            yield int(world.react())
        yield int(math.exp(rng.gauss(3.0, 1.4)) * SECOND)
        for order in orders:
            world.venue.cancel(order)
        if rng.random() < 0.15:
            yield int(rng.expovariate(0.2) * SECOND) + 1
            world.take(account, symbol, not buy, world.size(symbol, 2.0))

    def _recommend(self, symbol: int, buy: bool) -> None:
        """Let clients of one broker follow its advice, each in his own time."""
        world, rng = self.world, self.world.rng
        spread = math.exp(rng.gauss(4.3, 1.0))
        for account in rng.choice(self.firms):
            for _ in range(rng.choice((1, 1, 2, 3))):
                wait = rng.expovariate(1.0) * spread * SECOND
                world.later(wait, partial(self.clients.deal, account, symbol, buy))

    def _in_and_out(self, symbol: int, buy: bool) -> Actor:
        """Trade in a burst, and turn round within a minute or two."""
        world, rng = self.world, self.world.rng
        account, held = self.clients.anyone(), 0
        for _ in range(rng.randint(1, 7)):
            done = world.take(account, symbol, buy, world.size(symbol, rng.uniform(0.5, 6), 0.3), rng.choice((0, 0, 1)))
            held += done.filled if done else 0
            yield int(rng.expovariate(2.0) * SECOND) + 1
        if rng.random() < 0.7:
            yield int(math.exp(rng.gauss(3.2, 1.1)) * SECOND)
            world.take(account, symbol, not buy, max(held, 1), rng.choice((0, 1)))

    def _pyramid(self, symbol: int, buy: bool) -> Actor:
        """Add to a position while it pays, and take the profit."""
        world, rng = self.world, self.world.rng
        account, held, gap = self.clients.anyone(), 0, math.exp(rng.gauss(3.8, 0.8))
        for _ in range(rng.randint(4, 14)):
            done = world.take(account, symbol, buy, world.size(symbol, rng.uniform(1, 6), 0.4))
            held += done.filled if done else 0
            yield int(rng.expovariate(1 / gap) * SECOND) + 1
        for _ in range(rng.choice((0, 2, 4))):
            world.take(account, symbol, not buy, max(1, held // 4))
            yield int(rng.expovariate(1 / gap) * SECOND) + 1

    def _hedge(self, symbol: int, buy: bool) -> None:
        """Trade a basket: some symbols one way, others against it."""
        world, rng = self.world, self.world.rng
        account, both = rng.choice(self.institutions), rng.random() < 0.5
        for other in world.symbols:
            side = buy if both or other == symbol else not buy
            size = world.size(other, rng.uniform(0.5, 4), 0.3)
            world.later(world.react(), partial(world.take, account, other, side, size))

    def _pair(self, symbol: int, buy: bool) -> Actor:
        """Two who often meet: one shows a price inside or at the front, the other is his customer."""
        world, rng = self.world, self.world.rng
        firm = self.firms[symbol % len(self.firms)]
        order = world.place(firm[0], symbol, buy, -1, world.size(symbol, 1.5))
        yield int(rng.expovariate(1.0) * 1.5 * SECOND) + 1
        if order.size and world.book(symbol).ahead(order) < 2 * world.setting.units[symbol]:
            world.take(firm[1], symbol, not buy, world.size(symbol, 1.5))
        yield int(rng.expovariate(0.05) * SECOND)
        world.venue.cancel(order)

    def _wait_to_stop(self, symbol: int, buy: bool) -> None:
        """Set a stop some ticks away."""
        world, rng = self.world, self.world.rng
        away = 2 + int(rng.expovariate(0.25))
        price = world.book(symbol).last + (away if buy else -away)
        stops = self.stops[symbol]
        stops.append((price, buy, world.size(symbol, rng.uniform(0.5, 4)), self.clients.anyone()))
        if len(stops) > 60:
            stops.pop(0)

    def _stop(self, symbol: int) -> None:
        last = self.world.book(symbol).last
        for stop in [s for s in self.stops[symbol] if (last >= s[0] if s[1] else last <= s[0])]:
            self.stops[symbol].remove(stop)
            _, buy, size, account = stop
            self.world.later(self.world.react() * 5, partial(self.world.take, account, symbol, buy, size, 1))

    def _close(self, number: int) -> None:
        """Let index funds and others who need the last price deal before the end."""
        world, rng = self.world, self.world.rng
        end = (number + 1) * world.setting.length
        for symbol in world.symbols:
            whole = rng.gauss(0, 0.6)
            for _ in range(rng.randint(2, 6)):
                seconds = min(math.exp(rng.gauss(4.4, 1.1)), 1500.0)
                buy, units = rng.gauss(whole, 1) > 0, rng.lognormvariate(2.0, 0.8)
                style = rng.choice(("even", "urgent", "pegged"))
                account = rng.choice(self.institutions) if rng.random() < 0.8 else self.clients.anyone()
                work = parent(world, account, symbol, buy, units, seconds * 0.9, style)
                world.start(work, end - int((seconds + 4) * SECOND))
