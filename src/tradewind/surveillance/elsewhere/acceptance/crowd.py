"""Ordinary clients: noise, value and momentum traders, stops, followers of news, clients of an adviser."""

from __future__ import annotations

import math
from collections.abc import Callable

from tradewind.surveillance.elsewhere.acceptance.book import Order
from tradewind.surveillance.elsewhere.acceptance.people import Client
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, spread_log
from tradewind.surveillance.elsewhere.acceptance.world import Play, World


def source(w: World, symbol: int, mean: float, begin: Callable[[World, int], Play]) -> Play:
    """Begin one play after the other at random times, ``mean`` seconds apart."""
    while True:
        yield w.wait(mean, symbol)
        w.spawn(begin(w, symbol))


def side_of(w: World, symbol: int, client: Client) -> int:
    """Return the side a client takes now: habit, the price against its value, the book's weight, the mood."""
    rng, s = w.rng, w.s
    if rng.random() < client.sticky * 0.5:
        return client.side
    gap = (w.value[symbol] - w.mid(symbol)) / (4 * s.half[symbol] + 2)
    pull = 0.5 * gap + 0.8 * w.books[symbol].imbalance() + w.lean[symbol]
    client.side = 1 if rng.random() < 1 / (1 + math.exp(-max(-4.0, min(4.0, pull)))) else -1
    return client.side


def act(w: World, symbol: int, client: Client, side: int) -> Order:
    """Let a client do what it usually does: take, or leave an order that is later changed or taken back."""
    rng, s = w.rng, w.s
    size = client.size(rng, s.units[symbol], s.lot)
    if rng.random() < client.bold:
        return w.take(symbol, client.name, side, size, rng.choice((0, 0, 1, 3)), ioc=rng.random() < s.instant)
    back = min(int(rng.expovariate(1 / (s.half[symbol] + 1))), 40) - (rng.random() < 0.25)
    order = w.rest(symbol, client.name, side, w.touch(symbol, side) - side * back, size)
    w.spawn(_mind(w, symbol, client, order), rng.expovariate(1 / client.patience))
    return order


def _mind(w: World, symbol: int, client: Client, order: Order) -> Play:
    rng, book = w.rng, w.books[symbol]
    while order.live:
        choice = rng.random()
        if choice < 0.55:
            book.cancel(order)
            if rng.random() < 0.3:
                w.take(symbol, client.name, order.side, order.size or 1, 1)
            return
        touch = w.touch(symbol, order.side)
        if choice < 0.85:
            book.modify(order, touch + order.side * rng.choice((0, 0, 1)), order.size)
        else:
            book.modify(order, order.price, max(w.s.lot, order.size // 2))
        yield int(rng.expovariate(1 / client.patience) * SECOND)


def crowd(w: World, symbol: int, mean: float) -> Play:
    """Let clients come as they do, some several times within a short while."""
    rng = w.rng
    while True:
        yield w.wait(mean, symbol)
        client = w.client()
        if client.home != symbol and rng.random() < 0.7:
            client = w.client()
        side = side_of(w, symbol, client)
        act(w, symbol, client, side)
        if rng.random() < 0.2:
            w.spawn(_again(w, symbol, client, side), spread_log(rng, 0.3, 60))
        if rng.random() < 0.08:
            away = int(spread_log(rng, 3, 30) * (1 + w.s.half[symbol]))
            size = client.size(rng, w.s.units[symbol], w.s.lot)
            w.stop(symbol, -side, w.last[symbol] - side * away, client, size)


def _again(w: World, symbol: int, client: Client, side: int) -> Play:
    for _ in range(w.rng.randint(1, 4)):
        act(w, symbol, client, side)
        yield int(spread_log(w.rng, 0.3, 60) * SECOND)


def followers(w: World, symbol: int, side: int, count: int, over: float) -> Play:
    """Let clients buy or sell after one another because of what they saw."""
    for _ in range(count):
        yield int(w.rng.expovariate(count / over) * SECOND)
        client = w.client()
        size = client.size(w.rng, w.s.units[symbol], w.s.lot)
        w.take(symbol, client.name, side, size, w.rng.choice((1, 2, 4)), ioc=w.rng.random() < w.s.instant)


def value_trader(w: World, symbol: int, mean: float) -> Play:
    """Buy below the value and sell above it, and pick off what has become stale."""
    rng = w.rng
    mine = [rng.choice(w.clients) for _ in range(rng.randint(3, 12))]
    while True:
        yield w.wait(mean, symbol)
        gap = (w.fair[symbol] * 0.5 + w.value[symbol] * 0.5 - w.mid(symbol)) / (w.s.half[symbol] + 1)
        if abs(gap) > rng.uniform(0.8, 3.0):
            client = rng.choice(mine)
            w.take(symbol, client.name, 1 if gap > 0 else -1, client.size(rng, w.s.units[symbol], w.s.lot), 1)


def momentum_trader(w: World, symbol: int) -> Play:
    """Join a move with a fast burst, and be out again some minutes later, mostly with a gain (all honestly)."""
    rng = w.rng
    past = w.past[symbol]
    side = 1 if w.mid(symbol) >= past[-min(len(past), rng.randint(1, 4))] else -1
    client, held = w.client(), 0
    quick = spread_log(rng, 0.02, 2.5)
    for _ in range(rng.randint(3, 12)):
        size = client.size(rng, w.s.units[symbol], w.s.lot)
        held += w.take(symbol, client.name, side, size, rng.choice((0, 1, 2))).filled
        yield int(rng.expovariate(1 / quick) * SECOND) + 1
    entry = w.mid(symbol)
    for _ in range(12):
        yield int(spread_log(rng, 8, 120) * SECOND)
        if (w.mid(symbol) - entry) * side > rng.uniform(0.5, 3) * w.s.half[symbol]:
            break
    tries = 0
    while held > 0 and tries < 12:
        part = max(1, min(held, held // rng.randint(1, 3)))
        held -= w.take(symbol, client.name, -side, part, 1).filled
        tries += 1
        yield int(rng.expovariate(1 / (quick * 3)) * SECOND) + 1


def adviser(w: World, symbol: int) -> Play:
    """Let clients of one adviser act on its recommendation within seconds, each for itself."""
    rng = w.rng
    side, size = rng.choice((1, -1)), w.s.units[symbol] * spread_log(rng, 0.4, 2.0)
    alike, over = rng.uniform(0.05, 0.8), spread_log(rng, 2, 90)
    told = rng.sample(w.clients, rng.randint(4, min(24, len(w.clients))))
    for client in told:
        amount = max(1, round(size * rng.lognormvariate(0, alike) / w.s.lot)) * w.s.lot
        if rng.random() < 0.75:
            w.take(symbol, client.name, side, amount, 1, ioc=rng.random() < w.s.instant)
        else:
            act(w, symbol, client, side)
        yield int(rng.expovariate(len(told) / over) * SECOND) + 1


def newsroom(w: World, symbol: int, mean: float) -> Play:
    """Publish news now and then; some clients happen to be in before it, and more react to it."""
    rng = w.rng
    while True:
        yield int(rng.expovariate(1 / mean) * SECOND)
        jump = rng.choice((1, -1)) * spread_log(rng, 1.5, 25) * (1 + w.s.half[symbol])
        jump = math.copysign(min(abs(jump), 0.03 * w.s.levels[symbol]), jump)
        if rng.random() < 0.4:
            for _ in range(rng.randint(1, 3)):
                w.spawn(_lucky(w, symbol, rng.choice((1, -1, 1 if jump > 0 else -1))), rng.uniform(1, 300))
            yield 310 * SECOND
        w.news(symbol, jump)
        w.spawn(followers(w, symbol, 1 if jump > 0 else -1, rng.randint(3, 18), spread_log(rng, 10, 240)), 0.3)


def _lucky(w: World, symbol: int, side: int) -> Play:
    """Take a position for reasons of one's own; keep it, or close some of it later."""
    rng, client, held = w.rng, w.client(), 0
    for _ in range(rng.randint(1, 6)):
        size = client.size(rng, w.s.units[symbol], w.s.lot) * rng.randint(1, 3)
        held += w.take(symbol, client.name, side, size, 1).filled
        yield int(spread_log(rng, 2, 60) * SECOND)
    if held and rng.random() < 0.45:
        yield int(spread_log(rng, 200, 2_000) * SECOND)
        w.take(symbol, client.name, -side, max(1, int(held * rng.uniform(0.3, 1))), 2)
