"""Honest people of the market `benchset` whose doings look like deeds, and everybody's first steps."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.benchset.agents import Maker, arbitrage, crowd, momentum, parent, stops, value
from tradewind.surveillance.elsewhere.benchset.venue import BUY, SELL
from tradewind.surveillance.elsewhere.benchset.world import Actor, Place, World, between

STYLES = ("twap", "vwap", "iceberg", "pegged")


def desk(world: World, place: Place) -> Actor:
    """Institutions with large orders, now and then one who thinks better of a large resting order."""
    rng, names = world.rng, world.rng.sample(world.names, 6)
    while True:
        yield world.wait(place, place.rate / 600)
        size = round(place.typical * between(rng, 12, 100))
        name, side = rng.choice(names), rng.choice((BUY, SELL))
        if rng.random() < 0.6:
            lasts = between(rng, 60, 900) / place.rate
            world.start(parent(world, place, name, side, size, lasts, rng.choice(STYLES)))
            continue
        top = place.book.best(side) or round(place.center)
        order = world.send(place, name, side, top - side * rng.randint(0, 3), size // 2 + 1)
        yield between(rng, 5, 200) / place.rate
        world.venue.cancel(place.book, order)
        if rng.random() < 0.4:
            world.take(place, name, rng.choice((side, side, -side)), world.draw_size(place, 2))


def ladder(world: World, place: Place, name: str) -> Actor:
    """Lay orders on three to eight prices and take them back once the price moves."""
    rng, book = world.rng, place.book
    while True:
        yield world.wait(place, place.rate / 400)
        side, steps, gap = rng.choice((BUY, SELL)), rng.randint(3, 8), max(1, round(place.half * rng.uniform(0.2, 1)))
        top = book.best(side) or round(place.center - side * place.half)
        size = world.draw_size(place, between(rng, 1, 6))
        rungs = [world.send(place, name, side, top - side * gap * n, size) for n in range(steps)]
        start = place.mid
        for _ in range(rng.randint(4, 40)):
            yield 4 / place.rate
            if abs(place.mid - start) > place.half * 1.5:
                break
        for rung in rungs:
            world.venue.cancel(book, rung)


def pair(world: World, place: Place, first: str, second: str) -> Actor:
    """Two clients without a common owner, one of whom likes to trade what the other shows at the touch."""
    rng = world.rng
    while True:
        yield world.wait(place, place.rate / 350)
        side, size, book = rng.choice((BUY, SELL)), world.draw_size(place, 1.5), place.book
        top, other = book.best(side), book.best(-side)
        if top is None or other is None:
            continue
        price = top + side if abs(other - top) > 1 else top
        order = world.send(place, first, side, price, size)
        yield between(rng, 0.05, 3)
        if order.alive and book.best(side) == price:
            world.send(place, second, -side, price, size if rng.random() < 0.5 else world.draw_size(place), ioc=True)
        yield between(rng, 1, 20) / place.rate
        world.venue.cancel(book, order)


def adviser(world: World, place: Place) -> Actor:
    """Clients of one adviser, who trade the same way within seconds of his word."""
    rng, names = world.rng, world.rng.sample(world.names, world.rng.randint(4, 12))
    while True:
        yield world.wait(place, place.rate / 1200)
        side = rng.choice((BUY, SELL))
        for name in rng.sample(names, rng.randint(3, len(names))):
            world.take(place, name, side, world.draw_size(place, 1.2), 1)
            yield between(rng, 0.05, 6)


def herald(world: World, place: Place) -> Actor:
    """News, the jump of the fair value, the quick who react, and those who by chance were there before."""
    rng = world.rng
    while True:
        yield world.wait(place, place.rate / 1300)
        side, jump = rng.choice((BUY, SELL)), between(rng, 0.5, 10) * place.half
        early = rng.choices(place.clients, k=2) if rng.random() < 0.4 else []
        held = {c.name: world.take(place, c.name, side, world.draw_size(place, 3), 1) for c in early}
        yield between(rng, 5, 100) / place.rate
        tell(world, place, side * jump)
        yield between(rng, 20, 300) / place.rate
        for name, size in held.items():
            if size and rng.random() < 0.6:
                world.take(place, name, -side, size, 1)


def tell(world: World, place: Place, jump: float) -> None:
    """Publish news that moves the fair value."""
    world.venue.news(place.book)
    place.fair = max(50.0, place.fair + jump)
    place.heat = min(2.0, place.heat + 1)
    place.mood += 0.25 if jump > 0 else -0.25


def closers(world: World, place: Place) -> Actor:
    """Index funds and careless people who trade in the last minutes."""
    rng, names = world.rng, world.rng.sample(world.names, 5)
    for session in world.sessions:
        window = min((session.end - session.start) * 0.08, 900)
        yield max(0.001, session.end - window - world.now)
        side, share = rng.choice((BUY, SELL)), rng.uniform(0.3, 1)
        while world.now < session.end - 1:
            name = rng.choice(names)
            way = side if name != names[0] else -side
            if rng.random() < share:
                world.take(place, name, way, world.draw_size(place, between(rng, 0.8, 4)), rng.choice((0, 1)))
            yield between(rng, 3, 60) / place.rate
        yield 2.0


def drift(world: World) -> Actor:
    """Move fair values, storms and moods by one step of the clock after the other."""
    rng, root, due, seen = world.rng, math.sqrt(world.step), 0.0, 0
    had, was, first = 0, 0.0, world.tempo
    while True:
        shared = rng.gauss(0, 1)
        for place in world.places:
            place.storm = world.calming * place.storm + rng.gauss(0, math.sqrt(1 - world.calming**2))
            own = world.common * shared + math.sqrt(1 - world.common**2) * rng.gauss(0, 1)
            place.fair = max(50.0, place.fair + place.vol * root * math.exp(0.6 * place.storm) * own)
            fade = world.step * place.rate
            place.press *= math.exp(-fade / 150)
            place.heat *= math.exp(-fade / 40)
            place.mood *= math.exp(-fade / 250)
            place.path.append(place.mid)
        yield world.step
        due += world.season(world.now) * world.step * world.rate
        seen += 1
        if seen % 80 == 0:
            now = len(world.venue.rows)
            pace = (now - had) / max(1.0, due - was)
            wanted = max(0.0, world.rows - now) / max(0.1 * world.rows, world.rows - due)
            world.tempo *= min(1.05, max(0.93, math.sqrt(wanted / max(pace, 0.1))))
            world.tempo = min(1.6 * first, max(0.5 * first, world.tempo))
            had, was = now, due


def everybody(world: World) -> None:
    """Start all honest actors."""
    rng = world.rng
    world.start(drift(world))
    for place in world.places:
        world.start(crowd(world, place))
        number = rng.randint(2, 6)
        for name in rng.sample(world.lone[:30], number):
            pace = 0.12 * place.rate / number * between(rng, 0.5, 2)
            world.start(Maker(world, place, name, pace).act(), 0.1 * rng.random() / place.rate)
        some = rng.sample(world.names, 26)
        for name in some[: rng.randint(3, 9)]:
            world.start(momentum(world, place, name))
        for name in some[10 : 10 + rng.randint(2, 6)]:
            world.start(value(world, place, name))
        for name in some[17 : 17 + rng.randint(1, 3)]:
            world.start(ladder(world, place, name))
        for n in range(rng.randint(0, 2)):
            world.start(pair(world, place, some[20 + 2 * n], some[21 + 2 * n]))
        for actor in (stops, desk, adviser, herald, closers):
            world.start(actor(world, place))
    if len(world.places) > 1:
        world.start(arbitrage(world, rng.choice(world.lone[30:])))
