"""Those who quote for a living: designated providers with duties, a flickerer, a pegger, fast reactors."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.retail.engine import BUY, SECOND, SELL, Actor, Book, Order, World


class Provider:
    """A designated liquidity provider: both sides, a widest spread, a least size, skewed by stock and imbalance."""

    def __init__(self, world: World, book: Book, acc: int, crowd: int) -> None:
        rng = world.rng
        self.world, self.book, self.acc, self.crowd = world, book, acc, crowd
        self.levels = rng.choice((1, 1, 2, 2, 3, 4))
        self.width = rng.uniform(0.8, 1.7)
        self.size = rng.uniform(2.0, 8.0)
        self.shy = rng.uniform(0.02, 0.15)
        self.alpha = rng.uniform(0.5, 2.2)  # how far the imbalance moves the quote, in half-spreads
        self.lag = rng.uniform(1.0, 30.0) * world.setting.latency
        self.modifies = rng.random() < 0.6
        self.stock = 0.0
        self.quotes: dict[int, list[Order | None]] = {BUY: [None] * self.levels, SELL: [None] * self.levels}
        self.waking = False
        self.skew = 0.0

    def filled(self, order: Order, size: int, other: int) -> None:
        """Count the stock and think again soon."""
        self.stock += order.side * size / self.book.spec.typical
        if not self.waking:
            self.waking = True
            self.world.spawn(self._soon(), self.lag * self.world.rng.uniform(0.5, 3.0))

    def _soon(self) -> Actor:
        self.waking = False
        self.quote()
        yield -1

    def life(self) -> Actor:
        """Requote at random moments, more often when much happens; hedge elsewhere now and then."""
        rng, spec, book = self.world.rng, self.book.spec, self.book
        while True:
            self.quote()
            self.stock *= 0.97
            rate = 0.18 * spec.pace * book.profile * book.gain * book.heat / self.crowd / (0.5 + 0.5 * self.levels)
            yield int(rng.expovariate(max(rate, 1 / 600)) * SECOND)

    def quote(self) -> None:
        """Bring every level near where it should be."""
        world, book, rng = self.world, self.book, self.world.rng
        self.skew = 0.6 * self.skew + 0.4 * book.tilt()
        half = book.half() * self.width * (1.6 if world.now - book.upset < 90 * SECOND else 1.0)
        half *= 0.85 + 0.3 * min(2.0, book.vol)
        lean = self.alpha * self.skew - max(-2.0, min(2.0, self.stock * self.shy))
        center = math.exp(book.ref) + lean * book.half() + rng.gauss(0, 0.12) * half
        for i in range(self.levels):
            for side in (BUY, SELL) if rng.random() < 0.5 else (SELL, BUY):
                raw = center - side * half * (1 + 0.9 * i)
                px = math.floor(raw) if side == BUY else math.ceil(raw)
                self._place(side, i, px, half)

    def _place(self, side: int, i: int, px: int, half: float) -> None:
        world, book, rng = self.world, self.book, self.world.rng
        order = self.quotes[side][i]
        against = book.best(-side)
        if against and (px - against) * side >= 0:
            px = against - side
        if px < 1:
            return
        size = round(self.size * book.spec.typical * rng.uniform(0.7, 1.3))
        if order is not None and order.size:
            off = abs(order.px - px)
            low = order.size < 0.3 * size
            if off <= max(0.0, 0.2 * half) and not low:
                return
            if self.modifies and world.modify(order, px, size):
                return
            world.cancel(order)
            against = book.best(-side)
            if against and (px - against) * side >= 0:
                px = against - side
        self.quotes[side][i] = world.submit(book, self.acc, side, px, size, tag=self)

    def outage(self) -> Actor:
        """The line drops once: cancel-on-disconnect takes everything at once, honest as it is."""
        rng = self.world.rng
        yield int((self.world.close - self.world.open) * rng.uniform(0.1, 0.9))
        for side in (BUY, SELL):
            for order in self.quotes[side]:
                if order is not None:
                    self.world.cancel(order)
        yield 5 * SECOND
        self.quote()


class Silent:
    """Orders of honest machines need a tag only so that fills are noted."""

    def __init__(self) -> None:
        self.stock = 0

    def filled(self, order: Order, size: int, other: int) -> None:
        self.stock += order.side * size


def flickerer(world: World, book: Book, acc: int) -> Actor:
    """A proprietary desk that flickers small quotes on both sides in bouts; order-to-trade far above others."""
    rng = world.rng
    while True:
        yield int(rng.expovariate(1 / (40 * book.beat() + SECOND)))
        for _ in range(rng.randint(4, 22)):
            size = round(book.spec.typical * rng.uniform(0.3, 2))
            pair: list[Order] = []
            for side in (BUY, SELL):
                away = rng.randint(0, 2 + int(book.half()))
                px = min(book.touch(BUY) - away, book.touch(SELL) - 1) if side == BUY else book.touch(SELL) + away
                if px > 0 and (px - book.touch(-side)) * side < 0:
                    pair.append(world.submit(book, acc, side, px, size))
            yield int(rng.expovariate(1 / 4e8)) + 3_000_000
            for order in pair:
                world.cancel(order)
            yield int(rng.expovariate(1 / 2e8)) + 2_000_000


def pegger(world: World, book: Book, acc: int) -> Actor:
    """A busy algorithm that pegs one child order to the best price; nearly all it sends are changes."""
    rng = world.rng
    while True:
        side = rng.choice((BUY, SELL))
        order = world.submit(book, acc, side, book.touch(side), round(book.spec.typical * rng.uniform(0.5, 4)))
        end = world.now + int(rng.uniform(20, 120) * book.beat())
        while order.size and world.now < end:
            yield int(rng.expovariate(1 / (1.5 * book.beat() + 2e7)))
            best = book.touch(side)
            if order.size and order.px != best and abs(order.px - best) > 0.2 * book.half():
                world.modify(order, best, order.size)
        world.cancel(order)
        yield int(rng.expovariate(1 / (30 * book.beat())))


class Reactor:
    """A fast desk that acts within milliseconds of public sweeps, all day, in whatever symbol it happens."""

    def __init__(self, world: World, acc: int) -> None:
        rng = world.rng
        self.world, self.acc = world, acc
        self.lag = world.setting.latency * rng.uniform(0.4, 3.0)
        self.appetite = rng.uniform(0.15, 0.6)
        self.follow = rng.random() < 0.7
        self.busy = 0

    def __call__(self, book: Book, side: int, force: float) -> None:
        if self.world.now < self.busy or self.world.rng.random() > self.appetite:
            return
        self.busy = self.world.now + int(0.3 * book.beat())
        self.world.spawn(self._act(book, side if self.follow else -side), self.lag * self.world.rng.uniform(0.7, 1.6))

    def _act(self, book: Book, side: int) -> Actor:
        world, rng = self.world, self.world.rng
        size = round(book.spec.typical * rng.uniform(0.3, 1.5))
        taken = world.submit(book, self.acc, side, book.touch(-side), size, rest=False)
        if not taken.filled:
            return
        yield int(rng.expovariate(1 / (8 * book.beat()))) + 50_000_000
        out = world.submit(book, self.acc, -side, book.touch(-side), taken.filled)
        yield int(rng.expovariate(1 / (8 * book.beat()))) + 50_000_000
        if out.size:
            left = out.size
            world.cancel(out)
            world.submit(book, self.acc, -side, book.touch(side), left, rest=False)
