"""Deeds done by moving the price: pump and dump, marking the close, momentum ignition."""

from __future__ import annotations

from functools import partial

from tradewind.surveillance.elsewhere.midcaps.deed import Deed
from tradewind.surveillance.elsewhere.midcaps.settings import spread_out
from tradewind.surveillance.elsewhere.midcaps.world import Gen


def pump_and_dump(deed: Deed) -> Gen:
    """Build, lift with or without a story, and sell into the rise."""
    rng, world, hidden, symbol = deed.rng, deed.world, deed.evasive, deed.symbol
    names = deed.accounts(rng.choice((2, 3, 4, 6)) if hidden else rng.choice((1, 1, 2, 3)))
    goal = deed.units(spread_out(rng, 12, 40) if hidden else spread_out(rng, 18, 90))
    whole, start = deed.left, world.mid(symbol)
    top, cheap = [start], [start]
    least = max(1.2 * deed.half, 0.003 * start)
    deed.check = lambda: top[0] - start > least and deed.traded(-1) > 0.5 * deed.traded(1) and deed.price(-1) > cheap[0]
    build, lift = rng.uniform(0.25, 0.45) * whole, rng.uniform(0.15, 0.3) * whole
    begun = world.now
    while deed.traded(1) < goal and world.now < begun + build * 1e9:
        left = goal - deed.traded(1)
        size = max(1, min(left, int(goal / 14 * rng.uniform(0.4, 1.8))))
        if rng.random() < 0.5:
            order = deed.send(rng.choice(names), 1, deed.touch_price(1) + rng.randint(0, 1), size)
            yield build / 18 * rng.uniform(0.5, 2)
            deed.pull(order)
        else:
            deed.take(rng.choice(names), 1, size, 0.3 * deed.half)
            yield build / 18 * rng.uniform(0.3, 1.5)
    cheap[0] = deed.price(1) or start
    if deed.failing and rng.random() < 0.5:
        yield from deed.unwind(names, whole * 0.3)
        return
    if rng.random() < 0.5:
        world.news(symbol, rng.uniform(0, 0.004), rng.uniform(0.3, 1.0))
    calls = rng.random() < 0.75
    begun, pushes = world.now, rng.randint(8, 25) if hidden else rng.randint(10, 50)
    strength = spread_out(rng, 0.6, 1.6) if hidden else spread_out(rng, 0.8, 3.5)
    while world.now < begun + lift * 1e9:
        deed.take(rng.choice(names), 1, deed.units(strength * rng.uniform(0.5, 1.6)), 2 * deed.half)
        if calls and rng.random() < 0.3:
            world.mood[symbol] = min(1.6, world.mood[symbol] + 0.15)
        top[0] = max(top[0], world.mid(symbol))
        yield lift / pushes * rng.uniform(0.3, 1.7)
    top[0] = max(top[0], world.mid(symbol))
    if deed.failing:
        return
    yield rng.uniform(0, 0.05) * whole
    yield from deed.unwind(names, max(20.0, deed.left * rng.uniform(0.4, 0.9)))


def marking_the_close(deed: Deed) -> Gen:
    """Deal in the last minutes or seconds so that the last price is where one wants it."""
    rng, world, hidden, symbol = deed.rng, deed.world, deed.evasive, deed.symbol
    names = deed.accounts(rng.choice((2, 3, 4)) if hidden else rng.choice((1, 1, 1, 2, 3)))
    side, start = rng.choice((1, -1)), world.mid(symbol)
    shots = rng.randint(2, 8) if hidden else rng.randint(2, 20)
    strength = spread_out(rng, 0.6, 2) if hidden else spread_out(rng, 1, 7)
    late = rng.random() < 0.4
    deed.check = lambda: (
        side * (world.last[symbol] - start) > max(2.0, 0.6 * deed.half)
        and deed.traded(side) > 0
        and deed.until - deed.end < 120e9
    )
    if late:
        yield max(0.0, deed.left - spread_out(rng, 4, 30))
        start = world.mid(symbol)
    tail = min(0.3 * deed.left, spread_out(rng, 0.2, 40))
    for number in range(shots):
        if deed.failing and number >= max(1, shots // 4):
            return
        if not late and rng.random() < 0.15:
            order = deed.send(rng.choice(names), side, deed.touch_price(side) + side, deed.units(strength))
            world.later(min(deed.left * 0.7, 15.0), partial(deed.pull, order))
        size = deed.units(strength * rng.uniform(0.5, 1.5) * (1 if number < shots - 2 else 1.5))
        deed.take(rng.choice(names), side, size, rng.uniform(0.8, 2.5) * deed.half)
        if number < shots - 1:
            yield max(0.01, (deed.left - tail) / (shots - 1 - number) * rng.uniform(0.7, 1.0))
    yield deed.left


def momentum_ignition(deed: Deed) -> Gen:
    """Start a move with a quick run of orders, and get out while others follow."""
    rng, world, hidden, symbol = deed.rng, deed.world, deed.evasive, deed.symbol
    names = deed.accounts(rng.choice((1, 2, 3)) if hidden else rng.choice((1, 1, 1, 2)))
    side, whole = rng.choice((1, -1)), deed.left
    best = [0.0]
    deed.check = lambda: (
        best[0] > 1.2 * deed.half and deed.traded(-side) > 0.6 * deed.traded(side) and deed.traded(side) > 0
    )
    if rng.random() < 0.4:
        for _ in range(rng.randint(2, 6)):
            price = deed.touch_price(side) + side * rng.randint(0, 1)
            order = deed.send(rng.choice(names), side, price, deed.units(spread_out(rng, 0.5, 3)))
            yield whole * 0.05 * rng.uniform(0.4, 1.4)
            deed.pull(order)
    start = world.mid(symbol)
    shots = rng.randint(4, 10) if hidden else rng.randint(5, 28)
    lasting = spread_out(rng, 8, 60) if hidden else spread_out(rng, 0.3, 25)
    strength = spread_out(rng, 0.7, 2) if hidden else spread_out(rng, 1, 5)
    for number in range(shots):
        if deed.failing and number >= 3 and rng.random() < 0.5:
            return
        deed.take(rng.choice(names), side, deed.units(strength * rng.uniform(0.6, 1.4)), 2 * deed.half)
        best[0] = max(best[0], side * (world.mid(symbol) - start))
        yield lasting / shots * rng.uniform(0.3, 1.7)
    if rng.random() < 0.7:
        world.mood[symbol] += 0.25 * side
    yield spread_out(rng, 0.5, 20)
    best[0] = max(best[0], side * (world.mid(symbol) - start))
    if deed.failing:
        return
    for _ in range(3):
        yield from deed.unwind(names, max(4.0, (deed.left - 1) * rng.uniform(0.3, 0.6)))
