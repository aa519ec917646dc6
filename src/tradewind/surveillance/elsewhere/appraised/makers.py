"""Market makers: several quotes a side, often refreshed, nearly all cancelled."""

from __future__ import annotations

import math
from collections.abc import Callable

from tradewind.surveillance.elsewhere.appraised.book import Order
from tradewind.surveillance.elsewhere.appraised.world import SECOND, Process, Stock, World, spread_out


def _nearness(price: float) -> Callable[[tuple[bool, int]], tuple[float, int]]:
    """Return how far a wanted quote is from ``price``; of two as near, the lower one comes first."""
    return lambda quote: (abs(quote[1] - price), quote[1])


class Maker:
    """One maker in one symbol."""

    def __init__(self, world: World, stock: Stock, account: str, rate: float) -> None:
        rng = world.rng
        self.world, self.stock, self.account, self.rate = world, stock, account, rate  # events a second
        self.cost, self.spent, self.allowed = 8.0, 0.0, 60.0
        self.haste = spread_out(rng, 0.03, 0.8)
        self.called = False
        self.levels = rng.randint(2, 5)
        self.half = stock.half * rng.uniform(0.8, 1.5)
        self.step = max(1.0, stock.half * rng.uniform(0.5, 1.0))
        self.size = stock.unit * stock.lot * rng.uniform(1.5, 5)
        self.lean = rng.uniform(0.2, 1.0)
        self.flicker = rng.uniform(0.08, 0.4)
        self.amends = rng.random() < 0.4
        self.slack = int(stock.half * rng.uniform(0, 0.6))
        self.noise = 0.0
        self.inventory = 0
        self.quotes: list[Order] = []

    def filled(self, order: Order, size: int) -> None:
        self.inventory += size if order.buy else -size
        if not self.called and self.world.left() > 3:
            self.called = True
            self.world.clock.at(
                self.world.clock.now + int(self.haste * self.world.rng.uniform(0.5, 2) * SECOND), self.react
            )

    def react(self) -> None:
        """A quote was hit: renew all of them soon after."""
        self.called = False
        if self.world.left() > 1 and (self.spent < 1.2 * self.allowed + 100 or self.world.rng.random() < 0.1):
            self.refresh()

    def fair(self) -> float:
        stock, rng = self.stock, self.world.rng
        self.noise = 0.9 * self.noise + 0.15 * stock.half * rng.gauss(0, 1)
        skew = self.half * math.tanh(self.inventory / (8 * self.size))
        lean = self.lean * stock.book.imbalance() * stock.half
        return stock.view() + stock.pressure() + lean + self.noise - skew

    def targets(self) -> list[tuple[bool, int]]:
        fair, stock = self.fair(), self.stock
        wide = 3.0 if self.world.clock.now < stock.alarm else math.exp(0.4 * max(0.0, stock.heat))
        out: list[tuple[bool, int]] = []
        for level in range(self.levels):
            away = self.half * wide + level * self.step
            out.append((True, math.floor(fair - away)))
            out.append((False, math.ceil(fair + away)))
        return out

    def refresh(self) -> None:
        """Withdraw or move what is out of place, then fill the gaps."""
        world, book = self.world, self.stock.book
        rng, before = world.rng, len(world.rows)
        wanted = self.targets()
        missing = set(wanted)
        stale: list[Order] = []
        for order in self.quotes:
            if not order.live:
                continue
            near = min((t for t in missing if t[0] == order.buy), key=_nearness(order.price), default=None)
            if near is not None and abs(near[1] - order.price) <= self.slack and rng.random() > self.flicker:
                missing.discard(near)
            else:
                stale.append(order)
        if self.amends and stale:
            stale = [order for order in stale if not self.move(order, missing)]
        for order in stale:
            book.cancel(order)
        self.quotes = [order for order in self.quotes if order.live]
        for buy, price in wanted:
            if (buy, price) in missing and price > 0 and not book.crosses(buy, price):
                missing.discard((buy, price))
                order = book.submit(self.account, buy, price, self.stock.lots(self.size * rng.uniform(0.6, 1.4)))
                order.tag = self
                self.quotes.append(order)
        if not any(order.buy for order in self.quotes) or all(order.buy for order in self.quotes):
            self.step_aside()
        self.spent += len(world.rows) - before
        self.cost += 0.05 * (len(world.rows) - before - self.cost)

    def move(self, order: Order, missing: set[tuple[bool, int]]) -> bool:
        for buy, price in sorted(missing):
            if buy == order.buy and self.stock.book.modify(order, price, order.size):
                missing.discard((buy, price))
                return True
        return False

    def step_aside(self) -> None:
        """Others hold prices through ours: take the stale ones out, small."""
        book = self.stock.book
        fair = self.stock.view() + self.stock.pressure()
        bid, ask = book.touch()
        if bid > fair + 1.5 * self.half or ask < fair - 1.5 * self.half:
            buy = ask < fair
            size = self.stock.lots(self.size)
            for order in self.quotes:
                if order.buy != buy:
                    book.cancel(order)
            order = book.submit(self.account, buy, ask if buy else bid, size, rest=False)
            self.inventory += order.filled if buy else -order.filled

    def work(self) -> Process:
        """Quote through one day; faster when the market is excited."""
        world, stock = self.world, self.stock
        self.quotes.clear()
        while world.left() > 1:
            self.refresh()
            rate = self.rate * world.pace * world.shape()
            thrift = min(2.0, max(0.1, (self.allowed + 50) / (self.spent + 50))) ** 2
            wait = min(240.0, world.rng.expovariate(max(0.005, rate * thrift * math.exp(0.8 * stock.heat) / self.cost)))
            self.allowed += rate * wait
            yield wait
            if stock.book.imbalance() > 0.6 and world.rng.random() < 0.05:
                yield from self.burst()

    def burst(self) -> Process:
        """A maker hunting for its place refreshes a few dozen times within seconds."""
        for _ in range(self.world.rng.randint(3, 12)):
            if self.world.left() > 1:
                self.refresh()
            yield self.world.rng.uniform(0.01, 0.4)


def hire(world: World, stock: Stock, share: float) -> list[Maker]:
    """The makers of one symbol, dividing its quoting between them."""
    rng = world.rng
    chosen = rng.sample(
        world.makers, min(len(world.makers), rng.randint(2, 3) if stock.rate < 0.4 else rng.randint(3, 6))
    )
    weights = [rng.uniform(0.4, 1.6) for _ in chosen]
    rate = share * stock.rate / sum(weights)
    return [Maker(world, stock, account, rate * w) for account, w in zip(chosen, weights, strict=True)]


def open_day(world: World, makers: list[Maker], opened: int) -> None:
    for maker in makers:
        world.clock.spawn(maker.work(), opened + int(world.rng.uniform(0, 2) * SECOND))
