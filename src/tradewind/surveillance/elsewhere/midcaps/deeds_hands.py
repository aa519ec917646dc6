"""Deeds done by who trades with whom and when: wash trades, front running, accounts under one hand."""

from __future__ import annotations

from functools import partial

from tradewind.surveillance.elsewhere.midcaps.deed import Deed
from tradewind.surveillance.elsewhere.midcaps.settings import spread_out
from tradewind.surveillance.elsewhere.midcaps.world import Gen


def wash_trading(deed: Deed) -> Gen:
    """Trade among accounts of one owner: by oneself, between two, or round a ring."""
    rng, hidden = deed.rng, deed.evasive
    form = rng.choice(("pair", "pair", "one way", "ring", "ring") if hidden else ("self", "pair", "one way", "ring"))
    count = {"self": 1, "pair": 2, "one way": 2, "ring": rng.randint(3, 6)}[form]
    names = deed.accounts(count)
    rounds = rng.randint(5, 13) if hidden else rng.randint(5, 32)
    size = spread_out(rng, 0.3, 2.5) if hidden else spread_out(rng, 0.4, 9)
    answer = spread_out(rng, 3, 40) if hidden else spread_out(rng, 0.002, 6)
    met = [0]
    deed.check = lambda: met[0] >= 3
    gap = deed.left / rounds
    for number in range(rounds):
        if deed.failing and met[0] >= 1:
            return
        seller = names[number % count]
        buyer = names[(number + 1) % count]
        if form == "one way":
            seller, buyer = names
        side = rng.choice((1, -1))
        first, second = (buyer, seller) if side > 0 else (seller, buyer)
        bid, ask = deed.touch_price(1), deed.touch_price(-1)
        price = rng.randint(bid + 1, ask - 1) if ask - bid > 2 else (bid if side > 0 else ask)
        many = deed.units(size * (rng.uniform(0.4, 2) if hidden else rng.choice((1.0, 1.0, rng.uniform(0.7, 1.3)))))
        order = deed.send(first, side, price, many)
        yield answer * rng.uniform(0.4, 1.6)
        if order.live and deed.world.venue.best(deed.symbol, side) == order.price:
            before = order.filled
            part = max(1, int(many * rng.uniform(0.5, 1.0))) if hidden else order.size
            deed.hit(second, -side, order.price, part)
            met[0] += order.filled > before
        yield rng.uniform(0.001, 2)
        deed.pull(order)
        if hidden and rng.random() < 0.3:
            deed.take(rng.choice(names), rng.choice((1, -1)), deed.units(0.4))
        yield gap * rng.uniform(0.2, 1.3)


def front_running(deed: Deed) -> Gen:
    """Build before a client's large order, or before news, and close once that has moved the price."""
    rng, world, hidden, symbol = deed.rng, deed.world, deed.evasive, deed.symbol
    names = deed.accounts(rng.choice((1, 2, 3)) if hidden else rng.choice((1, 1, 1, 2)))
    side, whole = rng.choice((1, -1)), deed.left
    goal = deed.units(spread_out(rng, 3, 12) if hidden else spread_out(rng, 5, 35))
    moved = [False]
    deed.check = lambda: moved[0] and deed.traded(side) > 0 and deed.traded(-side) > 0.6 * deed.traded(side)
    steps, build = rng.randint(3, 12), whole * rng.uniform(0.12, 0.35)
    begun = world.now
    while deed.traded(side) < goal and world.now < begun + build * 1e9:
        name = rng.choice(names)
        size = max(1, min(goal - deed.traded(side), int(goal / steps * rng.uniform(0.6, 1.6))))
        if rng.random() < (0.5 if hidden else 0.25):
            order = deed.send(name, side, deed.touch_price(side) + side * rng.randint(0, 2), size)
            yield build / steps * rng.uniform(0.5, 1.2)
            deed.pull(order)
        else:
            deed.take(name, side, size)
            yield build / steps * rng.uniform(0.2, 1.1)
        if deed.failing and rng.random() < 0.25:
            break
    yield rng.uniform(0.5, 0.06 * whole + 1)
    if deed.failing:
        if rng.random() < 0.6:
            yield from deed.unwind(names, deed.left * 0.5)
        return
    moved[0] = True
    if rng.random() < 0.35:
        world.news(symbol, side * spread_out(rng, 0.004, 0.035), rng.uniform(0.6, 1.6))
        yield spread_out(rng, 2, 0.2 * whole + 3)
    else:
        length = deed.left * rng.uniform(0.45, 0.8)
        deed.house.parent(symbol, side, spread_out(rng, 35, 150), length)
        yield length * rng.uniform(0.25, 0.8)
    for _ in range(3):
        yield from deed.unwind(names, max(5.0, (deed.left - 1) * rng.uniform(0.3, 0.6)))


def coordinated_accounts(deed: Deed) -> Gen:
    """Let several accounts act as one, again and again."""
    rng, world, hidden = deed.rng, deed.world, deed.evasive
    names = deed.accounts(rng.randint(3, 10))
    rounds = rng.randint(3, 6) if hidden else rng.randint(3, 11)
    within = spread_out(rng, 4, 45) if hidden else spread_out(rng, 0.03, 6)
    base, alike = spread_out(rng, 0.3, 2.5), rng.uniform(0.35, 0.6) if hidden else rng.choice((0.0, 0.03, 0.12, 0.25))
    side, turns, resting = rng.choice((1, -1)), rng.random() < 0.35, rng.choice((0.0, 0.0, 0.2))
    met = [0]
    deed.check = lambda: met[0] >= 3
    gap = max(within * 1.2, deed.left / rounds)
    for number in range(rounds):
        if deed.failing and number == 2:
            return
        keen = [n for n in names if not hidden or rng.random() < 0.8]
        rng.shuffle(keen)
        moments = sorted(rng.uniform(0, within) for _ in keen)
        begun, traders, spent = world.now, set[str](), 0.0
        for name, moment in zip(keen, moments, strict=True):
            yield max(0.0, moment - spent)
            spent = moment
            size = deed.units(base * rng.uniform(1 - alike, 1 + alike))
            if rng.random() < resting:
                order = deed.send(name, side, deed.touch_price(side) + side, size)
                world.later(min(within * 3 + 1, max(0.0, deed.left)), partial(deed.pull, order))
            elif deed.take(name, side, size, 1.5 * deed.half):
                traders.add(name)
        met[0] += len(traders) >= min(3, len(keen))
        if turns and rng.random() < 0.5:
            side = -side
        yield max(0.1, gap * rng.uniform(0.4, 1.1) - (world.now - begun) / 1e9)
