"""Crowd: people who come and go, makers with an inventory, stops, and those who follow."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.examined.engine import SECOND, Account, Order, Script
from tradewind.surveillance.elsewhere.examined.world import Stock, World


def crowd(world: World, stock: Stock) -> Script:
    """Let people arrive, more of them when it is busy."""
    rng = world.rng
    while True:
        lull = math.exp(-(world.clock.now - stock.heated) / SECOND / (0.004 * world.length))
        stock.heat, stock.heated = 1 + (stock.heat - 1) * lull, world.clock.now
        rate = world.rate * stock.share * 0.25 * world.busy() * stock.heat * world.pace
        yield rng.expovariate(max(rate, 1e-4))
        person(world, stock, world.someone())
        if rng.random() < world.burst * 200 / (world.events * stock.share):
            stock.stir(rng.expovariate(0.6))


def opinion(world: World, stock: Stock, kind: str) -> tuple[int, float]:
    """Return the side this kind of trader believes in now, and how likely it is to trade at once."""
    rng, mid = world.rng, stock.mid()
    side, takes = (1 if rng.random() < 0.5 + 0.5 * stock.mood else -1), world.taking
    if kind == "informed":
        gap, least = (stock.value - mid) / stock.spread, 0.6
        keen = min(0.9, 0.3 + 0.2 * abs(gap))
    elif kind == "trend":
        gap, least, keen = (mid - stock.slow) / max(stock.spread, 0.1 * stock.sigma), 1.2, 0.4
    elif kind == "reader":
        gap, least, keen = stock.lean(), 0.25, 0.55
    else:
        return side, min(0.8, takes * 1.5) if kind == "retail" else takes
    return (1 if gap > 0 else -1, keen) if abs(gap) > least else (side, takes)


def person(world: World, stock: Stock, account: Account) -> None:
    """One arrival: a side by what this kind of trader believes, then a trade or a resting order."""
    rng, kind = world.rng, account.kind
    side, takes = opinion(world, stock, kind)
    size = world.size(stock, account.scale)
    load = account.load.get(stock.book, 0)
    if abs(load) > 15 * stock.unit * account.scale and rng.random() < 0.7:
        side = -1 if load > 0 else 1
    if rng.random() < takes:
        if world.market_orders and kind in ("noise", "retail") and rng.random() < 0.5:
            stock.book.submit(account, side, 0, size)
        else:
            stock.take(account, side, size, rng.choice((0, 0, 0.5, 2)))
        return
    away: float = -rng.randint(1, max(1, round(stock.spread / 2))) if rng.random() < 0.25 else rng.choice((0, 1, 1))
    if rng.random() < 0.5:
        away = min(60.0, world.deep * rng.paretovariate(1.1)) * max(1.0, stock.spread / 2)
    if kind == "retail" and rng.random() < 0.4:
        grid = rng.choice((5, 10, 10, 50))
        mid = stock.mid()
        goal = math.floor(mid / grid) * grid if side > 0 else math.ceil(mid / grid) * grid
        away = (stock.touch(side) - goal) * side
    order = stock.rest(account, side, min(away, 0.3 * stock.mid()), size)
    world.clock.after(world.life * math.exp(rng.gauss(0, 1.2)), partial(tire, world, stock, order))


def tire(world: World, stock: Stock, order: Order) -> None:
    """The owner of a resting order loses patience: takes it back, in part, or moves it closer."""
    rng = world.rng
    if not order.left:
        return
    how = rng.random()
    if how < 0.08 and order.left > 1:
        stock.book.cancel(order, rng.randint(1, order.left - 1))
        world.clock.after(world.life, partial(tire, world, stock, order))
    elif how < world.fidget:
        price = stock.touch(order.side) - order.side * rng.choice((0, 0, 1, 2, 4))
        if (price - stock.touch(-order.side)) * order.side < 0 and price != order.price:
            order = stock.book.replace(order, price, order.left, world.keep_id)
        world.clock.after(world.life * rng.expovariate(1), partial(tire, world, stock, order))
    else:
        stock.book.cancel(order)


class Maker:
    """One maker in one stock: quotes round what it thinks fair, leans against its inventory."""

    def __init__(self, world: World, stock: Stock, account: Account) -> None:
        rng = world.rng
        self.world, self.stock, self.account = world, stock, account
        self.half = max(0.5, stock.spread / 2 * rng.uniform(0.7, 1.7))
        self.levels = rng.choice((1, 2, 2, 3, 3, 5, 7))
        self.step = max(1.0, stock.spread * rng.uniform(0.2, 1.0))
        self.size = stock.unit * world.log(1.5, 10)
        self.limit = 1.0
        self.belief, self.lean, self.read = rng.uniform(0.02, 0.2), rng.uniform(0.3, 1.5), rng.uniform(0, 0.6)
        self.slack = rng.choice((0, 0, 1, 2)) if stock.spread > 2 else 0
        self.flicker, self.shy = rng.random() < 0.3, rng.random() < 0.5
        self.pause = 1.0
        self.orders: dict[int, list[Order | None]] = {s: [None] * self.levels for s in (1, -1)}

    def fair(self) -> float:
        stock = self.stock
        load = self.account.load.get(stock.book, 0) / self.limit
        mid = stock.mid()
        pull = self.belief * max(-4 * stock.spread, min(4 * stock.spread, stock.value - mid))
        return mid + pull + stock.spread * (0.5 * self.read * stock.lean() - self.lean * max(-1.5, min(1.5, load)))

    def quote(self) -> None:
        book, rng = self.stock.book, self.world.rng
        fair = self.fair()
        for side in (1, -1):
            edge = fair - side * self.half
            for i in range(self.levels):
                price = max(1, math.floor(edge - i * self.step) if side > 0 else math.ceil(edge + i * self.step))
                other = book.best(-side)
                if other and (price - other) * side >= 0:
                    price = other - side
                old = self.orders[side][i]
                if old and old.left:
                    if abs(old.price - price) <= self.slack and old.left > 0.3 * self.size:
                        continue
                    book.cancel(old)
                size = max(1, round(self.size * (1 + 0.3 * i) * rng.uniform(0.6, 1.4)))
                self.orders[side][i] = book.submit(self.account, side, max(1, price), size)

    def pull(self) -> None:
        for order in [o for side in (1, -1) for o in self.orders[side] if o]:
            self.stock.book.cancel(order)

    def run(self) -> Script:
        rng, world, stock = self.world.rng, self.world, self.stock
        before = stock.mid()
        self.quote()
        while True:
            yield rng.expovariate(max(1e-4, world.pace * world.busy() * stock.heat**0.5 / self.pause))
            now = stock.mid()
            if self.shy and abs(now - before) > 2.5 * stock.spread + 2:
                self.pull()
                yield rng.uniform(0.3, 8) * self.pause
                self.quote()
            elif self.flicker and rng.random() < 0.12:
                side = rng.choice((1, -1))
                for _ in range(rng.randint(2, 6)):
                    order = self.orders[side][0]
                    if not order or not stock.book.cancel(order):
                        break
                    yield world.log(0.0005, 0.05)
                    self.orders[side][0] = stock.rest(
                        self.account, side, rng.choice((0, 0, 1)), order.price and self.size
                    )
                    yield world.log(0.0005, 0.2)
            before = now
            self.quote()


def watch(world: World, stock: Stock) -> Script:
    """Keep stop orders of the crowd, most at round prices, and send them when the price gets there."""
    rng = world.rng
    while True:
        yield world.length / 2_500
        mid = stock.mid()
        if len(stock.stops) < 40 and rng.random() < 0.15:
            side, grid = rng.choice((1, -1)), rng.choice((1, 10, 50))
            far = mid + side * stock.spread * world.log(1.5, 12)
            level = round(far / grid) * grid
            if (level - mid) * side > stock.spread:
                account = world.someone()
                stock.stops.append((side, level, account, world.size(stock, account.scale)))
        struck = [s for s in stock.stops if (mid - s[1]) * s[0] >= 0]
        if struck:
            stock.stops = [s for s in stock.stops if (mid - s[1]) * s[0] < 0]
        for side, _, account, size in struck:
            world.clock.after(rng.expovariate(1 / (0.3 + 2 / world.rate)), partial(stock.take, account, side, size, 4))


def flock(world: World, stock: Stock, tone: int, count: int, within: float, lag: float = 0.0) -> None:
    """Strangers trade the same way within seconds, most of them once, some of them out again later."""
    rng = world.rng
    for account in world.some(count):
        size = world.size(stock, account.scale)
        wait = lag + min(within, rng.expovariate(2.5 / within))
        world.clock.after(wait, partial(stock.take, account, tone, size, rng.choice((1, 2, 4))))
        if rng.random() < 0.4:
            later = wait + rng.expovariate(1 / (20 * within))
            world.clock.after(later, partial(stock.take, account, -tone, size, 2))
