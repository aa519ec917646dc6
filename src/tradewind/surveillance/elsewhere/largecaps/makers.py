"""Market makers of the large shares: they join, leave, lean against their stock, and some flicker."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.largecaps.venue import Order
from tradewind.surveillance.elsewhere.largecaps.world import Actor, World


class Maker:
    """One firm's quotes in one symbol, on a few prices of each side."""

    def __init__(self, world: World, account: str, symbol: int, fast: bool) -> None:
        rng = world.rng
        self.world, self.account, self.symbol, self.fast = world, account, symbol, fast
        self.levels = rng.choice((1, 2, 2, 3, 4))
        self.units = rng.uniform(1.2, 6.0) * world.setting.depth
        self.noise = rng.choice((0.0, 0.1, 0.5))
        self.edge = rng.uniform(0.02, 0.3)
        self.tilt = rng.uniform(0.0, 0.55)
        self.limit = rng.uniform(15, 60) * world.setting.units[symbol]
        self.mean = rng.uniform(5, 14) if fast else rng.uniform(15, 60)
        self.flicker = rng.random() < 0.35 and fast
        self.fidgets = rng.choice((0.0, 0.2, 0.5, 0.9))
        self.quotes: dict[tuple[bool, int], Order] = {}
        self.view = 0.0
        self.waiting = False
        world.on_touch[symbol].append(self.touched)
        world.on_press[symbol].append(self.pressed)
        world.on_news[symbol].append(self.read)

    def live(self) -> Actor:
        """Look at the book now and then."""
        rng = self.world.rng
        while True:
            yield self.world.pause(self.mean)
            self.view = 0.7 * self.view + rng.gauss(0, 0.12)
            self.requote()
            if self.flicker and rng.random() < 0.015:
                yield from self._flicker()
            elif rng.random() < self.fidgets:
                self._fidget()

    def touched(self, _symbol: int) -> None:
        """Answer to a new best price, if quick enough."""
        if not self.waiting and self.world.rng.random() < (0.65 if self.fast else 0.2):
            self._soon(1.0 if self.fast else 40.0)

    def pressed(self, _symbol: int) -> None:
        """Answer to a large order shown."""
        if not self.waiting and self.tilt > 0.1 and self.world.rng.random() < 0.35:
            self._soon(3.0)

    def read(self, _symbol: int) -> None:
        """Step back when a headline comes, and quote anew."""
        if self.fast and self.world.rng.random() < 0.7:
            for order in list(self.quotes.values()):
                if self.world.rng.random() < 0.5:
                    self.world.later(self.world.react(), partial(self.world.venue.cancel, order))
        self._soon(4.0 if self.fast else 200.0)

    def requote(self) -> None:
        """Take out what stands wrong and put in what lacks."""
        self.waiting = False
        world, venue, rng = self.world, self.world.venue, self.world.rng
        book = world.book(self.symbol)
        stock = venue.holding[self.symbol].get(self.account, 0) / self.limit
        lean = self.tilt * world.lean(self.symbol) if self.tilt > 0.1 else 0.0
        fair = world.fair(self.symbol) + self.view + lean - 0.6 * max(-2.0, min(2.0, stock))
        for buy in (True, False):
            sign = 1 if buy else -1
            top = math.floor(fair - self.edge) if buy else math.ceil(fair + self.edge)
            other = book.ask if buy else book.bid
            if other is not None and (top - other) * sign >= 0:
                top = other - sign
            done = 0
            for key, order in list(self.quotes.items()):
                if key[0] is not buy:
                    continue
                over = (order.price - top) * sign
                if not order.size:
                    del self.quotes[key]
                elif over > 0 or over < -self.levels - 2:
                    if over > 0 and rng.random() < 0.1 and (buy, top) not in self.quotes:
                        del self.quotes[key]
                        if venue.modify(order, top, order.size):
                            self.quotes[buy, top] = order
                            continue
                    venue.cancel(order)
                    self.quotes.pop(key, None)
                    done += 1
            shown = self.levels if stock * sign < 1.5 else 0
            for k in range(shown):
                key = (buy, top - k * sign)
                if key not in self.quotes and done < 3:
                    size = world.size(self.symbol, self.units * (1 + 0.4 * k), self.noise)
                    self.quotes[key] = venue.enter(self.account, self.symbol, buy, key[1], size)
                    done += 1

    def _soon(self, factor: float) -> None:
        self.waiting = True
        self.world.later(self.world.react() * factor, self.requote)

    def _fidget(self) -> None:
        """Leave one price, or shrink there, and come back a little later."""
        world = self.world
        orders = [order for order in self.quotes.values() if order.size > world.setting.lot]
        if not orders:
            return
        order = world.rng.choice(orders)
        if world.rng.random() < 0.2:
            lot = world.setting.lot
            world.venue.modify(order, order.price, max(lot, int(order.size * world.rng.uniform(0.4, 1.4)) // lot * lot))
        else:
            world.venue.cancel(order)
            self._soon(math.exp(world.rng.gauss(2.0, 2.0)))

    def _flicker(self) -> Actor:
        """Enter and withdraw the same price again and again for a moment."""
        world, rng = self.world, self.world.rng
        buy, behind, gap = rng.random() < 0.5, rng.choice((0, 0, 1, 2)), rng.uniform(0.5, 60) * world.setting.latency
        size = world.size(self.symbol, self.units * 0.5, 0.2)
        for _ in range(int(rng.lognormvariate(2.0, 0.7)) + 1):
            order = world.place(self.account, self.symbol, buy, behind, size)
            yield int(gap * rng.uniform(0.3, 1.7))
            world.venue.cancel(order)
            yield int(gap * rng.uniform(0.3, 1.7))


def gather(world: World, accounts: list[str]) -> None:
    """Set up the firms, each in most symbols, and start them."""
    for number, account in enumerate(accounts):
        fast = number < 2 or world.rng.random() < 0.5
        for symbol in world.symbols:
            if number < 3 or world.rng.random() < 0.75:
                maker = Maker(world, account, symbol, fast)
                world.start(maker.live(), int(world.rng.random() * 2e9) + 1)

                def reopen(_number: int, maker: Maker = maker) -> None:
                    maker.quotes.clear()
                    world.later(world.rng.random() * 3e9, maker.requote)

                world.on_open.append(reopen)
