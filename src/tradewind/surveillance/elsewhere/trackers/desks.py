"""Desks that work for others: parents in slices, creation desks, hedgers, closing funds, steady counterparties."""

from __future__ import annotations

import random

from tradewind.surveillance.elsewhere.trackers.floor import Actor, Floor


def parent(floor: Floor, sym: int, account: str, buy: bool, rng: random.Random, total: float, lasts: float) -> Actor:
    """Work a large order of ``total`` usual sizes over ``lasts`` seconds: slices, icebergs or pegged orders."""
    world = floor.world
    style = rng.choice(("slices", "slices", "iceberg", "peg"))
    slices = max(4, min(60, int(total / rng.uniform(0.6, 2.5))))
    piece = world.unit[sym] * total / slices
    even = rng.random() < 0.4
    for _ in range(slices):
        if floor.left() < 5:
            return
        size = floor.lots(sym, piece * (1.0 if even else rng.uniform(0.5, 1.6)))
        wait = lasts / slices * (1.0 if even else rng.expovariate(1))
        if style == "slices":
            floor.take(sym, account, buy, size, rng.choice((0, 1, 2)))
            yield wait
            continue
        price = floor.touch(sym, buy)
        order = floor.enter(sym, account, buy, price, size)
        for _ in range(3):
            yield wait / 3
            if style == "peg" and order.size:
                floor.modify(order, floor.touch(sym, buy), order.size)
        if order.size:
            left = order.size
            floor.cancel(order)
            floor.take(sym, account, buy, left, 2)


def creation(floor: Floor, sym: int, account: str, rng: random.Random) -> Actor:
    """Buy for minutes to create or redeem shares of the fund, and give it all back at the end of the day."""
    buy = rng.random() < 0.65
    yield from parent(floor, sym, account, buy, rng, rng.uniform(15, 70), rng.uniform(120, 1500))
    yield max(1.0, floor.left() - rng.uniform(120, 1500))
    held = abs(floor.position[account, sym]) / floor.world.unit[sym]
    if held > 1:
        back = floor.position[account, sym] < 0
        yield from parent(floor, sym, account, back, rng, held, max(20.0, floor.left() * rng.uniform(0.4, 0.9)))


def hedger(floor: Floor, account: str, rng: random.Random) -> Actor:
    """Trade one symbol and at once the other way in the next, a few times."""
    count = len(floor.world.symbols)
    sym, buy = rng.randrange(count), rng.random() < 0.5
    other, size = (sym + 1) % count, rng.uniform(1, 8)
    for _ in range(rng.randint(2, 8)):
        floor.take(sym, account, buy, floor.lots(sym, floor.world.unit[sym] * size), 2)
        yield rng.uniform(0.01, 2)
        if other != sym:
            floor.take(other, account, not buy, floor.lots(other, floor.world.unit[other] * size), 2)
        yield rng.expovariate(1 / 40)


def index_fund(floor: Floor, sym: int, account: str, rng: random.Random) -> Actor:
    """Trade near the closing price: slices over the last minutes, sides differ from fund to fund."""
    before = rng.choice((30.0, 90.0, 240.0, 600.0)) * rng.uniform(0.6, 1.3)
    yield max(1.0, floor.left() - before)
    buy = rng.random() < 0.5
    yield from parent(floor, sym, account, buy, rng, rng.uniform(5, 45), floor.left() * rng.uniform(0.5, 0.95))


def careless_closer(floor: Floor, sym: int, account: str, rng: random.Random) -> Actor:
    """Get out in the last seconds with one or two orders of which the price is no matter."""
    yield max(1.0, floor.left() - rng.uniform(2, 90))
    buy = rng.random() < 0.5
    for _ in range(rng.randint(1, 3)):
        floor.take(sym, account, buy, floor.lots(sym, floor.world.unit[sym] * rng.uniform(2, 14)), rng.randint(2, 12))
        yield rng.uniform(0.3, 12)


def steady_pair(floor: Floor, sym: int, pair: tuple[str, str], rng: random.Random, share: float) -> Actor:
    """Two dealers without a common owner who cross with each other again and again, with changing sides or one."""
    first, second = pair
    one_way, size = rng.random() < 0.4, rng.uniform(0.6, 5)
    habit = rng.random() < 0.5
    while floor.left() > 20:
        yield floor.gap(share)
        for _ in range(rng.choice((1, 1, 2, 4))):
            if not one_way and rng.random() < 0.5:
                first, second = second, first
            amount = floor.lots(sym, floor.world.unit[sym] * (size if habit else size * rng.lognormvariate(0, 0.5)))
            sells = rng.random() < 0.5
            bid, ask = floor.touch(sym, True), floor.touch(sym, False)
            inside = rng.randint(bid + 1, ask - 1) if ask - bid > 1 else (ask if sells else bid)
            order = floor.enter(sym, first, not sells, inside, amount)
            yield floor.world.latency * rng.uniform(0.3, 4) + (rng.random() < 0.5) * rng.uniform(0.1, 3)
            if order.size:
                wanted = amount if rng.random() < 0.6 else floor.lots(sym, amount * rng.uniform(0.4, 1.4))
                floor.enter(sym, second, sells, inside, wanted, True)
            yield rng.uniform(0.5, 15)
            floor.cancel(order)
