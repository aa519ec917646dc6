"""Deeds that deceive by orders or by company: walls, layers, stuffing, washing, and many hands as one."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.pennies.deed import Deed
from tradewind.surveillance.elsewhere.pennies.setting import spread_out
from tradewind.surveillance.elsewhere.pennies.venue import Order
from tradewind.surveillance.elsewhere.pennies.world import Actor


def spoofing(deed: Deed) -> Actor:
    """A wall on one price or two."""
    yield from _walls(deed, deed.rng.choice((1, 1, 2)))


def layering(deed: Deed) -> Actor:
    """The same on three prices or more."""
    yield from _walls(deed, deed.rng.randint(3, 7))


def _walls(deed: Deed, levels: int) -> Actor:
    rng, share, world = deed.rng, deed.share, deed.world
    cycles = rng.randint(2, 9)
    span = (deed.until - deed.start) / (cycles + 1)
    side = rng.choice((1, -1))
    flips = rng.random() < 0.35
    near = rng.choice((0, 0, 1))
    times = spread_out(rng, 4, 14) / (1 if levels < 3 else levels * 0.4)
    served = 0
    for _ in range(cycles):
        small, great = rng.choice(deed.hands), rng.choice(deed.hands)
        mine = deed.rest(side, rng.choice((-1, -1, 0)), deed.size(rng.uniform(0.6, 2.5)), small)
        yield deed.pause(0.2, span * 0.1 + 0.5)
        walls: list[Order] = []
        there = share.book.near(-side, 2) / share.base / (2 if levels < 3 else 4)
        anchor = world.behind(share, -side, near)
        for k in range(levels):
            price = anchor + side * k
            other = share.book.best(side)
            if price < 1 or (other is not None and (price - other) * side <= 0):
                continue
            walls.append(deed.enter(-side, price, deed.size(max(times, there * rng.uniform(0.5, 1.5))), great))
            yield deed.pause(0.02, 0.8)
        until = world.tau + min(spread_out(rng, 3, 120), span * 0.6)
        while world.tau < until and not mine.done and any(o.live for o in walls):
            yield deed.pause(0.5, 2.0)
        standing = any(o.live for o in walls)
        if not mine.done and standing and rng.random() < 0.85:
            world.venue.cancel(mine)
            best = share.book.best(-side)
            walled = sum(o.size for o in walls if o.live and o.price == best)
            free = share.book.depth[-side].get(best, 0) - walled if best is not None else 0
            if free > 0:
                served += deed.take(side, min(free, mine.size), 0, small) > 0
        elif mine.done and standing:
            served += 1
        yield deed.pause(0.05, 3)
        for order in walls:
            world.venue.cancel(order)
            yield deed.pause(0.001, 0.15)
        world.venue.cancel(mine)
        deed.done = served >= min(2, cycles)
        side = -side if flips else side
        yield deed.pause(span * 0.1, span * 0.5)
        yield from deed.decoy()
        if deed.over:
            break


def quote_stuffing(deed: Deed) -> Actor:
    """Bursts of orders entered and cancelled within milliseconds."""
    rng, world = deed.rng, deed.world
    bursts = rng.randint(3, 8)
    budget = max(600, min(8000, world.setting.rows * 0.05)) * rng.uniform(0.5, 1.6)
    count = int(min(spread_out(rng, 60, 500), budget / 2 / bursts) * (0.5 if deed.evasive else 1.0))
    span = (deed.until - deed.start) / (bursts + 1)
    gap = spread_out(rng, 0.00005, 0.002)
    style = rng.choice(("pairs", "walls", "both"))
    away = rng.choice((0, 1, 3, 8))
    for burst in range(bursts):
        side = rng.choice((1, -1))
        hand = deed.hand()
        standing: list[Order] = []
        for k in range(max(20, round(count * rng.uniform(0.6, 1.3)))):
            where = max(0, away + rng.randint(-1, 2))
            order = deed.rest(side if style != "both" or k % 2 else -side, where, deed.size(rng.uniform(0.3, 2)), hand)
            standing.append(order)
            yield rng.expovariate(1 / gap)
            if style != "walls" or len(standing) > 40:
                for old in standing:
                    world.venue.cancel(old)
                standing.clear()
        for old in standing:
            world.venue.cancel(old)
            yield rng.expovariate(2 / gap)
        deed.done = burst >= 2
        yield deed.pause(span * 0.3, span * 1.2)
        if deed.over:
            break


def wash_trading(deed: Deed) -> Actor:
    """Trades round accounts of one owner, through the public book."""
    rng, share, world = deed.rng, deed.share, deed.world
    hands = deed.hands
    rounds = rng.randint(4, 16)
    span = (deed.until - deed.start) / (rounds + 1)
    one_way = rng.random() < 0.4
    alike = rng.random() < 0.6
    swift = spread_out(rng, 0.01, 6)
    size = deed.size(spread_out(rng, 0.8, 6))
    side = rng.choice((1, -1))
    for turn in range(rounds):
        first, second = hands[turn % len(hands)], hands[(turn + 1) % len(hands)]
        if len(hands) == 2 and one_way:
            first, second = hands
        elif rng.random() < 0.5 and len(hands) > 2:
            side = -side
        size = size if alike and not deed.evasive else deed.size(spread_out(rng, 0.8, 6))
        for _ in range(12):
            bid, ask = share.book.best(1), share.book.best(-1)
            if bid is None or ask is None or ask - bid > 1:
                break
            if share.book.depth[side][bid if side > 0 else ask] < 2 * size:
                break
            yield deed.pause(1, 4)
        mine = deed.rest(side, -1, size, first)
        yield deed.pause(swift * 0.5, swift * 2)
        best = share.book.best(side)
        if mine.live and best is not None:
            ahead = sum(share.book.depth[side].get(best - side * k, 0) for k in range(abs(best - mine.price)))
            for order in share.book.levels[side][mine.price].values():
                if order is mine:
                    break
                ahead += order.size
            if ahead < 4 * size:
                deed.enter(-side, mine.price, ahead + mine.size, second, ioc=rng.random() < 0.6)
        world.venue.cancel(mine)
        deed.done = deed.inner >= 3
        yield deed.pause(span * 0.3, span * 1.1)
        yield from deed.decoy()
        if deed.over:
            break


def coordinated_accounts(deed: Deed) -> Actor:
    """Several accounts under one hand: same side, same moments, alike sizes."""
    rng, world = deed.rng, deed.world
    rounds = rng.randint(3, 8)
    span = (deed.until - deed.start) / (rounds + 1)
    within = spread_out(rng, 0.05, 8) * (3 if deed.evasive else 1)
    side = rng.choice((1, 1, -1))
    flips = rng.random() < 0.4
    patient = rng.random() < 0.25
    times = spread_out(rng, 0.7, 5)
    good = 0
    for turn in range(rounds):
        size = deed.size(times)
        part = [h for h in deed.hands if rng.random() < (0.7 if deed.evasive else 0.95)] or deed.hands[:2]
        rng.shuffle(part)
        traded = 0
        resting: list[Order] = []
        for hand in part:
            own = max(1, round(size * rng.uniform(0.93, 1.07))) if rng.random() < 0.6 else size
            if patient:
                resting.append(deed.rest(side, -1 if not resting else 0, own, hand))
            else:
                traded += deed.take(side, own, 2, hand) > 0
            yield deed.pause(within / len(part) * 0.4, within / len(part) * 1.6)
        if patient:
            yield deed.pause(span * 0.1, span * 0.3)
            for order in resting:
                if order.live:
                    world.venue.cancel(order)
                    deed.take(side, order.size, 1, order.account)
            traded = len(resting)
        good += traded >= 2
        deed.done = good >= (2 if deed.evasive else 3)
        if flips and turn >= rounds // 2 - 1:
            side, flips = -side, False
        yield deed.pause(span * 0.3, span * 1.0)
        yield from deed.decoy()
        if deed.over:
            break
