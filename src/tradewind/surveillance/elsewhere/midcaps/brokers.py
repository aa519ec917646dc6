"""Institutions: large parents worked over minutes to hours by brokers' algorithms, and baskets for many clients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from tradewind.surveillance.elsewhere.midcaps.settings import spread_out
from tradewind.surveillance.elsewhere.midcaps.venue import Order
from tradewind.surveillance.elsewhere.midcaps.world import Gen, World


@dataclass
class Parent:
    """A large order: how much of it is left to do, and who does it until when."""

    symbol: int
    account: str
    side: int
    left: int
    until: int
    child: float

    def fill(self, order: Order, quantity: int) -> None:
        """Count what a resting child has traded."""
        self.left -= quantity


def work(world: World, parent: Parent, how: str) -> Gen:
    """Work a parent until it is done or its time is over."""
    ways = {"pegged": _pegged, "iceberg": _iceberg, "sniper": _sniper}
    yield from ways.get(how, _slices)(world, parent)


WAYS = ("slices", "slices", "volume", "iceberg", "pegged", "sniper")


def _size(world: World, parent: Parent) -> int:
    rough = parent.child * world.share(parent.symbol).unit * world.rng.uniform(0.75, 1.25)
    return max(0, min(parent.left, int(rough) + 1))


def _slices(world: World, parent: Parent) -> Gen:
    """Even slices in time, each first offered and then, where not taken, dealt across the spread."""
    rng, half = world.rng, world.share(parent.symbol).half
    jitter = rng.choice((0.02, 0.2, 0.5))
    while parent.left > 0 and world.now < parent.until:
        size = _size(world, parent)
        slices = max(1.0, parent.left / size)
        gap = max(0.5, (parent.until - world.now) / 1e9 / slices) * rng.uniform(1 - jitter, 1 + jitter)
        if rng.random() < 0.6:
            best = world.venue.best(parent.symbol, parent.side) or world.view(parent.symbol) - parent.side * half
            order = world.rest(parent.symbol, parent.account, parent.side, best, size, None, parent.fill)
            yield gap * 0.6
            rest = order.size
            world.venue.cancel(order)
            yield min(gap * 0.1, world.settings.latency)
            size = rest if rng.random() < 0.7 else 0
        taken = world.take(parent.symbol, parent.account, parent.side, size, half)
        parent.left -= taken.filled if taken is not None else 0
        yield gap * 0.35


def _iceberg(world: World, parent: Parent) -> Gen:
    """Show a little of a large order and refill it, a moment after the last showing was taken."""
    rng, half = world.rng, world.share(parent.symbol).half
    shown = parent.child * rng.uniform(1, 2.5)
    while parent.left > 0 and world.now < parent.until:
        best = world.venue.best(parent.symbol, parent.side) or world.view(parent.symbol) - parent.side * half
        size = max(1, min(parent.left, int(shown * world.share(parent.symbol).unit)))
        price = best + parent.side * rng.choice((0, 0, 1, 2))
        order = world.rest(parent.symbol, parent.account, parent.side, price, size, None, parent.fill)
        waited = 0
        while order.live and waited < 12 and world.now < parent.until:
            waited += 1
            yield world.pause(parent.symbol, 40)
        world.venue.cancel(order)
        yield world.settings.latency * rng.uniform(0.5, 4)


def _pegged(world: World, parent: Parent) -> Gen:
    """Stay at the best price of one's own side, following it."""
    rng, half = world.rng, world.share(parent.symbol).half
    while parent.left > 0 and world.now < parent.until:
        best = world.venue.best(parent.symbol, parent.side) or world.view(parent.symbol) - parent.side * half
        order = world.rest(parent.symbol, parent.account, parent.side, best, _size(world, parent), None, parent.fill)
        while order.live and world.now < parent.until:
            yield world.pause(parent.symbol, 20)
            top = world.venue.best(parent.symbol, parent.side)
            if top is not None and order.live and abs(top - order.price) > 0.25 * half:
                world.venue.modify(order, top, order.size)
        world.venue.cancel(order)
        yield world.pause(parent.symbol, 15)
        if rng.random() < 0.1:
            taken = world.take(parent.symbol, parent.account, parent.side, _size(world, parent), half)
            parent.left -= taken.filled if taken is not None else 0


def _sniper(world: World, parent: Parent) -> Gen:
    """Wait for size at the touch, and take it."""
    rng = world.rng
    while parent.left > 0 and world.now < parent.until:
        yield world.pause(parent.symbol, 30)
        first = world.venue.first(parent.symbol, -parent.side)
        if first is not None and first.size > 1.5 * world.share(parent.symbol).unit and rng.random() < 0.6:
            taken = world.take(parent.symbol, parent.account, parent.side, min(parent.left, first.size), 0)
            parent.left -= taken.filled if taken is not None else 0


class House:
    """Institutions, each with accounts at several brokers, and managers who deal for many clients at once."""

    def __init__(self, world: World, accounts: list[list[str]], managed: list[list[str]]) -> None:
        self.world, self.accounts, self.managed = world, accounts, managed
        self.leaning = {(i, s): world.rng.choice((1, -1)) for i in range(len(accounts)) for s in world.symbols}

    def parent(self, symbol: int, side: int, units: float, seconds: float) -> None:
        """Begin a parent, with one broker or with several at a time."""
        world, rng = self.world, self.world.rng
        who = rng.randrange(len(self.accounts))
        side = side or (self.leaning[who, symbol] if rng.random() < 0.85 else rng.choice((1, -1)))
        accounts = rng.sample(self.accounts[who], rng.randint(1, len(self.accounts[who])))
        for account in accounts:
            left = int(units * world.share(symbol).unit / len(accounts)) + 1
            until = min(world.close - 10_000_000_000, world.now + int(seconds * 1e9))
            parent = Parent(symbol, account, side, left, until, spread_out(rng, 0.3, 1.6) / world.settings.thin**0.5)
            world.spawn(work(world, parent, rng.choice(WAYS)), rng.uniform(0, min(120.0, seconds / 10)))

    def orders(self, symbol: int) -> Gen:
        """Let institutions come."""
        rng = self.world.rng
        mean = rng.uniform(1_800, 5_000) / self.world.settings.thin
        yield rng.uniform(0, 900)
        while True:
            if rng.random() < 0.9:
                self.parent(symbol, 0, spread_out(rng, 10, 110), spread_out(rng, 900, 18_000))
            yield rng.expovariate(1 / mean)

    def baskets(self, symbol: int) -> Gen:
        """A manager deals for his clients at one time, each in proportion to what the client has."""
        world, rng = self.world, self.world.rng
        while True:
            yield rng.expovariate(1 / 12_000)
            accounts = rng.choice(self.managed)
            chosen = rng.sample(accounts, rng.randint(3, len(accounts)))
            side, within = rng.choice((1, -1)), spread_out(rng, 0.05, 20)
            sizes = {a: int(world.share(symbol).unit * spread_out(rng, 0.3, 2)) + 1 for a in chosen}
            for _ in range(rng.choice((1, 1, 2))):
                for account in chosen:
                    deal = partial(world.take, symbol, account, side, sizes[account], world.share(symbol).half)
                    world.later(rng.uniform(0, within), deal)
                yield within + spread_out(rng, 60, 2_000)
