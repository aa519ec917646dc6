"""Large and seldom dealings of an honest market: parents in slices, waves, crosses, closings, changes of mind."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from tradewind.surveillance.elsewhere.frontier.people import Client
from tradewind.surveillance.elsewhere.frontier.venue import Order
from tradewind.surveillance.elsewhere.frontier.world import Actor, World


def nature(world: World, rng: Random) -> Actor:
    """Let values wander, together and alone, more in busy times; news comes now and then."""
    s = world.set
    step = math.sqrt(30 / s.length)
    wait = s.length / (s.news * len(s.symbols))
    while True:
        common = rng.gauss(0, 1)
        pace = step * math.sqrt(min(4.0, world.busyness()))
        for symbol, vol in enumerate(s.volatility):
            own = s.common * common + math.sqrt(1 - s.common**2) * rng.gauss(0, 1)
            world.value[symbol] += vol * pace * own
            world.value[symbol] += 0.002 * (math.log(world.last[symbol]) - world.value[symbol])
        if rng.random() < 30 / wait:
            symbol = rng.randrange(len(s.symbols))
            jump = rng.gauss(0, 1.2) * s.volatility[symbol]
            world.publish(symbol, jump, int(rng.expovariate(0.25)) if rng.random() < 0.8 else 0)
        yield 30.0


def newcomer(world: World, known: list[str], rng: Random) -> str:
    """Somebody who is known, or now and then an account that was not seen before; it may come again."""
    if rng.random() < 0.12:
        world.rich.append(next(world.names))
        return world.rich[-1]
    return rng.choice(known)


def work(
    world: World, account: str, symbol: int, side: int, total: int, slices: int, seconds: float, rng: Random
) -> Actor:
    """Work a large order in slices: at once, or from an order that shows little and is moved after the price."""
    style, left, lot = rng.choice(("take", "rest", "peg", "mixed")), total, world.set.lots[symbol]
    even = rng.random() < 0.5
    for number in range(slices):
        part = left / (slices - number) * (1 if even else math.exp(rng.gauss(0, 0.4)))
        size = min(left, max(lot, int(part) // lot * lot))
        if size <= 0:
            return
        wait = seconds / slices * (rng.uniform(0.9, 1.1) if even else rng.expovariate(1.0))
        if style == "take" or (style == "mixed" and rng.random() < 0.5):
            left -= world.take(symbol, account, side, size, rng.uniform(0, 0.006))
            yield wait
            continue
        price = world.best(symbol, side) or world.last[symbol]
        order = world.post(symbol, account, side, price + side * (rng.random() < 0.4), size)
        for _ in range(3):
            yield wait / 3
            best = world.best(symbol, side)
            if order.live and style == "peg" and best is not None and best != order.price:
                world.move(order, best, order.size)
        open_size = order.size if order.live else 0
        left -= order.filled
        world.venue.cancel(order)
        if open_size and rng.random() < 0.5:
            left -= world.take(symbol, account, side, open_size, 0.004)


def parent(world: World, symbol: int, rng: Random) -> Actor:
    """A fund or a family buys or sells much over a long time."""
    account, side = newcomer(world, world.rich, rng), rng.choice((1, -1))
    total = world.size(symbol, 4 + rng.expovariate(1 / 14), rng)
    yield from work(world, account, symbol, side, total, rng.randrange(4, 26), rng.uniform(300, 9000), rng)
    if rng.random() < 0.2:
        yield rng.uniform(600, 5000)
        yield from work(world, account, symbol, -side, total, rng.randrange(3, 12), rng.uniform(300, 3000), rng)


def wave(world: World, symbol: int, rng: Random) -> Actor:
    """Foreigners come, or leave, all together over an hour or two."""
    side = rng.choice((1, -1))
    count = min(len(world.people), 3 + int(rng.expovariate(0.15)))
    world.value[symbol] += side * rng.uniform(0, 0.006)
    for account in rng.sample(world.people, count):
        account = newcomer(world, [account], rng)
        if (account, symbol) not in world.busy:
            total = world.size(symbol, 1.5, rng)
            world.start(work(world, account, symbol, side, total, rng.randrange(1, 5), 1500, rng), rng.uniform(0, 5000))
    yield from ()


def advice(world: World, clients: list[Client], symbol: int, rng: Random) -> Actor:
    """A broker recommends, or all its clients' plans are due: they trade alike within minutes or seconds."""
    broker, side, scale = rng.choice(clients).broker, rng.choice((1, -1)), math.exp(rng.gauss(-0.3, 0.5))
    those = [client for client in clients if client.broker == broker and rng.random() < 0.6][: rng.randrange(3, 14)]
    within, spread = rng.choice((4, 40, 400)), rng.choice((0.05, 0.3, 0.7))
    for client in sorted(those, key=lambda _: rng.random()):
        yield rng.expovariate(len(those) / within)
        if (client.account, symbol) in world.busy:
            continue
        size = world.size(symbol, scale, rng, spread)
        if rng.random() < 0.6:
            world.take(symbol, client.account, side, size, rng.uniform(0, 0.006), ioc=False)
        else:
            best = world.best(symbol, side) or world.last[symbol]
            world.post(symbol, client.account, side, best + side * rng.choice((0, 1)), size)


def cross(world: World, clients: list[Client], symbol: int, rng: Random) -> Actor:
    """A broker brings two clients of its own together on the book; some pairs do so over and over."""
    first = rng.choice(clients)
    near = [client for client in clients if client.broker == first.broker and client is not first]
    second = rng.choice(near or clients[:1])
    if second is first:
        return
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        side = rng.choice((1, -1))
        bid, ask = world.best(symbol, 1), world.best(symbol, -1)
        if bid is not None and ask is not None and ask - bid > 1 and world.session_left() > 60:
            price, size = rng.randrange(bid + 1, ask), world.size(symbol, 2, rng)
            world.send(symbol, first.account, side, price, size)
            yield rng.expovariate(1 / 15)
            world.send(symbol, second.account, -side, price, size if rng.random() < 0.7 else size // 2 + 1, ioc=True)
        yield rng.expovariate(1 / 900)


def ladder(world: World, symbol: int, rng: Random) -> Actor:
    """Somebody lays honest orders on one price or several, large at times, and may think better of it."""
    account, side = newcomer(world, world.people + world.rich, rng), rng.choice((1, -1))
    levels, orders = rng.choice((1, 1, 2, 3, 4, 5, 6)), list[Order]()
    base = world.best(symbol, side) or world.last[symbol]
    gap = max(1.0, base * rng.uniform(0.001, 0.008))
    scale = 1 + rng.expovariate(0.3)
    start = rng.choice((0, 0, 1, 2))
    for level in range(levels):
        price = world.anchor(base - side * gap * (start + level), side, rng, 0.3)
        orders.append(world.post(symbol, account, side, price, world.size(symbol, scale, rng, rng.choice((0.0, 0.5)))))
        yield rng.expovariate(1 / rng.choice((0.2, 4, 30)))
    if rng.random() < 0.3:
        yield rng.expovariate(1 / 200)
        world.take(symbol, account, -side, world.size(symbol, 0.6, rng), 0.0)
    yield rng.expovariate(1 / rng.choice((30, 300, 3000)))
    if rng.random() < 0.65:
        for order in orders:
            world.venue.cancel(order)
            yield rng.expovariate(1 / rng.choice((0.05, 2)))


def closing(world: World, symbol: int, rng: Random) -> Actor:
    """Somebody has to deal near the close: a fund's orders of the day, or what is left of them."""
    account, side = newcomer(world, world.rich + world.people, rng), rng.choice((1, -1))
    total = world.size(symbol, 0.7 + rng.expovariate(0.35), rng)
    reach = rng.choice((0.002, 0.006, 0.015))
    for _ in range(rng.randrange(1, 9)):
        if world.session_left() < 1 or total <= 0:
            return
        part = max(world.set.lots[symbol], total // 3)
        total -= max(1, world.take(symbol, account, side, part, reach))
        yield rng.expovariate(1 / 45)


def lead_and_lag(world: World, account: str, gap: float, rng: Random) -> Actor:
    """Trade one symbol after another has moved."""
    count = len(world.set.symbols)
    while True:
        yield world.arrive(gap, rng)
        first, second = rng.sample(range(count), 2)
        lead = math.log(world.last[first] / world.calm[first]) - math.log(world.last[second] / world.calm[second])
        if abs(lead) > 0.004:
            side = 1 if lead > 0 else -1
            size = world.size(second, 0.7, rng)
            if world.take(second, account, side, size, 0.002) and rng.random() < 0.6:
                yield rng.uniform(0.1, 20)
                world.take(first, account, -side, world.size(first, 0.7, rng), 0.002)


def seldom(world: World, per_session: float, make: Callable[[int], Actor], rng: Random) -> Actor:
    """Let something happen so many times a session and symbol, mostly in busy hours."""
    count = len(world.set.symbols)
    while True:
        yield world.arrive(world.set.length * world.tempo / (per_session * count), rng)
        world.start(make(rng.randrange(count)))


def every_close(world: World, rng: Random) -> Actor:
    """Bring those to the market who deal at the close."""
    while True:
        yield max(0.0, world.session_left() - 1200)
        for symbol in range(len(world.set.symbols)):
            for _ in range(int(rng.expovariate(0.8))):
                world.start(closing(world, symbol, rng), 1200 * (1 - rng.random() ** 2.5) - 2)
        yield 1230.0
