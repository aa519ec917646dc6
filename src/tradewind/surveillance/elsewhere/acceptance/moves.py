"""Deeds that live on a move of the price: pump and dump, momentum ignition, front running."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.acceptance.algos import sliced
from tradewind.surveillance.elsewhere.acceptance.crowd import followers
from tradewind.surveillance.elsewhere.acceptance.deed import Deed
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, spread_log
from tradewind.surveillance.elsewhere.acceptance.world import Play


def _out(d: Deed, hands: list[str], peak: dict[str, int]) -> bool:
    """Return whether half of what was held has been turned back."""
    built = sum(peak.values())
    return built > 0 and sum(abs(d.held(name)) for name in hands) <= built / 2


def pump_and_dump(d: Deed) -> Play:
    """Gather, lift the price by buying and by talk, sell to those who follow."""
    rng, w = d.rng, d.w
    hands = d.hands(2, 6) if d.evasive else d.hands(1, rng.choice((1, 2, 4)))
    gather, lifts = rng.randint(3, 12), rng.randint(6, 24)
    talk, goal = rng.choice(("news", "quiet", "none")), d.move * spread_log(rng, 2.0, 8.0)
    for i in range(gather):
        name = hands[i % len(hands)]
        if rng.random() < 0.5:
            d.take(name, 1, d.size(0.8, 4), 1)
        else:
            d.rest(name, 1, d.touch(1) + rng.choice((0, 1)), d.size(0.8, 4))
        d.cover(hands)
        yield d.within(0.25, gather)
    for order in d.orders:
        d.pull(order)
    start, high = d.mid, d.mid
    for i in range(lifts):
        far = goal * (i + 1) / lifts
        if (d.mid - start) < far:
            d.take(hands[rng.randrange(len(hands))], 1, max(d.size(1, 5), d.book.near(-1, 1)), 3)
        if talk != "none" and i == lifts // 3:
            if talk == "news":
                w.books[d.symbol].news()
            w.lean[d.symbol] += rng.uniform(0.8, 2.0)
            w.stir[d.symbol] += rng.uniform(0.5, 2.0)
            w.spawn(followers(w, d.symbol, 1, rng.randint(6, 25), d.seconds * 0.4), 1.0)
        elif i % 5 == 4:
            w.spawn(followers(w, d.symbol, 1, rng.randint(1, 5), d.seconds * 0.1), 1.0)
        high = max(high, d.mid)
        d.cover(hands)
        yield d.within(0.3, lifts)
    peak = {name: max(0, d.held(name)) for name in hands}
    for pause in d.close(hands, 0.3, patient=rng.random() < 0.5):
        high = max(high, d.mid)
        d.done = high - start >= d.move and _out(d, hands, peak)
        yield pause
    d.done = high - start >= d.move and _out(d, hands, peak)


def momentum_ignition(d: Deed) -> Play:
    """Start a move with a burst of orders, let others follow, be out on the other side of it soon."""
    rng, w = d.rng, d.w
    hands = d.hands(1, 3) if d.evasive else d.hands(1, 1)
    side, done = rng.choice((1, -1)), False
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.4:
            order = d.rest(hands[0], side, d.touch(side), d.size(1, 4))
            yield d.pause(5, 40)
            d.pull(order)
        start, count = d.mid, rng.randint(4, 20)
        quick, goal = spread_log(rng, 0.2, 8.0) / count, d.move * spread_log(rng, 1.2, 3.0)
        for i in range(count * 2):
            if i >= count and (d.mid - start) * side >= goal:
                break
            size = max(d.size(0.4, 2), int(d.book.near(-side, 1) * rng.uniform(0.3, 1.1)))
            d.take(hands[i % len(hands)], side, size, rng.choice((1, 1, 2, 3)))
            yield int(quick * (3 if d.evasive else 1) * rng.uniform(0.3, 1.7) * SECOND) + 1
        w.lean[d.symbol] += side * rng.uniform(0.5, 1.5)
        w.stir[d.symbol] += rng.uniform(0.3, 1.5)
        w.spawn(followers(w, d.symbol, side, rng.randint(3, 14), spread_log(rng, 4, 45)), w.s.latency)
        moved = (d.mid - start) * side >= d.move
        peak = {name: abs(d.held(name)) for name in hands}
        yield d.pause(2, 45)
        for pause in d.close(hands, rng.uniform(0.05, 0.35), patient=rng.random() < 0.4):
            d.done = done or (moved and _out(d, hands, peak))
            yield pause
        done = done or (moved and _out(d, hands, peak))
        d.done = done
        d.cover(hands)
        yield d.pause(10, 90)
        if rng.random() < 0.3:
            side = -side


def front_running(d: Deed) -> Play:
    """Be in before a client's large order or before news, and out when it has moved the price."""
    rng, w = d.rng, d.w
    hands = d.hands(1, 4) if d.evasive else d.hands(1, rng.choice((1, 1, 2)))
    side, known = rng.choice((1, -1)), rng.random() < 0.4
    parts = rng.randint(2, 8) if d.evasive else rng.randint(1, 5)
    for i in range(parts):
        name, size = hands[i % len(hands)], d.size(1.5, 8)
        if rng.random() < 0.3:
            order = d.rest(name, side, d.touch(side), size)
            yield d.within(0.15, parts)
            missing = order.size
            if order.live:
                d.pull(order)
                d.take(name, side, missing, 2)
        else:
            d.take(name, side, size, 2)
        d.cover(hands)
        yield d.within(0.1, parts) if rng.random() < 0.6 else d.pause(0.3, 10)
    peak = {name: abs(d.held(name)) for name in hands}
    start, over = d.mid, d.seconds * rng.uniform(0.15, 0.4)
    yield d.pause(0.5, max(1.0, d.seconds * 0.15))
    if known:
        jump = min(spread_log(rng, 4, 20) * (1 + w.s.half[d.symbol]), 0.03 * w.s.levels[d.symbol])
        w.news(d.symbol, side * jump)
        w.spawn(followers(w, d.symbol, side, rng.randint(4, 18), spread_log(rng, 10, 120)), 0.3)
        yield d.pause(3, max(4.0, d.seconds * 0.2))
    else:
        client = w.client().name
        total = max(sum(peak.values()) * rng.uniform(2, 6), w.s.units[d.symbol] * spread_log(rng, 15, 70))
        w.spawn(sliced(w, d.symbol, client, side, total, over), 0.01)
        yield int(over * rng.choice((rng.uniform(0.3, 0.9), rng.uniform(1.0, 1.2))) * SECOND)
    gained = (d.mid - start) * side > -d.move
    for pause in d.close(hands, 0.2, patient=rng.random() < 0.5):
        d.done = gained and _out(d, hands, peak)
        yield pause
    d.done = gained and _out(d, hands, peak)
