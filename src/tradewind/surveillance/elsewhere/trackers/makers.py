"""Makers: ladders round one fair value, requoted all at once; some change orders, some are fast, some flicker."""

from __future__ import annotations

import random

from tradewind.surveillance.elsewhere.trackers.book import Order
from tradewind.surveillance.elsewhere.trackers.floor import Actor, Floor


def ladder_maker(floor: Floor, sym: int, account: str, rng: random.Random, share: float) -> Actor:
    """Quote many prices on both sides and move them all when the value or the position has moved."""
    world = floor.world
    spread, unit = world.spread[sym], world.unit[sym]
    half, step = spread * rng.uniform(0.35, 0.9), max(1, round(spread * rng.uniform(0.15, 0.7)))
    levels, grow = rng.randint(3, 9), rng.uniform(0.9, 1.3)
    base, most = unit * rng.uniform(1.5, 9), unit * rng.uniform(30, 150)
    threshold, tilt = max(0.6, spread * rng.uniform(0.2, 0.6)), rng.uniform(0, 0.55)
    changes, error = rng.random() < 0.35, spread * rng.uniform(0.05, 0.3)
    quotes: list[Order] = []
    anchor, bias = -1e9, 0.0
    while True:
        if floor.left() < 2:
            return
        bias += -0.1 * bias + rng.gauss(0, error * 0.44)
        position = floor.position[account, sym]
        skew = max(-1.5, min(1.5, -position / most)) * spread
        centre = floor.values.fair(sym, floor.now) + bias + skew + tilt * spread * floor.books[sym].lean(step * 3)
        gone = sum(not quote.size for quote in quotes)
        if abs(centre - anchor) >= threshold or gone > levels // 2 or not quotes:
            anchor = centre
            wanted = []
            for buy in (True, False):
                sign = -1 if buy else 1
                inner = round(centre + sign * half)
                wanted += [
                    (buy, inner + sign * step * k, floor.lots(sym, base * grow**k * rng.uniform(0.8, 1.2)))
                    for k in range(levels)
                ]
            if changes and not gone and len(quotes) == len(wanted):
                up = wanted[0][1] > quotes[0].price
                pairs = list(zip(quotes, wanted, strict=True))
                for quote, (_, price, size) in sorted(pairs, key=lambda pair: pair[0].buy is up):
                    floor.modify(quote, price, size)
            else:
                for quote in quotes:
                    floor.cancel(quote)
                yield world.latency * rng.uniform(0.05, 0.3)
                bid, ask = floor.touch(sym, True), floor.touch(sym, False)
                quotes = []
                for buy, price, size in wanted:
                    safe = min(price, ask - 1) if buy else max(price, bid + 1)
                    quotes.append(floor.enter(sym, account, buy, safe, size))
        if abs(position) > most * 1.2 and rng.random() < 0.5:
            floor.take(sym, account, position < 0, floor.lots(sym, abs(position) * 0.1))
        yield floor.gap(share)


def fast_maker(floor: Floor, sym: int, account: str, rng: random.Random, share: float) -> Actor:
    """Keep one order on each side near the best prices, moved at the slightest change; flickers now and then."""
    world = floor.world
    spread, unit = world.spread[sym], world.unit[sym]
    size, most = unit * rng.uniform(0.5, 4), unit * rng.uniform(8, 40)
    half, tilt = spread * rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.7)
    flickers = rng.random() < 0.5
    quotes: list[Order | None] = [None, None]
    while floor.left() > 2:
        skew = max(-1.2, min(1.2, -floor.position[account, sym] / most)) * spread
        centre = floor.values.fair(sym, floor.now) + skew + tilt * spread * floor.books[sym].lean(4)
        for side, buy in enumerate((True, False)):
            price = round(centre - half) if buy else round(centre + half)
            best = floor.touch(sym, not buy)
            price = min(price, best - 1) if buy else max(price, best + 1)
            quote = quotes[side]
            if quote is None or not quote.size or quote.price != price:
                if quote is not None:
                    floor.cancel(quote)
                quotes[side] = floor.enter(sym, account, buy, price, floor.lots(sym, size * rng.uniform(0.7, 1.3)))
        if flickers and rng.random() < 0.006:
            yield from flicker(floor, sym, account, rng)
        yield floor.gap(share)


def flicker(floor: Floor, sym: int, account: str, rng: random.Random) -> Actor:
    """Requote one side over and over within a second or few, as a feedback between two machines makes it."""
    buy, wait = rng.random() < 0.5, 10 ** rng.uniform(-3.2, -1.3)
    price, size = floor.touch(sym, buy), floor.lots(sym, floor.world.unit[sym] * rng.uniform(0.3, 3))
    scale = min(1.0, floor.world.events / 60_000)
    for _ in range(int(rng.uniform(30, 60 + 240 * scale))):
        best = floor.touch(sym, not buy)
        at = price + rng.choice((-1, 0, 0, 1))
        order = floor.enter(sym, account, buy, min(at, best - 1) if buy else max(at, best + 1), size)
        yield wait * rng.expovariate(1)
        floor.cancel(order)
        if rng.random() < 0.3:
            yield wait * rng.expovariate(1)


def arbitrageur(floor: Floor, account: str, rng: random.Random, share: float) -> Actor:
    """Take what is away from value, in one symbol or between two, and give it back when it has come together."""
    world = floor.world
    count = len(world.symbols)
    edge, size = rng.uniform(0.25, 0.8), rng.uniform(0.5, 4)
    most = rng.uniform(15, 60)
    while True:
        sym = rng.randrange(count)
        fair, spread, unit = floor.values.fair(sym, floor.now), world.spread[sym], world.unit[sym]
        held = floor.position[account, sym] / unit
        for buy in (True, False):
            away = (fair - floor.touch(sym, False)) if buy else (floor.touch(sym, True) - fair)
            if away > edge * spread and abs(held + (1 if buy else -1)) < most:
                floor.take(sym, account, buy, floor.lots(sym, unit * size * rng.uniform(0.5, 1.5)), 0)
                if count > 1 and rng.random() < 0.5:
                    yield world.latency * rng.uniform(0.2, 2)
                    other = (sym + 1 + rng.randrange(count - 1)) % count
                    amount = floor.lots(other, world.unit[other] * size * rng.uniform(0.3, 1.5))
                    floor.take(other, account, not buy, amount, 0)
                break
        else:
            if abs(held) > most / 3:
                floor.take(sym, account, held < 0, floor.lots(sym, abs(held) * unit * 0.2), 1)
        yield floor.gap(share)
