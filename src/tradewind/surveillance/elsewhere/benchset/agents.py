"""Honest agents of the market `benchset`: the crowd, makers, those who follow prices and those who know values."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.benchset.venue import BUY, SELL, Order
from tradewind.surveillance.elsewhere.benchset.world import Actor, Client, Place, World, between


def side_of(world: World, place: Place, client: Client) -> int:
    """Draw a side: habit, then the mood and the last returns, then value."""
    rng = world.rng
    off = math.tanh((place.mid - place.center) / place.half)
    lean = place.mood + world.follow * math.tanh(place.back(20)) - 0.1 * off
    if rng.random() > client.sticky or rng.random() < abs(lean):
        client.side = BUY if rng.random() < 0.5 + lean else SELL
    return client.side


def crowd(world: World, place: Place) -> Actor:
    """Zero-intelligence flow: limit orders, trades, changes and cancels, at self-exciting times."""
    rng, book = world.rng, place.book
    pool: list[Order] = []
    target = rng.randint(20, 120)
    eager, change, wide = rng.uniform(0.12, 0.3), rng.uniform(0.01, 0.12), rng.uniform(0.8, 3.0)
    for _ in range(target // 2):
        yield 0.2 / place.rate * rng.random()
        client, side = rng.choice(place.clients), rng.choice((1, -1))
        price = place.center - side * place.half * (1 + rng.expovariate(1 / wide))
        pool.append(world.send(place, client.name, side, price, world.draw_size(place, client.scale)))
    while True:
        yield world.wait(place, 0.4 * place.rate)
        act = rng.random()
        while pool and act < change + 0.5 * len(pool) / (len(pool) + target):
            spot = rng.randrange(len(pool))
            order = pool[spot]
            if not order.alive:
                pool[spot] = pool[-1]
                pool.pop()
                continue
            if act < change:
                moved = order.price + rng.choice((-2, -1, 0, 0, 1, 2))
                world.venue.modify(book, order, moved, max(1, round(order.left * rng.choice((0.5, 1, 1, 2)))))
            else:
                world.venue.cancel(book, order)
            act = 2.0
        if act > 1:
            continue
        client = rng.choices(place.clients, cum_weights=place.chances)[0]
        side, size = side_of(world, place, client), world.draw_size(place, client.scale)
        if rng.random() < eager * (0.4 + 2 * client.eager):
            world.take(place, client.name, side, size, rng.choice((0.0, 0.5, 2.0)))
            continue
        top = book.best(side)
        price = place.center - side * place.half * (0.5 + rng.expovariate(1 / wide))
        if top is not None and rng.random() < 0.35 and (top - place.center) * side < place.half:
            price = top + side * rng.choice((0, 0, 0, 1))
        pool.append(world.send(place, client.name, side, price, size))


class Maker:
    """Quotes both sides round the center; some flicker, some lean on what the book shows."""

    def __init__(self, world: World, place: Place, name: str, pace: float) -> None:
        rng = world.rng
        self.world, self.place, self.name, self.pace = world, place, name, pace
        self.levels, self.size = rng.choice((1, 1, 2, 3, 5)), between(rng, 1.5, 8)
        self.wide, self.lean = rng.uniform(0.8, 1.5), rng.choice((0.0, rng.uniform(0.2, 1.0)))
        self.flicker = rng.choice((0.0, rng.uniform(0.005, 0.05)))
        self.held, self.quotes = 0.0, dict[tuple[int, int], Order]()

    def filled(self, order: Order, size: int) -> None:
        self.held += order.side * size / (self.size * self.place.typical)

    def act(self) -> Actor:
        world, place, rng = self.world, self.place, self.world.rng
        while True:
            shown = [place.book.depth(s, 3 + round(place.half)) + 1 for s in (BUY, SELL)]
            lean = self.lean * (shown[0] - shown[1]) / (shown[0] + shown[1])
            self.held = max(-8.0, min(8.0, 0.98 * self.held))
            center = place.center + place.half * (lean - 0.12 * self.held)
            for side in (BUY, SELL):
                for level in range(self.levels):
                    self._quote(side, level, center)
            if rng.random() < self.flicker:
                yield from self._flicker()
            yield world.wait(place, self.pace)

    def _quote(self, side: int, level: int, center: float) -> None:
        world, place, book = self.world, self.place, self.place.book
        price = round(center - side * (self.wide * place.half * (1 + 0.7 * level)))
        other, old = book.best(-side), self.quotes.get((side, level))
        if other is not None and (price - other) * side >= 0:
            price = other - side
        if old is not None and old.alive:
            if abs(old.price - price) <= 0.25 * place.half and old.left > old.size // 3:
                return
            world.venue.cancel(book, old)
        size = max(1, round(place.typical * self.size * world.rng.uniform(0.8, 1.2)))
        self.quotes[side, level] = world.send(place, self.name, side, price, size, watch=self)

    def _flicker(self) -> Actor:
        world, place, rng = self.world, self.place, self.world.rng
        side, gap = rng.choice((BUY, SELL)), between(rng, 0.001, 0.02)
        for _ in range(int(between(rng, 6, 120))):
            top, other = place.book.best(side), place.book.best(-side)
            if top is None or other is None:
                return
            price = min(top * side + rng.choice((0, 1)), other * side - 1) * side
            order = world.send(place, self.name, side, price, world.draw_size(place), watch=self)
            yield gap * rng.uniform(0.5, 2)
            world.venue.cancel(place.book, order)


def momentum(world: World, place: Place, name: str) -> Actor:
    """Buy a burst where the price has begun to move, and be out minutes later."""
    rng = world.rng
    steps, threshold, pieces = rng.randint(6, 60), rng.uniform(1.5, 5), rng.randint(1, 10)
    scale, gap = between(rng, 0.4, 3), between(rng, 0.02, 4)
    while True:
        yield world.wait(place, place.rate / 60)
        back = place.back(steps)
        if abs(back) < threshold:
            continue
        side, held = (BUY if back > 0 else SELL), 0
        yield world.latency
        for _ in range(pieces):
            held += world.take(place, name, side, world.draw_size(place, scale), 1)
            yield gap * rng.expovariate(1)
        yield world.wait(place, place.rate / between(rng, 20, 400))
        for _ in range(12):
            if held <= 0:
                break
            held -= world.take(place, name, -side, min(held, 2 * world.draw_size(place, scale)), 1)
            yield gap * rng.expovariate(1)


def value(world: World, place: Place, name: str) -> Actor:
    """Trade towards the fair value where the price is off it."""
    rng = world.rng
    threshold, scale = rng.uniform(1.0, 3.5), between(rng, 0.5, 3)
    while True:
        yield world.wait(place, place.rate / 30)
        off = (place.mid - place.fair) / place.half
        if abs(off) > threshold:
            world.take(place, name, SELL if off > 0 else BUY, world.draw_size(place, scale), 0.5)


def arbitrage(world: World, name: str) -> Actor:
    """Buy the symbol that lags and sell the one that leads."""
    rng, places = world.rng, world.places
    while True:
        first, second = rng.sample(places, 2)
        yield world.wait(first, first.rate / 60)
        apart = first.back(40) - second.back(40)
        if abs(apart) > 4:
            side = SELL if apart > 0 else BUY
            world.take(first, name, side, world.draw_size(first))
            yield world.latency
            world.take(second, name, -side, world.draw_size(second))


def stops(world: World, place: Place) -> Actor:
    """Stop orders of many clients, which set one another off."""
    rng = world.rng
    waiting: list[tuple[float, int, str, int]] = []
    while True:
        yield world.wait(place, place.rate / 25)
        if len(waiting) < 25:
            side = rng.choice((BUY, SELL))
            level = round(place.mid + side * place.half * rng.uniform(4, 15))
            waiting.append((level, side, rng.choice(place.clients).name, world.draw_size(place, 1.5)))
        for stop in [s for s in waiting if (place.mid - s[0]) * s[1] >= 0]:
            waiting.remove(stop)
            yield world.latency * rng.expovariate(1)
            world.take(place, stop[2], stop[1], stop[3], 3)


def parent(world: World, place: Place, name: str, side: int, size: int, lasts: float, style: str) -> Actor:
    """Work a large order in slices: evenly, by volume, behind an iceberg or pegged to the touch."""
    rng, left, end = world.rng, size, world.now + lasts
    slices = rng.randint(8, 40)
    while left > 0 and world.now < end:
        piece = min(left, max(1, round(size / slices * rng.uniform(0.6, 1.4))))
        if style in {"twap", "vwap"}:
            left -= world.take(place, name, side, piece, 1)
            lively = 1.0 if style == "twap" else 0.6 + place.heat
            yield lasts / slices / lively * rng.uniform(0.7, 1.3)
            continue
        top = place.book.best(side) or round(place.center - side * place.half)
        order = world.send(place, name, side, top, piece)
        yield lasts / slices * rng.uniform(0.5, 1.2)
        world.venue.cancel(place.book, order)
        left -= order.done
        if style == "iceberg" and not order.done:
            left -= world.take(place, name, side, piece, 1)
