"""Those who hold accounts for themselves: savers with habits, people who trade in and out, dealers that quote."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from random import Random

from tradewind.surveillance.elsewhere.frontier.venue import Order
from tradewind.surveillance.elsewhere.frontier.world import Actor, World


@dataclass(frozen=True, slots=True)
class Client:
    """A saver's habits; ``gap`` is the busy time between two looks at the market."""

    account: str
    broker: int
    liked: tuple[int, ...]
    gap: float
    scale: float
    patience: float
    roundness: float
    bold: float
    noise: float


def draw_client(world: World, rng: Random, gap: float) -> Client:
    """Draw a saver; a few of them are far more active than the others."""
    count, s = len(world.set.symbols), world.set
    return Client(
        account=next(world.names),
        broker=int(6 * rng.random() ** 1.7),
        liked=tuple(rng.sample(range(count), rng.choice((1, 1, 2, 2, 3, 4)) % (count + 1) or 1)),
        gap=gap,
        scale=math.exp(rng.gauss(-0.2, 0.8)),
        patience=math.exp(rng.gauss(0, 0.6)),
        roundness=rng.uniform(0.1, 0.95),
        bold=min(0.9, max(0.05, rng.gauss(s.boldness, 0.15))),
        noise=s.noise * math.exp(rng.gauss(0, 0.4)),
    )


def estimate(world: World, symbol: int, noise: float, rng: Random) -> float:
    """What somebody holds a symbol to be worth, in ticks: its value, and much of the last price."""
    weight = rng.uniform(0.2, 0.8)
    believed = weight * world.value[symbol] + (1 - weight) * math.log(world.mid(symbol))
    return math.exp(believed + rng.gauss(0, noise))


def saver(world: World, client: Client, rng: Random) -> Actor:
    """Look in now and then: change an order that rests, or enter one."""
    while True:
        yield world.arrive(client.gap, rng)
        symbol = client.liked[int(len(client.liked) * rng.random() ** 2)]
        if (client.account, symbol) in world.busy:
            continue
        mine = [
            order
            for order in world.venue.own[client.account].values()
            if (client.account, order.symbol) not in world.busy
        ]
        if mine and rng.random() < world.set.restless:
            reconsider(world, client, rng.choice(mine), rng)
        elif len(mine) < 4:
            enter(world, client, symbol, rng)


def reconsider(world: World, client: Client, order: Order, rng: Random) -> None:
    """Move the order, change its size, take it away, or lose patience and deal."""
    fate, symbol = rng.random(), order.symbol
    if fate < 0.68:
        near = world.best(symbol, order.side) or order.price
        goal = near if rng.random() < 0.6 else estimate(world, symbol, client.noise, rng)
        part = rng.uniform(0.2, 1.1)
        price = world.anchor(order.price + (goal - order.price) * part, order.side, rng, client.roundness / 2)
        price = shy(world, symbol, order.side, price if price != order.price else price + order.side, rng)
        world.move(order, price, order.size)
    elif fate < 0.84:
        lot = world.set.lots[symbol]
        size = max(lot, int(order.size * rng.choice((0.5, 0.5, 0.7, 1.5, 2.0))) // lot * lot)
        world.move(order, order.price, size)
    elif fate < 0.92:
        world.venue.cancel(order)
    else:
        size = order.size
        world.venue.cancel(order)
        world.take(symbol, client.account, order.side, size, rng.uniform(0, 0.006), ioc=rng.random() < 0.3)


def shy(world: World, symbol: int, side: int, price: int, rng: Random) -> int:
    """Keep a price away from the other side: hardly anybody goes close without dealing."""
    other = world.best(symbol, -side)
    if other is None or rng.random() < 0.1:
        return price
    limit = round(other * (1 - side * world.set.spread * rng.uniform(0.3, 1.6)))
    return max(1, min(price, limit) if side > 0 else max(price, limit))


def enter(world: World, client: Client, symbol: int, rng: Random) -> None:
    """Deal at once where the price is liked, else leave an order for hours."""
    worth, mid = estimate(world, symbol, client.noise, rng), world.mid(symbol)
    side = 1 if math.log(worth / mid) + rng.gauss(0, client.noise) > 0 else -1
    if world.venue.position[client.account, symbol] * side > 0 and rng.random() < 0.3:
        side = -side
    size = world.size(symbol, client.scale, rng)
    best = world.best(symbol, -side)
    if best is not None and rng.random() < client.bold and abs(best / mid - 1) < 4 * world.set.spread:
        got = world.take(symbol, client.account, side, size, rng.uniform(0, 0.004), ioc=rng.random() < 0.3)
        if got and rng.random() < 0.12:
            trigger = int(world.last[symbol] * (1 - side * rng.uniform(0.01, 0.05)))
            heapq.heappush(world.stops[symbol][-side], (-side * trigger, client.account, got))
        return
    away = world.set.spread * client.patience * rng.expovariate(1.0)
    base = worth if rng.random() < 0.4 else world.best(symbol, side) or mid * (1 - side * 0.005)
    price = world.anchor(max(base * (1 - side * away), mid * 0.85), side, rng, client.roundness)
    if (price / mid - 1) * side > 0.01:
        price = round(mid * (1 + side * 0.01))
    price = shy(world, symbol, side, price, rng)
    (world.send if rng.random() < 0.25 else world.post)(symbol, client.account, side, price, size)


def in_and_out(world: World, account: str, gap: float, rng: Random) -> Actor:
    """Buy into a move, or against it, and be out of it within minutes."""
    count = len(world.set.symbols)
    symbol = rng.randrange(count)
    while True:
        yield world.arrive(gap, rng)
        if rng.random() < 0.2:
            symbol = rng.randrange(count)
        if (account, symbol) in world.busy:
            continue
        drift = world.mid(symbol) / world.calm[symbol] - 1
        side = (1 if drift > 0 else -1) * (1 if rng.random() < 0.7 else -1)
        got = 0
        for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
            got += world.take(symbol, account, side, world.size(symbol, 0.8, rng), rng.uniform(0, 0.008))
            yield rng.expovariate(1 / rng.choice((0.5, 5, 30)))
        if got:
            yield rng.expovariate(1 / 240) + 5
            best = world.best(symbol, -side) or world.last[symbol]
            order = world.post(symbol, account, -side, best, got) if rng.random() < 0.5 else None
            if order is not None:
                yield rng.uniform(20, 600)
                got = order.size if order.live else 0
                world.venue.cancel(order)
            if got:
                world.take(symbol, account, -side, got, 0.01, ioc=rng.random() < 0.5)


def dealer(world: World, account: str, symbol: int, gap: float, rng: Random) -> Actor:
    """Quote both sides, wide, on one price or several; move the quotes rather than take them away."""
    half = world.set.spread * math.exp(rng.gauss(0, 0.35))
    steps, step = rng.choice((1, 1, 2, 3, 4)), rng.uniform(0.3, 1.0) * half
    scale, limit = math.exp(rng.gauss(0.6, 0.5)), rng.uniform(15, 60) * world.set.units[symbol]
    quotes: dict[tuple[int, int], Order] = {}
    while True:
        yield world.arrive(gap, rng)
        skew = -0.8 * half * max(-2.0, min(2.0, world.venue.position[account, symbol] / limit))
        centre = math.exp(0.6 * world.value[symbol] + 0.4 * math.log(world.mid(symbol)) + skew + rng.gauss(0, half / 6))
        for side in rng.sample((1, -1), 2):
            for level in range(steps if rng.random() < 0.7 else 1):
                goal = centre * (1 - side * (half + level * step))
                price = math.floor(goal) if side > 0 else math.ceil(goal)
                order = quotes.get((side, level))
                if order is None or not order.live:
                    size = world.size(symbol, scale, rng, 0.4)
                    quotes[side, level] = world.post(symbol, account, side, price, size)
                elif abs(order.price - price) > max(0.5, order.price * half * 0.15):
                    world.move(order, price, order.size)
        if rng.random() < 0.02:
            for order in quotes.values():
                world.venue.cancel(order)
            yield rng.expovariate(1 / 900)


def flicker(world: World, account: str, symbol: int, gap: float, rng: Random) -> Actor:
    """A program from abroad: quotes small, and now and then changes its mind many times in a second."""
    size = world.size(symbol, 0.4, rng)
    while True:
        yield world.arrive(gap, rng)
        side = rng.choice((1, -1))
        order: Order | None = None
        pace = world.set.latency * rng.choice((0.005, 0.03, 0.1, 0.1))
        for _ in range(int(2 + min(160, rng.paretovariate(0.9)))):
            if world.session_left() < 2:
                break
            base = world.best(symbol, side) or world.last[symbol]
            price = max(1, base + side * rng.choice((-2, -1, 0, 0, 1)))
            if order is None or not order.live:
                order = world.post(symbol, account, side, price, size)
            elif rng.random() < 0.2:
                world.venue.cancel(order)
            else:
                world.move(order, price, size)
            yield pace * rng.expovariate(1.0)
        if order is not None and order.live and rng.random() < 0.7:
            world.venue.cancel(order)
