"""Deeds that move the price itself: pump and dump, marking the close, momentum ignition."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.largecaps.deed import Deed
from tradewind.surveillance.elsewhere.largecaps.setting import SECOND, spread
from tradewind.surveillance.elsewhere.largecaps.world import Actor


def pump(deed: Deed) -> Actor:
    """Gather shares quietly, lift the price, sell into the rise."""
    rng, world = deed.rng, deed.world
    hands = deed.people(rng.randint(2, 6) if deed.evasive else rng.choice((1, 1, 2, 3, 5)))
    goal = spread(rng, 3, 7) if deed.evasive else spread(rng, 4, 14)
    swing = world.setting.sigma * math.sqrt(deed.share(1.0))
    goal = max(goal, min(0.5 * swing, 14))
    promoted = rng.random() < 0.55
    start, peak, dumped_at = deed.middle(), 0.0, 0.0
    position = spread(rng, 20, 90)

    def verdict() -> bool:
        return deed.sold > 0.5 * deed.bought > 0 and peak - start >= 2.5 and dumped_at > start

    deed.verdict = verdict
    until = deed.begin + deed.span * rng.uniform(0.15, 0.35)
    gap = max(1.5, deed.share(0.25) / rng.randint(8, 30))
    while world.now < until and deed.units(deed.bought) < position:
        hand = rng.choice(hands)
        if rng.random() < 0.6:
            order = deed.place(hand, True, rng.choice((-1, 0, 0, 1)), deed.size(position / 15))
            yield deed.wait(gap)
            world.venue.cancel(order)
        else:
            deed.take(hand, True, deed.size(position / 15))
            yield deed.wait(gap * 0.6)
    until = deed.begin + deed.span * rng.uniform(0.5, 0.72)
    steps = rng.randint(8, 30) if not deed.evasive else rng.randint(15, 40)
    gap = max(0.4, (until - world.now) / SECOND / steps)
    base = deed.middle()
    if promoted:
        world.news(deed.symbol, rng.uniform(0.15, 0.5) * goal)
        for _ in range(rng.randint(4, 25)):
            fan = deed.clients.anyone()
            wait = rng.expovariate(1.0) * deed.share(0.15) * SECOND
            world.later(wait, partial(world.take, fan, deed.symbol, True, world.size(deed.symbol, 2.0)))
    step = 0
    late = int(0.12 * deed.span)
    while world.now < until + late * (deed.middle() - start < 0.6 * goal) and deed.middle() - start < goal:
        step += 1
        due = base + (start + goal - base) * min(1.0, step / steps)
        lagging = deed.middle() < due
        force = 1.6 if world.now > until else 1.0
        size = deed.shown(False) * rng.uniform(0.4, 1.3) * force if lagging else 0.0
        deed.take(rng.choice(hands), True, deed.size(max(0.8, min(deed.units(size), 60))), rng.choice((0, 0, 1)))
        peak = max(peak, deed.middle())
        if step > steps * 0.6 and peak - start >= max(3.0, 0.5 * goal) and deed.middle() < peak:
            break
        yield deed.wait(gap)
    if deed.middle() - start < 0.5:
        return
    dumped_at = deed.middle()
    while any(deed.net.get(hand, 0) > 0 for hand in hands) and deed.left() > 0.06 * deed.span:
        hand = max(hands, key=lambda name: deed.net.get(name, 0))
        rounds = max(2.0, (deed.left() / deed.span - 0.08) / 0.02)
        portion = max(deed.units(deed.bought - deed.sold) / rounds * 1.5, 1.0)
        size = min(deed.net[hand], deed.size(portion))
        if rng.random() < 0.35:
            order = deed.place(hand, False, rng.choice((-1, 0)), size)
            yield deed.wait(deed.share(0.01))
            world.venue.cancel(order)
        else:
            deed.take(hand, False, size, 1)
        yield deed.wait(min(deed.share(0.015), max(0.5, deed.left() / SECOND / 20)))


def marking(deed: Deed) -> Actor:
    """Push the last price where it suits."""
    rng, world = deed.rng, deed.world
    hands = deed.people(rng.randint(2, 4) if deed.evasive else rng.choice((1, 1, 1, 2, 3)))
    buy = rng.random() < 0.5
    sign = 1 if buy else -1
    goal = spread(rng, 1.5, 3) if deed.evasive else spread(rng, 2, 7)
    start, sent = deed.middle(), 0
    gap = max(0.2, min(deed.share(0.9) / rng.randint(3, 25), 20.0))
    style, reach = rng.choice(("steady", "late", "last")), rng.choice((1, 2, 4))
    budget = spread(rng, 150, 600)
    ended = deed.begin + deed.span

    def verdict() -> bool:
        moved = (world.book(deed.symbol).last - start) * sign
        return moved >= 1.4 and deed.units(deed.bought + deed.sold) > 6 and ended - sent < 0.35 * deed.span

    deed.verdict = verdict
    if style != "steady":
        late = rng.uniform(4, 25) if style == "last" else rng.uniform(0.25, 0.6) * deed.share(1.0)
        yield max(1, deed.left() - int(min(late, deed.share(0.9)) * SECOND))
        gap, start = min(gap, late / 8), deed.middle()
    left = max(1, deed.left())
    while deed.units(deed.bought + deed.sold) < budget:
        passed, sent = 1 - deed.left() / left, world.now
        behind = (deed.middle() - start) * sign < goal * max(0.25, min(1.0, 1.4 * passed))
        if behind or (rng.random() < 0.3 and deed.left() < 5 * SECOND):
            share = rng.uniform(0.4, 1.2) * deed.shown(not buy)
            deed.take(
                rng.choice(hands), buy, deed.size(max(1.0, min(deed.units(share), 60))), rng.choice((0, 1, reach))
            )
        elif rng.random() < 0.25:
            deed.take(rng.choice(hands), buy, deed.size(0.6))
        yield max(1, min(deed.wait(gap), int(deed.left() * 0.6)))


def ignition(deed: Deed) -> Actor:
    """Set off a move with a burst, and get out on the other side of it."""
    rng, world = deed.rng, deed.world
    hands = deed.people(rng.randint(2, 3) if deed.evasive else rng.choice((1, 1, 1, 2)))
    buy = rng.random() < 0.5
    sign = 1 if buy else -1
    burst = spread(rng, 3, 25) if deed.evasive else spread(rng, 0.05, 6)
    count = rng.randint(5, 30)
    goal = rng.uniform(1.5, 3) if deed.evasive else spread(rng, 2, 7)
    seeded = rng.random() < 0.5
    start = deed.middle()
    top = start

    def verdict() -> bool:
        opened, closed = (deed.bought, deed.sold) if buy else (deed.sold, deed.bought)
        return (top - start) * sign >= 1.4 and closed > 0.6 * opened > 0

    deed.verdict = verdict
    yield deed.wait(deed.share(0.03))
    if seeded:
        for _ in range(rng.randint(1, 4)):
            deed.take(rng.choice(hands), buy, deed.size(rng.uniform(1, 5)))
            yield deed.human(0.3, 4)
    for number in range(3 * count):
        if (deed.middle() - start) * sign >= goal or (number >= count and (top - start) * sign >= 1.4):
            break
        size = max(1.0, min(deed.units(deed.shown(not buy)) * rng.uniform(0.3, 1.2), 50))
        deed.take(rng.choice(hands), buy, deed.size(size), rng.choice((0, 1, 1, 2)))
        top = max(top, deed.middle()) if buy else min(top, deed.middle())
        yield deed.wait(burst / count)
    yield deed.human(0.2, min(20.0, deed.share(0.1) + 0.3))
    parts = rng.randint(2, 12)
    open_ = abs(sum(deed.net.values()))
    for _ in range(8 * parts):
        top = max(top, deed.middle()) if buy else min(top, deed.middle())
        hand = max(hands, key=lambda name: deed.net.get(name, 0) * sign)
        held = deed.net.get(hand, 0) * sign
        if held <= 0 or deed.left() < 0.06 * deed.span:
            break
        size = min(held, max(1, open_ // parts))
        if rng.random() < 0.35:
            order = deed.place(hand, not buy, rng.choice((-1, 0)), size)
            yield deed.human(0.3, 5)
            world.venue.cancel(order)
        else:
            deed.take(hand, not buy, size, 1)
        yield deed.wait(min(deed.share(0.5) / parts, 15.0))
