"""Deeds of orders that are not meant: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.trackers.book import Order
from tradewind.surveillance.elsewhere.trackers.deed import Deed
from tradewind.surveillance.elsewhere.trackers.floor import Actor


def spoofing(deed: Deed) -> Actor:
    """Show one large order, or two, against a small genuine one; take it back when that has traded."""
    yield from _feint(deed, (1, 1, 1, 2))


def layering(deed: Deed) -> Actor:
    """Show orders on three prices or more on one side."""
    yield from _feint(deed, (3, 3, 4, 5, 6, 8))


def _feint(deed: Deed, levels: tuple[int, ...]) -> Actor:
    rng, hidden, floor = deed.rng, deed.evasive, deed.floor
    rounds = rng.randint(2, 5) if hidden else rng.randint(3, 10)
    good = 0
    deed.judge = lambda: good >= 1
    sides, count = rng.choice((0, 1, 2)), rng.choice(levels)
    one_hand = len(deed.accounts) == 1 or rng.random() < 0.4
    active = rng.random() < 0.35
    hold = rng.choice((0.5, 3.0, 12.0, 45.0)) if not hidden else rng.choice((4.0, 15.0, 60.0))
    for turn in range(rounds):
        real_buys = bool(turn % 2) if sides == 2 else bool(sides)
        hand = deed.accounts[0]
        other = hand if one_hand else deed.accounts[1 + turn % (len(deed.accounts) - 1)]
        size = deed.unit * rng.uniform(0.8, 4)
        inside = floor.touch(deed.sym, not real_buys) - floor.touch(deed.sym, real_buys)
        genuine: Order | None = None
        if not active:
            better = rng.randint(0, max(0, abs(inside) - 1))
            price = deed.touch(real_buys) + (better if real_buys else -better)
            genuine = deed.enter(hand, real_buys, price, size)
            yield rng.uniform(0.05, 1.5)
        big = deed.heavy(not real_buys, 0.5, 1.2) if hidden else deed.heavy(not real_buys, 0.9, 3.5)
        shown = []
        first, sign = deed.touch(not real_buys), 1 if real_buys else -1
        off = rng.choice((0, 0, 1, 2))
        step = max(1, round(deed.spread * rng.uniform(0.1, 0.5)))
        for k in range(count):
            part = big / count * (rng.uniform(0.6, 1.4) if hidden else 1 + 0.1 * k)
            price = max(first + sign * (off + k * step), deed.touch(real_buys) + 1) if real_buys else 0
            if not real_buys:
                price = min(first + sign * (off + k * step), deed.touch(False) - 1)
            shown.append(deed.enter(other, not real_buys, price, part))
            yield rng.uniform(0.002, 0.05) if not hidden else rng.uniform(0.05, 1.0)
        deed.follow(not real_buys, rng.randint(2, 7), hold * 0.8)
        filled, waited = genuine.filled if genuine else 0, 0.0
        while waited < hold:
            wait = hold * rng.uniform(0.08, 0.25)
            waited += wait
            yield wait
            if genuine is not None and genuine.filled > filled and (not genuine.size or rng.random() < 0.5):
                break
            if hidden and rng.random() < 0.2 and shown[-1].size:
                price = shown[-1].price + sign
                floor.modify(shown[-1], price, floor.lots(deed.sym, shown[-1].size * rng.uniform(0.7, 1.1)))
        live = any(order.size for order in shown)
        won = genuine is not None and genuine.filled > 0
        if live and (genuine is None or (not won and rng.random() < 0.6)):
            if genuine is not None:
                floor.cancel(genuine)
            won = deed.take(hand, real_buys, size, 1).filled > 0 or won
        good += live and won
        yield rng.uniform(0.001, 0.4) if not hidden else rng.uniform(0.1, 3)
        for order in shown if rng.random() < 0.5 else reversed(shown):
            floor.cancel(order)
            if rng.random() < 0.3:
                yield rng.uniform(0.0005, 0.1)
        if genuine is not None:
            floor.cancel(genuine)
        yield min(deed.span * 0.6 / rounds, rng.expovariate(1 / rng.choice((8.0, 30.0, 90.0))))


def quote_stuffing(deed: Deed) -> Actor:
    """Enter and cancel very many orders within moments, in several bursts."""
    rng, hidden = deed.rng, deed.evasive
    bursts = rng.randint(3, 8)
    budget = min(4000, deed.floor.world.events * 0.02) * rng.uniform(0.5, 1.2) * (0.4 if hidden else 1.0)
    each = max(40, int(budget / bursts / 2))
    played = 0
    deed.judge = lambda: played >= 2
    beat = 10 ** rng.uniform(-5, -3.3) if not hidden else 10 ** rng.uniform(-4, -2.5)
    far, bulk, both = rng.randint(0, 12), rng.choice((1, 1, 5, 20)), rng.random() < 0.4
    for _ in range(bursts):
        buy = rng.random() < 0.5
        open_now: list[Order] = []
        for _ in range(int(each * rng.uniform(0.6, 1.4))):
            side = rng.random() < 0.5 if both else buy
            best = deed.touch(side)
            price = best + (-1 if side else 1) * (far + rng.randint(0, 4))
            size = deed.unit * rng.uniform(0.2, 1.5)
            open_now.append(deed.enter(rng.choice(deed.accounts), side, price, size))
            yield beat * rng.expovariate(1)
            if len(open_now) >= bulk:
                for order in open_now:
                    deed.floor.cancel(order)
                open_now = []
                yield beat * rng.expovariate(1)
        for order in open_now:
            deed.floor.cancel(order)
        deed.orders.clear()
        played += 1
        if rng.random() < 0.4:
            yield rng.uniform(0.001, 0.05)
            deed.take(rng.choice(deed.accounts), not buy, deed.unit * rng.uniform(0.3, 2), 1)
        yield min(deed.span * 0.7 / bursts, rng.expovariate(1 / rng.choice((1.0, 10.0, 60.0))))
