"""Deeds that push a price: pump and dump, ignition, the close, and running ahead of others."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.pennies.crowd import publish
from tradewind.surveillance.elsewhere.pennies.deed import Deed
from tradewind.surveillance.elsewhere.pennies.pros import work
from tradewind.surveillance.elsewhere.pennies.setting import spread_out
from tradewind.surveillance.elsewhere.pennies.world import Actor


def pump_and_dump(deed: Deed) -> Actor:
    """Gather, lift with or without talk, and sell to those who follow."""
    rng, share, world = deed.rng, deed.share, deed.world
    start = share.book.mid()
    gather_until, lift_until = rng.uniform(0.1, 0.3), rng.uniform(0.5, 0.7)
    aim = max(2.0, start * share.vol * rng.uniform(0.4, 2.0) * (0.7 if deed.evasive else 1.0))
    talk = rng.choice(("none", "letters", "letters", "news", "chat"))
    big = spread_out(rng, 2, 10)
    got = 0
    step = (deed.until - deed.start) / 60
    while deed.through() < gather_until:
        if rng.random() < 0.5:
            got += deed.eat(1, big * 0.5)
        else:
            order = deed.rest(1, rng.choice((-1, 0, 0)), deed.size(big * 0.5))
            yield deed.pause(step, step * 2)
            world.venue.cancel(order)
            got += order.done
        yield deed.pause(step * 0.5, step * 3)
        yield from deed.decoy()
    if talk == "news":
        publish(world, share, share.vol * 0.2, heat=rng.uniform(4, 12))
    peak = start
    while deed.through() < lift_until and peak - start < aim:
        got += deed.eat(1, big, rng.choice((0, 1, 1, 2)))
        big *= 1.08 if peak - start < 0.5 * aim else 1.0
        if talk in ("letters", "chat") and rng.random() < 0.25:
            world.stir(share, rng.uniform(1, 6), rng.uniform(0.1, 0.6))
        yield deed.pause(step * 0.2, step * 1.5)
        peak = max(peak, share.book.mid())
        if rng.random() < 0.2:
            order = deed.rest(1, rng.choice((0, 1)), deed.size(big * 1.5))
            yield deed.pause(step * 0.5, step)
            world.venue.cancel(order)
            got += order.done
    yield deed.pause(step * 0.3, step * 4)
    peak = max(peak, share.book.mid())
    yield from deed.sell_out(-1, got, step * 0.15, step * 1.2)
    deed.done = got > 0 and peak - start >= max(1.0, 0.25 * share.vol * start) and deed.closed >= 0.6


def momentum_ignition(deed: Deed) -> Actor:
    """A burst that starts a move, and out on the other side while others follow."""
    rng, share = deed.rng, deed.share
    side = rng.choice((1, 1, -1))
    before = share.book.mid()
    got = 0
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 3)):
            got += deed.eat(side, 2)
            yield deed.pause(3, 30)
    gap = spread_out(rng, 0.02, 3)
    big = spread_out(rng, 3, 14)
    aim = rng.uniform(1.5, 3.5)
    peak = before
    shots = rng.randint(6, 25)
    for shot in range(shots + 25):
        got += deed.eat(side, big, rng.choice((0, 0, 1, 2)))
        yield deed.pause(gap * 0.5, gap * 2)
        peak = max(peak, share.book.mid() * side) if shot else share.book.mid() * side
        if shot >= shots * 0.5 and peak - before * side >= aim:
            break
        if deed.through() > 0.5:
            break
    deed.world.stir(share, rng.uniform(0.5, 4), side * rng.uniform(0.1, 0.6))
    yield deed.pause(3, 60)
    yield from deed.sell_out(-side, got, gap, gap * 8 + 4)
    deed.done = got > 0 and peak - before * side >= max(1.0, 0.1 * share.vol * before) and deed.closed >= 0.6


def marking_the_close(deed: Deed) -> Actor:
    """Trades of the last minutes or seconds that set the closing price."""
    rng, share, world = deed.rng, deed.share, deed.world
    side = rng.choice((1, 1, -1))
    before = share.book.mid()
    last = share.book.last
    aim = max(1.0, before * share.vol * rng.uniform(0.1, 0.5)) + 0.5
    big = spread_out(rng, 3, 15)
    style = rng.choice(("steady", "steady", "late", "wall"))
    if style == "late":
        yield max(0.1, (world.left() - rng.uniform(3, 25)))
    while world.left() > 1.0:
        if (share.book.mid() - before) * side < aim:
            deed.eat(side, big, rng.choice((0, 1, 2)))
        elif style == "wall" and rng.random() < 0.3:
            deed.rest(side, 0, deed.size(big))
        span = world.left()
        yield min(deed.pause(max(0.2, span / 25), max(0.5, span / 6)), max(0.05, span - 0.8))
    for _ in range(4):
        moved = (share.book.last - max(last * side, before * side) * side) * side
        best = share.book.best(-side)
        if best is None or (moved >= 1 and rng.random() < 0.5):
            break
        deed.eat(side, big, 2)
        yield world.left() * 0.3
    yield max(1e-4, world.left() - 0.02)
    deed.done = (share.book.last - before) * side >= max(0.99, 0.003 * before)


def front_running(deed: Deed) -> Actor:
    """A position shortly before a client's large order or before news, closed on the back of it."""
    rng, share, world = deed.rng, deed.share, deed.world
    side = rng.choice((1, 1, -1))
    span = deed.until - deed.start
    lead = rng.uniform(0.1, 0.35)
    shots = rng.randint(3, 12)
    big = spread_out(rng, 1, 6)
    got = 0
    for _ in range(shots):
        if rng.random() < 0.75:
            got += deed.eat(side, big)
        else:
            order = deed.rest(side, rng.choice((-1, 0)), deed.size(big))
            yield deed.pause(1, span * 0.03 + 2)
            world.venue.cancel(order)
            got += order.done
        yield deed.pause(span * lead / shots * 0.4, span * lead / shots * 1.6)
        yield from deed.decoy()
        if deed.through() > lead + 0.1:
            break
    before = share.book.mid()
    if rng.random() < 0.4:
        yield deed.pause(2, span * 0.05 + 3)
        publish(world, share, side * share.vol * rng.uniform(0.6, 2.0), heat=rng.uniform(3, 10))
        yield deed.pause(span * 0.05, span * 0.25)
    else:
        total = round(share.base * max(spread_out(rng, 20, 80), 3 * got / share.base))
        client = world.some(share, 1)[0]
        while client in deed.hands:
            client = world.some(share, 1)[0]
        length = span * rng.uniform(0.2, 0.4)
        world.start(work(world, share, client, side, total, length, rng.choice(("twap", "vwap", "iceberg"))), 0.2)
        yield length * rng.uniform(0.5, 1.0)
    moved = (share.book.mid() - before) * side
    yield from deed.sell_out(-side, got, span * 0.005, span * 0.03)
    deed.done = got > 0 and deed.closed >= 0.6 and moved > -1.0
