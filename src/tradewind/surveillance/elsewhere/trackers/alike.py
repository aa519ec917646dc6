"""Honest conduct that looks like something else, begun at random times the whole session."""

from __future__ import annotations

import random

from tradewind.surveillance.elsewhere.trackers.crowd import Crowd
from tradewind.surveillance.elsewhere.trackers.desks import creation, hedger, parent
from tradewind.surveillance.elsewhere.trackers.floor import Actor, Floor
from tradewind.surveillance.elsewhere.trackers.makers import flicker


def ladder_person(floor: Floor, sym: int, account: str, rng: random.Random) -> Actor:
    """Lay 3 to 8 orders on one side or both and take them back when the price moves, once or several times."""
    spread, unit = floor.world.spread[sym], floor.world.unit[sym]
    size, step = unit * rng.uniform(0.8, 8), max(1, round(spread * rng.uniform(0.2, 0.8)))
    both = rng.random() < 0.35
    for _ in range(rng.randint(1, 6)):
        buy = rng.random() < 0.5
        start = floor.mid(sym)
        orders = []
        for side in (buy, not buy) if both else (buy,):
            inner, sign = floor.touch(sym, side), -1 if side else 1
            for k in range(rng.randint(3, 8)):
                orders.append(
                    floor.enter(sym, account, side, inner + sign * (k + 1) * step, floor.lots(sym, size * (1 + k / 5)))
                )
                yield rng.uniform(0.001, 0.8)
        for _ in range(rng.randint(2, 40)):
            yield rng.uniform(0.5, 8)
            if abs(floor.mid(sym) - start) > spread or not orders[0].size:
                break
        for order in orders:
            floor.cancel(order)
        if rng.random() < 0.4:
            floor.take(sym, account, rng.random() < 0.5, floor.lots(sym, unit * rng.uniform(0.5, 3)), 2)
        yield rng.expovariate(1 / 120)


def changed_mind(floor: Floor, sym: int, account: str, rng: random.Random) -> Actor:
    """Enter one large order near the best price and take it back; now and then trade the other way instead."""
    unit = floor.world.unit[sym]
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        buy = rng.random() < 0.5
        price = floor.touch(sym, buy) + (-1 if buy else 1) * rng.randint(0, 3)
        order = floor.enter(sym, account, buy, price, floor.lots(sym, unit * rng.uniform(10, 50)))
        yield rng.expovariate(1 / rng.choice((2.0, 10.0, 60.0)))
        floor.cancel(order)
        if rng.random() < 0.35:
            yield rng.uniform(0.2, 20)
            floor.take(sym, account, not buy, floor.lots(sym, unit * rng.uniform(0.5, 4)), 1)
        yield rng.expovariate(1 / 60)


def in_and_out(floor: Floor, sym: int, account: str, rng: random.Random, chase: bool = True) -> Actor:
    """Buy or sell a burst where the price runs (or at random) and be out of it minutes later, gain or loss."""
    unit, trend = floor.world.unit[sym], floor.trend(sym)
    if chase and abs(trend) < 0.4:
        return
    buy = trend > 0 if chase else rng.random() < 0.5
    size, wait = rng.uniform(0.8, 5), rng.choice((0.01, 0.3, 2.0))
    for _ in range(rng.randint(2, 10)):
        floor.take(sym, account, buy, floor.lots(sym, unit * size * rng.uniform(0.6, 1.4)), 2)
        yield wait * rng.expovariate(1)
    start, patience = floor.mid(sym), rng.uniform(20, 600)
    while patience > 0:
        wait = rng.uniform(2, 20)
        yield wait
        patience -= wait
        gain = (floor.mid(sym) - start) * (1 if buy else -1) / floor.world.spread[sym]
        if gain > 1.5 or gain < -2:
            break
    held = floor.position[account, sym]
    pieces = rng.randint(1, 6)
    for _ in range(pieces if (held > 0) is buy else 0):
        floor.take(sym, account, not buy, floor.lots(sym, min(abs(held), unit * size * 8) / pieces), 2)
        yield wait * rng.expovariate(1)


def advised(floor: Floor, crowd: Crowd, sym: int, rng: random.Random) -> Actor:
    """Let the clients of one adviser, or of one model portfolio, trade one side within seconds to minutes."""
    clients, buy = crowd.some(rng.randint(4, 16)), rng.random() < 0.5
    within, rounds = rng.choice((0.5, 4.0, 30.0, 180.0)), rng.choice((1, 1, 2, 3))
    fixed = floor.lots(sym, floor.world.unit[sym] * rng.uniform(0.4, 3)) if rng.random() < 0.4 else 0
    for _ in range(rounds):
        for client in clients:
            if client.account not in floor.busy:
                size = fixed or crowd.size(client, sym)
                if rng.random() < 0.8:
                    floor.take(sym, client.account, buy, size, 3)
                else:
                    crowd.act(client, sym, buy)
            yield within / len(clients) * rng.expovariate(1)
        yield rng.expovariate(1 / 300)


def informed(floor: Floor, crowd: Crowd, sym: int, rng: random.Random) -> Actor:
    """News, before which somebody is in by chance on the right side or the wrong; clients react afterwards."""
    world = floor.world
    lucky, good = crowd.pick(), rng.random() < 0.5
    buy = good if rng.random() < 0.6 else not good
    if rng.random() < 0.6:
        for _ in range(rng.randint(1, 6)):
            floor.take(sym, lucky.account, buy, crowd.size(lucky, sym, 1.5), 2)
            yield rng.expovariate(1 / 40)
        yield rng.uniform(20, 500)
    floor.news(sym)
    move = rng.uniform(0.5, 6) * world.spread[sym] / world.level[sym] * (1 if good else -1)
    floor.values.surprise(sym, move if rng.random() < 0.8 else 0.0, rng.random())
    for _ in range(rng.randint(2, 14)):
        yield rng.expovariate(1 / 6)
        crowd.act(crowd.pick(), sym, good if rng.random() < 0.8 else not good, 1.3)
    held = floor.position[lucky.account, sym]
    if held and (held > 0) is buy and rng.random() < 0.6:
        yield rng.uniform(5, 300)
        floor.take(sym, lucky.account, not buy, min(abs(held), world.unit[sym] * 10), 3)


def episodes(floor: Floor, crowd: Crowd, desks: list[str], rng: random.Random, share: float) -> Actor:
    """Begin one of these after the other."""
    while True:
        yield floor.gap(share)
        if floor.left() < 60:
            continue
        sym, buy = rng.randrange(len(floor.world.symbols)), rng.random() < 0.5
        account = crowd.pick().account if rng.random() < 0.6 else rng.choice(desks)
        kind = rng.choice("abcddeeffgghijk")
        if kind == "a":
            floor.spawn(ladder_person(floor, sym, account, rng))
        elif kind == "b":
            floor.spawn(changed_mind(floor, sym, account, rng))
        elif kind == "c":
            floor.spawn(in_and_out(floor, sym, account, rng, chase=False))
        elif kind == "d":
            floor.spawn(in_and_out(floor, sym, account, rng))
        elif kind == "e":
            floor.spawn(advised(floor, crowd, sym, rng))
        elif kind == "f":
            lasts = min(floor.left() * 0.8, rng.uniform(60, 3000))
            floor.spawn(parent(floor, sym, account, buy, rng, rng.uniform(10, 90), lasts))
        elif kind == "g":
            floor.spawn(informed(floor, crowd, sym, rng))
        elif kind == "h":
            floor.spawn(creation(floor, sym, rng.choice(desks), rng))
        elif kind == "i":
            floor.spawn(hedger(floor, rng.choice(desks), rng))
        elif kind == "j":
            floor.spawn(flicker(floor, sym, rng.choice(desks), rng))
        else:
            size = rng.uniform(0.5, 2)
            for _ in range(rng.randint(3, 12)):
                crowd.act(crowd.pick(), sym, buy, size)
                yield rng.expovariate(1 / 3)
