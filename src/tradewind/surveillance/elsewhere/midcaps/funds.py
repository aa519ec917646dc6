"""Funds that trade on a view: pairs, stale quotes, moves and news; and those who deal at the close."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.midcaps.settings import SECOND, spread_out
from tradewind.surveillance.elsewhere.midcaps.world import Gen, World


def pairs(world: World, account: str) -> Gen:
    """Trade one share against another where their ratio strays; one share alone against what it is worth."""
    rng = world.rng
    first, second = rng.sample(list(world.symbols), 2) if len(world.symbols) > 1 else (0, 0)
    middle, held = math.log(world.mid(first) / world.mid(second)), 0
    entry, size = rng.uniform(0.003, 0.009), spread_out(rng, 0.8, 5)
    while True:
        yield world.pause(first, 60)
        ratio = math.log(world.mid(first) / world.mid(second))
        middle += 0.01 * (ratio - middle)
        wanted = 0 if abs(ratio - middle) < entry / 4 else held
        if abs(ratio - middle) > entry:
            wanted = -1 if ratio > middle else 1
        if wanted != held:
            for symbol, sign in ((first, 1), (second, -1)):
                quantity = int(size * world.share(symbol).unit * abs(wanted - held))
                world.take(symbol, account, sign * (1 if wanted > held else -1), quantity, world.share(symbol).half)
                yield world.settings.latency * rng.uniform(0.5, 5)
            held = wanted


def arbitrage(world: World, account: str, symbol: int) -> Gen:
    """Take quotes that have fallen behind what the share is worth."""
    rng, share = world.rng, world.share(symbol)
    edge = rng.uniform(0.5, 1.4) * share.half
    while True:
        yield world.pause(symbol, 35)
        worth = world.fair[symbol] + rng.gauss(0, 0.2) * share.half
        for side in (1, -1):
            price = world.venue.best(symbol, -side)
            if price is not None and side * (worth - price) > edge:
                size = int(share.unit * rng.uniform(0.3, 2)) + 1
                world.take(symbol, account, side, size, max(0.0, abs(worth - price) - edge))


def following(world: World, account: str, symbol: int) -> Gen:
    """Join a move in a quick run of orders, and be out of it within minutes."""
    rng, share = world.rng, world.share(symbol)
    least, taste = rng.uniform(1.5, 4), rng.choice((1, 1, 1, -1))
    while True:
        yield rng.uniform(4, 25) / max(0.3, min(3.0, world.busy[symbol]))
        move = (world.last[symbol] - world.slow[symbol]) / share.half
        if abs(move) < least or rng.random() < 0.6:
            continue
        side, held = taste * (1 if move > 0 else -1), 0
        for _ in range(rng.randint(1, 8)):
            order = world.take(symbol, account, side, int(share.unit * rng.uniform(0.4, 2.5)) + 1, 1.5 * share.half)
            held += order.filled if order is not None else 0
            yield world.settings.latency * spread_out(rng, 0.5, 200)
        yield spread_out(rng, 20, 900)
        for _ in range(6):
            if held > 0:
                order = world.take(symbol, account, -side, math.ceil(held / rng.choice((1, 2, 3))), share.half)
                held -= order.filled if order is not None else 0
                yield rng.uniform(0.2, 15)
        yield spread_out(rng, 60, 1_500)


class Readers:
    """Funds that deal at once on what they read."""

    def __init__(self, world: World, accounts: list[str]) -> None:
        self.world, self.accounts = world, accounts
        world.on_news.append(self._read)

    def _read(self, symbol: int, jump: float) -> None:
        world, rng, share = self.world, self.world.rng, self.world.share(symbol)
        side = 1 if jump > 0 else -1
        if abs(jump) * share.level < share.half:
            return
        world.mood[symbol] += side * min(0.5, 25 * abs(jump))
        for account in self.accounts:
            if rng.random() < 0.6:
                size = int(share.unit * spread_out(rng, 0.5, 5)) + 1
                delay = world.settings.latency * spread_out(rng, 0.5, 400)
                world.later(delay, partial(world.take, symbol, account, side, size, abs(jump) * share.level * 0.7))


def newswire(world: World, symbol: int) -> Gen:
    """Publish items of no weight now and then, and results that move the share."""
    rng = world.rng
    mean = spread_out(rng, 5_000, 30_000)
    while True:
        yield rng.expovariate(1 / mean)
        if rng.random() < 0.45:
            world.news(symbol, rng.gauss(0, 0.0006), rng.uniform(0, 0.3))
        else:
            world.news(symbol, rng.choice((1, -1)) * spread_out(rng, 0.002, 0.03), rng.uniform(0.4, 1.8))


def closing(world: World, account: str, symbol: int) -> Gen:
    """An index fund's need at the close: dealt in its last minutes, most of it on one side."""
    rng, share = world.rng, world.share(symbol)
    length = spread_out(rng, 60, 1_200)
    yield max(1.0, (world.close - world.now) / SECOND - length)
    side, slices = rng.choice((1, -1)), int(spread_out(rng, 2, 20))
    size = spread_out(rng, 3, 40) / slices
    for number in range(slices):
        quantity = int(size * share.unit * rng.uniform(0.7, 1.3)) + 1
        if rng.random() < 0.5:
            price = world.venue.best(symbol, side) or world.view(symbol)
            order = world.rest(symbol, account, side, price + side, quantity)
            world.later(length / slices, partial(world.venue.cancel, order))
        else:
            world.take(symbol, account, side, quantity, share.half)
        left = (world.close - world.now) / SECOND
        yield max(0.05, left / (slices - number) * rng.uniform(0.6, 1.05) - 0.02)


def squaring(world: World, account: str, symbol: int) -> Gen:
    """Someone who wants to be flat by the evening deals a few times in the last minutes."""
    rng, share = world.rng, world.share(symbol)
    yield max(1.0, (world.close - world.now) / SECOND - spread_out(rng, 5, 600))
    side = rng.choice((1, -1))
    for _ in range(rng.randint(1, 5)):
        world.take(symbol, account, side, int(share.unit * spread_out(rng, 0.3, 4)) + 1, share.half)
        yield spread_out(rng, 0.5, 90)
