"""Deeds that move a price: pumping, marking the close, igniting momentum."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.examined.crowd import flock
from tradewind.surveillance.elsewhere.examined.engine import Script
from tradewind.surveillance.elsewhere.examined.lures import Hand
from tradewind.surveillance.elsewhere.examined.world import announce


def pump(hand: Hand) -> Script:
    """Lift a price and sell into it: alone in steps, with rumours, by a club all at once, or with a propped bid."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic = rng.choice(("steps", "rumour", "club", "prop"))
    lasts = min(world.length * world.log(0.06, 0.4), world.left() * 0.6)
    begun, budget = stock.mid(), stock.unit * world.log(150, 600)
    goal = begun + max(3 * stock.spread, stock.sigma * rng.uniform(0.2, 0.6)) * world.log(0.8, 2.5) * hand.sly**0.5
    if rng.random() < 0.75:
        for account in hand.accounts:
            part = stock.unit * world.log(5, 40) / len(hand.accounts)
            yield from hand.work(account, 1, part, lasts * 0.3 / len(hand.accounts), 0.7)
    climb = lasts * (world.log(0.02, 0.1) if tactic == "club" else rng.uniform(0.25, 0.45))
    legs = rng.randint(2, 6)
    for i in range(legs):
        due = begun + (goal - begun) * (i + 1) / legs
        account = hand.accounts[i % len(hand.accounts)]
        if tactic == "rumour" and rng.random() < 0.6:
            announce(world, stock, 1, rng.uniform(0, 1.5))
        if tactic in ("rumour", "club") or rng.random() < 0.4:
            flock(world, stock, 1, rng.randint(2, 10), climb / legs, world.log(0.1, 5))
        if tactic == "club":
            for one in hand.accounts:
                hand.take(one, 1, stock.unit * world.log(2, 12), 1.5)
                yield world.log(0.01, 2)
        props = [
            hand.rest(hand.pick(), 1, j, stock.unit * world.log(2, 10)) for j in range(3 if tactic == "prop" else 0)
        ]
        yield from hand.push(account, 1, due, climb / legs, budget / legs)
        for order in props:
            hand.pull(order)
    top = stock.mid()
    stock.value += 0.5 * max(0.0, top - stock.value)
    yield lasts * world.log(0.005, 0.1)
    held = hand.net()
    for order in hand.orders:
        hand.pull(order)
    if rng.random() < 0.5:
        flock(world, stock, 1, rng.randint(3, 12), lasts * 0.1)
    yield from hand.flatten(lasts * world.log(0.03, 0.25), rng.uniform(0.8, 1.0), rng.choice((0.0, 0.3, 0.6)))
    stock.value -= 0.5 * max(0.0, top - begun)
    moved = top - begun > max(2.0, 1.5 * stock.spread)
    hand.done = moved and held > 0 and hand.net() < 0.5 * held


def close_mark(hand: Hand) -> Script:
    """Set the last price: hammer for minutes, one blow at the end, tick by tick with crumbs, or with held-up quotes."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic, side = rng.choice(("hammer", "blow", "crumbs", "held")), rng.choice((1, -1))
    window = min(900.0, world.length * world.log(0.004, 0.05), world.left() * 0.8)
    if rng.random() < 0.35:
        early = min(world.left() * 0.3, window * 3)
        yield from hand.work(hand.accounts[0], side, stock.unit * world.log(3, 20), early, 0.7)
    yield max(0.0, world.left() - window)
    begun, goal = stock.mid(), stock.mid() + side * stock.spread * world.log(1.0, 5) * hand.sly**0.5
    depth = stock.book.near(-side, math.ceil(abs(goal - begun) + stock.spread))
    budget, mine = max(stock.unit * world.log(60, 400), depth * rng.uniform(1.5, 4)), 0.0
    if tactic == "blow":
        yield max(0.0, world.left() - world.log(0.3, 0.02 * window + 3))
        while (stock.mid() - goal) * side < 0 and mine < budget and world.left() > 0.1:
            mine += hand.take(hand.pick(), side, stock.book.near(-side, 2) + stock.unit * rng.uniform(0.5, 4), 2)
            yield min(world.left() * 0.3, world.log(0.01, 0.5))
    elif tactic == "crumbs":
        while world.left() > max(0.3, window * 0.02) and mine < budget:
            due = begun + (goal - begun) * min(1, 1.2 * (1 - world.left() / window))
            if (due - stock.mid()) * side > 0:
                mine += hand.take(hand.pick(), side, stock.book.near(-side, 1) + stock.unit * 0.2, 1)
                hand.rest(hand.pick(), side, 0, stock.unit * world.log(0.3, 3))
            yield min(0.5 * world.left(), window * rng.uniform(0.01, 0.06))
    else:
        if tactic == "held":
            for j in range(rng.randint(2, 5)):
                hand.rest(hand.pick(), side, j, stock.unit * world.log(2, 12))
                yield world.log(0.01, 2)
        yield from hand.push(hand.pick(), side, goal, world.left() * rng.uniform(0.3, 0.6), budget)
        while world.left() > 0.4 and mine < budget:
            if (goal - stock.mid()) * side > 0:
                mine += hand.take(hand.pick(), side, stock.unit * world.log(1, 6), 1.5)
            yield world.left() * rng.uniform(0.1, 0.4)
    yield max(0.0, world.left() - rng.uniform(0.05, 0.3))
    last = hand.take(hand.pick(), side, stock.unit * world.log(0.3, 2), 0.5) if rng.random() < 0.7 else 1
    moved = (stock.book.last - begun) * side
    hand.done = last > 0 and moved >= max(1.0, 0.75 * stock.spread)


def ignition(hand: Hand) -> Script:
    """Start a move and leave into it: bursts of sweeps, a run on stops, a second account that lights, with flashes."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic, side = rng.choice(("burst", "stops", "second", "flash")), rng.choice((1, -1))
    first, lights = hand.accounts[0], hand.accounts[-1]
    if tactic == "second" or rng.random() < 0.6:
        slow = hand.beat * world.log(40, 600) / hand.sly
        yield from hand.work(first, side, stock.unit * world.log(4, 25), min(slow, world.left() * 0.3), 0.8)
    if tactic == "stops":
        level = round(stock.mid() + side * stock.spread * rng.uniform(1, 2.5))
        for account in world.some(rng.randint(3, 12)):
            stock.stops.append((side, level + side * rng.randint(0, 3), account, world.size(stock, account.scale)))
    begun, n = stock.mid(), rng.randint(3, 18)
    goal = stock.spread * world.log(1.3, 5) * hand.sly**0.5
    pace = hand.beat * world.log(0.3, 6) / hand.sly
    flashes = []
    for i in range(3 * n):
        if (stock.mid() - begun) * side >= goal and i > 2:
            break
        near = stock.book.near(-side, max(1, round(stock.spread / 2)))
        hand.take(lights, side, max(stock.unit, near * rng.uniform(0.6, 1.2)) if i < n else near * 1.3, 1.2)
        if tactic == "flash":
            flashes.append(hand.rest(lights, side, rng.choice((1, 2, 3)), stock.unit * world.log(2, 10)))
        yield pace * rng.expovariate(1)
    top, held = stock.mid(), hand.net()
    followers = rng.randint(2, 14)
    flock(world, stock, side, followers, hand.beat * world.log(5, 60), hand.beat * world.log(0.3, 5))
    stock.value += side * stock.spread * rng.uniform(0, 1.5)
    yield hand.beat * world.log(1, 25)
    for order in flashes:
        hand.pull(order)
    top = max(top * side, stock.mid() * side) * side
    if rng.random() < 0.5:
        part = abs(held) / rng.randint(2, 5)
        orders = (
            [hand.rest(lights, -side, j, part) for j in range(rng.randint(1, 4))] if len(hand.accounts) == 1 else []
        )
        yield hand.beat * world.log(10, 60)
        for order in orders:
            hand.pull(order)
    yield from hand.flatten(hand.beat * world.log(20, 300) / hand.sly, rng.uniform(0.7, 1.0), rng.uniform(0, 0.5))
    if rng.random() < 0.5:
        world.clock.after(hand.beat * 30, partial(flock, world, stock, -side, followers // 2 + 1, hand.beat * 60))
    hand.done = (top - begun) * side >= max(1.0, 0.8 * stock.spread) and 0 < abs(held) * 0.5 >= abs(hand.net())
