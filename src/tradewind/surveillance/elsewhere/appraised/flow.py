"""Consensus value with clustered volatility and news, and investors with reservation prices."""

from __future__ import annotations

import math
from bisect import bisect_left

from tradewind.surveillance.elsewhere.appraised.book import Order
from tradewind.surveillance.elsewhere.appraised.world import SECOND, Process, Stock, World

STEP = 12.0


def values(world: World, stock: Stock) -> Process:
    """Move the consensus of one symbol through one day."""
    rng = world.rng
    calm = math.exp(-STEP / rng.uniform(900, 3600))
    fade = math.exp(-STEP / rng.uniform(500, 1200))
    while world.left() > 0:
        stock.heat = calm * stock.heat + math.sqrt(1 - calm * calm) * rng.gauss(0, 0.5)
        sigma = stock.daily * math.sqrt(STEP / world.length * world.shape()) * math.exp(stock.heat - 0.25)
        step = rng.gauss(0, sigma) + 0.06 * stock.drift
        stock.drift *= 0.94
        stock.value *= math.exp(max(-0.02, min(0.02, step)))
        stock.hype *= fade
        yield STEP


def break_news(world: World, stock: Stock, good: bool, jump: float) -> None:
    """Publish; the first part of the move is at once, the rest over minutes."""
    world.announce(stock, good)
    if jump:
        move = jump * stock.daily * (1 if good else -1)
        stock.value *= math.exp(0.6 * move)
        stock.drift += 0.4 * move
        stock.alarm = world.clock.now + int(world.rng.uniform(2, 12) * SECOND)
        stock.heat += 0.7


def pick(world: World) -> str:
    weights = world.weights
    return world.investors[min(len(weights) - 1, bisect_left(weights, world.rng.random() * weights[-1]))]


def investors(world: World, stock: Stock, share: float) -> Process:
    """Investors come to look; how often follows the day and the excitement."""
    rng = world.rng
    while world.left() > 0.5:
        rate = share * stock.rate / 2.1 * world.pace * world.shape() * math.exp(0.7 * stock.heat)
        yield rng.expovariate(min(40.0, max(rate, 0.002)))
        if world.left() > 0.5:
            visit(world, stock, pick(world))


def visit(world: World, stock: Stock, who: str) -> None:
    """One look at the market: renew the opinion, then take, rest or revise."""
    if who in world.busy:
        return
    rng, book = world.rng, stock.book
    mine = [order for order in stock.live.get(who, ()) if order.live]
    stock.live[who] = mine
    if mine and rng.random() < 0.3:
        revise(stock, rng.choice(mine))
        return
    opinion = 0.92 * stock.opinion.get(who, rng.gauss(0, 1)) + 0.39 * rng.gauss(0, 1)
    stock.opinion[who] = opinion
    width = 0.35 * stock.daily * stock.value
    load = stock.holding.get(who, 0) / (3 * stock.unit * stock.lot)
    trend = stock.book.mid() - stock.path[-25] if len(stock.path) > 25 else 0.0
    pull = world.greed[who] * (stock.hype * stock.daily * stock.value + 0.15 * trend)
    worth = stock.value + pull + width * (opinion - 0.7 * math.tanh(load))
    bid, ask = book.touch()
    edge = worth - (bid + ask) / 2
    buy = edge > 0
    size = stock.lots(stock.unit * stock.lot * min(8.0, rng.lognormvariate(-0.3, 0.8)))
    lean = book.imbalance() * (1 if buy else -1)
    cost = (ask - bid) / max(1.0, stock.wide)
    urge = 0.9 * abs(edge) / width - 0.7 * cost + 1.3 * lean - 0.5
    if rng.random() < 1 / (1 + math.exp(-urge)) and abs(edge) > (ask - bid) / 2:
        take(world, stock, who, buy, size)
    else:
        rest(world, stock, who, buy, size)


def take(world: World, stock: Stock, who: str, buy: bool, size: int) -> int:
    """A marketable order with a collar; own orders in its way are withdrawn first, as a rule."""
    rng, book = world.rng, stock.book
    if rng.random() < 0.985:
        for order in stock.live.get(who, ()):
            if order.live and order.buy != buy:
                book.cancel(order)
    bid, ask = book.touch()
    collar = int(rng.choice([0, 0.5, 1, 2]) * stock.half)
    order = book.submit(who, buy, ask + collar if buy else bid - collar, size, rest=rng.random() < 0.3)
    stock.hold(who, order.filled if buy else -order.filled)
    if order.live:
        keep(world, stock, order, rng.uniform(5, 90))
    if order.filled and rng.random() < 0.08:
        away = (ask - bid) + stock.daily * stock.value * rng.uniform(0.1, 0.5)
        stock.stops.append((book.last - away if buy else book.last + away, not buy, who, order.filled))
    return order.filled


def rest(world: World, stock: Stock, who: str, buy: bool, size: int) -> None:
    """A passive order near the touch."""
    rng, book = world.rng, stock.book
    bid, ask = book.touch()
    back = int(rng.expovariate(1 / (1.2 * stock.half)) - 0.6 * stock.half)
    price = min(bid - back, ask - 1) if buy else max(ask + back, bid + 1)
    if book.crosses(buy, price) or (rng.random() < 0.9 and any(o.live and o.buy != buy for o in stock.live[who])):
        return
    order = book.submit(who, buy, price, size)
    keep(world, stock, order, rng.lognormvariate(4.6, 1.1))


def keep(world: World, stock: Stock, order: Order, patience: float) -> None:
    """Remember a resting order and withdraw it when patience ends."""
    order.tag = stock
    stock.live.setdefault(order.account, []).append(order)
    when = world.clock.now + int(patience * SECOND)
    if when < world.close:
        world.clock.at(when, lambda: stock.book.cancel(order))


def revise(stock: Stock, order: Order) -> None:
    """Chase the touch, cut the size, or give up."""
    rng, book = stock.world.rng, stock.book
    what = rng.random()
    touch = book.best(order.buy)
    if what < 0.4 and touch is not None:
        book.modify(order, touch, order.size)
    elif what < 0.6 and order.size > 2 * stock.lot:
        book.modify(order, order.price, max(stock.lot, order.size // 2 // stock.lot * stock.lot))
    elif what < 0.75 and order.size > 2 * stock.lot:
        book.cancel(order, max(stock.lot, order.size // 3 // stock.lot * stock.lot))
    else:
        book.cancel(order)


def plan_news(world: World) -> None:
    """Draw the honest news of all days; about half of it moves nothing."""
    rng = world.rng
    for opened, close in world.days:
        for stock in world.stocks:
            while rng.random() < 0.6:
                jump = 0.0 if rng.random() < 0.5 else rng.uniform(0.2, 1.1)
                world.news.append(
                    (rng.randint(opened + 60 * SECOND, close - 60 * SECOND), stock, rng.random() < 0.5, jump)
                )
