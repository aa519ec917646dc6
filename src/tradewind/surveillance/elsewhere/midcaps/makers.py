"""Those who quote: designated makers under obligation, and quick ones whose quotes flicker."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.midcaps.settings import spread_out
from tradewind.surveillance.elsewhere.midcaps.venue import Order
from tradewind.surveillance.elsewhere.midcaps.world import Gen, World


class Maker:
    """A maker that quotes both sides round its model price, at most so wide and at least so large."""

    def __init__(self, world: World, account: str) -> None:
        rng = world.rng
        self.world, self.account = world, account
        self.latency = world.settings.latency * spread_out(rng, 0.5, 20)
        self.width = rng.uniform(0.75, 1.5)
        self.size = rng.uniform(1.0, 3.5)
        self.levels = rng.choices((1, 2, 3), (0.6, 0.3, 0.1))[0]
        self.replaces = rng.random() < 0.35
        self.mean = spread_out(rng, 9, 30)
        self.lean = rng.uniform(0.1, 0.7)
        self.listens = rng.uniform(0.2, 0.9) * (0.4 + 0.6 * world.settings.thin)
        self.least = rng.uniform(0.15, 0.5)
        self.stock: dict[int, int] = dict.fromkeys(world.symbols, 0)
        self.quotes: dict[tuple[int, int, int], Order] = {}
        self.seen = list(world.fair)
        self.asked = [False] * len(world.symbols)
        self.away = [0] * len(world.symbols)
        world.on_trade.append(self._heard)
        world.on_size.append(self._saw)
        world.on_news.append(self._read)

    def quoting(self, symbol: int) -> Gen:
        """Quote all day, from the opening on."""
        yield self.world.rng.uniform(0.05, 20)
        while True:
            self.quote(symbol)
            yield self.world.pause(symbol, self.mean)

    def quote(self, symbol: int) -> None:
        """Bring the quotes to where the model price now wants them."""
        self.asked[symbol] = False
        world, share, rng = self.world, self.world.share(symbol), self.world.rng
        if world.now < self.away[symbol]:
            return
        span = max(2, min(25, int(share.half)))
        bids, asks = world.venue.near(symbol, 1, span), world.venue.near(symbol, -1, span)
        tilt = (bids - asks) / (bids + asks + 6 * share.unit)
        held = max(-1.5, min(1.5, self.stock[symbol] / (25 * share.unit)))
        price = world.view(symbol) + share.half * (self.lean * tilt - 0.5 * held + rng.gauss(0, 0.08))
        width = share.half * self.width * math.exp(0.25 * world.stir[symbol])
        away = max(1.0, self.least * share.half)
        for side in (-1, 1) if price > self.seen[symbol] else (1, -1):
            for level in range(self.levels):
                target = price - side * width * (1 + 0.8 * level)
                self._put(symbol, side, level, math.floor(target) if side > 0 else math.ceil(target), away)
        self.seen[symbol] = price

    def _put(self, symbol: int, side: int, level: int, price: int, away: float) -> None:
        world, venue, share = self.world, self.world.venue, self.world.share(symbol)
        other = venue.best(symbol, -side)
        if other is not None and side * (price - other) >= 0:
            price = other - side
        key = (symbol, side, level)
        old = self.quotes.get(key)
        least = share.unit * self.size * 0.5
        if old is not None and old.live:
            if abs(old.price - price) < away and old.size >= least:
                return
            size = self._size(symbol, level)
            if not self.replaces and venue.modify(old, price, size):
                return
            venue.cancel(old)
        if price >= 1:
            self.quotes[key] = world.rest(
                symbol, self.account, side, price, self._size(symbol, level), None, self._filled
            )

    def _size(self, symbol: int, level: int) -> int:
        base = self.world.share(symbol).unit * self.size * (1 + 0.6 * level)
        return max(1, int(base * self.world.rng.choice((1.0, 1.0, 1.0, 1.25, 0.8))))

    def _filled(self, order: Order, quantity: int) -> None:
        self.stock[order.symbol] += order.side * quantity
        self._ask(order.symbol, 1.0 if not order.live else self.listens)

    def _heard(self, symbol: int, price: int, side: int, size: int) -> None:
        if size > 1.5 * self.world.share(symbol).unit:
            self._ask(symbol, self.listens)

    def _saw(self, symbol: int) -> None:
        self._ask(symbol, self.listens)

    def _read(self, symbol: int, jump: float) -> None:
        world = self.world
        if world.rng.random() < 0.6:
            for level in range(self.levels):
                for side in (1, -1):
                    order = self.quotes.get((symbol, side, level))
                    if order is not None:
                        world.later(self.latency, partial(world.venue.cancel, order))
            rest = world.rng.uniform(1, 40)
            self.away[symbol] = world.now + int(rest * 1e9)
            world.later(rest + 0.001, lambda: self.quote(symbol))
        else:
            self._ask(symbol, 1.0)

    def _ask(self, symbol: int, chance: float) -> None:
        if not self.asked[symbol] and self.world.rng.random() < chance:
            self.asked[symbol] = True
            self.world.later(self.latency * self.world.rng.uniform(0.7, 2.5), lambda: self.quote(symbol))


def flickering(world: World, account: str, symbol: int) -> Gen:
    """Quote for moments only: runs of orders near the touch, taken back within milliseconds or so."""
    rng, share = world.rng, world.share(symbol)
    mean, wait = spread_out(rng, 120, 500), world.settings.latency * spread_out(rng, 0.2, 3)
    yield rng.uniform(10, 200)
    while True:
        yield world.pause(symbol, mean)
        size = max(1, int(share.unit * rng.uniform(0.3, 1.5)))
        both, count = rng.random() < 0.4, int(spread_out(rng, 2, 14 if rng.random() < 0.93 else 60))
        side = rng.choice((1, -1))
        for _ in range(count):
            price = world.venue.best(symbol, side) or world.view(symbol)
            order = world.rest(symbol, account, side, price + side * rng.randint(-2, 2), size)
            yield wait * rng.uniform(0.5, 3)
            if rng.random() < 0.3:
                world.venue.modify(order, order.price - side * rng.randint(1, 3), size)
                yield wait * rng.uniform(0.5, 3)
            world.venue.cancel(order)
            side = -side if both else side
            yield wait * rng.uniform(0.5, 8)
