"""Deeds done by trading together or with oneself: wash trades, accounts that act as one, the close."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.acceptance.deed import Deed
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, spread_log
from tradewind.surveillance.elsewhere.acceptance.world import Play


def wash_trading(d: Deed) -> Play:
    """Trade between accounts of one owner: with itself, in a pair one way or both, or round a ring."""
    rng = d.rng
    style = rng.choice(("pair", "pair", "ring") if d.evasive else ("self", "pair", "pair", "one way", "ring"))
    hands = d.pool[: 1 if style == "self" else rng.randint(3, 6) if style == "ring" else 2]
    rounds, side, met = rng.randint(4, 9) if d.evasive else rng.randint(5, 18), rng.choice((1, -1)), 0
    fixed, quick = d.size(0.6, 6), spread_log(rng, 0.003, 3.0)
    turn = 0
    for _ in range(rounds * 2):
        one, two = hands[turn % len(hands)], hands[(turn + 1) % len(hands)]
        size = d.size(0.5, 4) if d.evasive or rng.random() < 0.15 else fixed
        inside = d.touch(-1) - d.touch(1) > 1
        place = d.touch(side) + side * inside
        ahead = 0 if inside else d.book.volume[side].get(place, 0)
        if ahead > 2.5 * size and rng.random() < 0.8:
            side = -side
            yield d.pause(0.5, 8)
            continue
        order = d.rest(one, side, place, size)
        yield int(quick * rng.uniform(0.5, 2) * SECOND) + 1
        if order.live:
            before = order.filled
            queue = 0
            for other in d.book.levels[side][order.price].values():
                if other is order:
                    break
                queue += other.size
            reach = (d.touch(side) - order.price) * side
            if reach <= 2 and queue <= 4 * size:
                better = sum(d.book.volume[side].get(order.price + side * k, 0) for k in range(1, reach + 1))
                d.take(two, -side, better + queue + order.size, reach)
            met += order.filled > before
            d.pull(order)
        d.done = met >= 3
        if met >= rounds:
            return
        if style != "one way":
            turn += 1
            if rng.random() < 0.4:
                side = -side
        d.cover(hands)
        yield d.within(0.9, rounds) if rng.random() < 0.5 else d.pause(1, 30)


def coordinated_accounts(d: Deed) -> Play:
    """Let accounts act as one: the same side at the same moments with sizes alike, in several rounds."""
    rng = d.rng
    hands = d.hands(3, 10)
    rounds, side, came = rng.randint(3, 6) if d.evasive else rng.randint(3, 10), rng.choice((1, -1)), 0
    within, alike = spread_log(rng, 0.02, 6.0), rng.choice((0.0, 0.05, 0.2, 0.35))
    if d.evasive:
        within, alike = within * 3, alike + 0.2
    size, passive, back = d.size(0.5, 3), rng.uniform(0, 0.4), rng.random() < 0.4
    for number in range(rounds):
        acting = [h for h in hands if rng.random() < (0.75 if d.evasive else 0.95)]
        way = -side if back and number >= (rounds + 1) // 2 else side
        dealt = 0
        rng.shuffle(acting)
        for name in acting:
            lot = d.w.s.lot
            amount = max(1, round(size * rng.uniform(1 - alike, 1 + alike) / lot)) * lot
            if rng.random() < passive:
                d.rest(name, way, d.touch(way) + way * rng.choice((0, 1)), amount)
            else:
                dealt += d.take(name, way, amount, rng.choice((1, 2, 4))) > 0
            yield int(rng.expovariate(len(hands) / within) * SECOND) + 1
        came += dealt >= min(3, max(2, len(acting) // 2))
        d.done = came >= 3 or (came >= 2 and rounds == 3)
        d.cover(hands)
        pause = d.within(0.85, rounds)
        yield pause // 3 + 1
        for order in d.orders:
            d.pull(order)
        yield pause * 2 // 3 + 1


def marking_the_close(d: Deed) -> Play:
    """Move the last price of the session: at once in the last seconds, in steady steps, or by small prints."""
    rng = d.rng
    hands = d.hands(1, 4) if d.evasive else d.hands(1, rng.choice((1, 1, 2)))
    style, side = rng.choice(("shot", "steps", "steps", "prints")), rng.choice((1, -1))
    start, goal = d.mid, d.move * spread_log(rng, 1.3, 4.0)
    end = d.w.end
    last = int(spread_log(rng, 0.3, 8) * SECOND)
    if style == "shot":
        yield max(1, end - d.w.now - last - int(spread_log(rng, 1, 10) * SECOND))
        start = d.mid
        steps = rng.randint(1, 3)
    else:
        steps = rng.randint(4, 16)
    for i in range(steps):
        name = hands[i % len(hands)]
        far = goal * (i + 1) / steps
        if (d.mid - start) * side < far:
            small = style == "prints" and not rng.random() < 0.2
            ahead = d.book.near(-side, 1)
            size = d.size(0.3, 1) if small else max(d.size(1, 4), int(ahead * rng.uniform(0.8, 1.4)))
            d.take(name, side, size, max(1, round(far - (d.mid - start) * side)) + 1)
        else:
            d.rest(name, side, d.touch(side), d.size(0.3, 1))
        d.cover(hands)
        ready = max(0, end - d.w.now - last)
        yield int(ready / (steps - i) * rng.uniform(0.5, 1.1)) + 1
    yield max(1, end - d.w.now - last)
    before = d.mid
    for turn in range(6):
        lack = round(goal - max(d.mid - start, d.mid - before, key=lambda move: move * side) * side)
        size = max(d.size(1, 4), int(d.book.near(-side, max(2, min(10, lack + 1))) * rng.uniform(0.7, 1.2)))
        got = 0 if lack <= 0 and turn else d.take(hands[turn % len(hands)], side, size, max(2, lack))
        if got or turn:
            d.done = max((d.w.last[d.symbol] - at) * side for at in (start, before)) >= d.move
        yield last // 10 + 1
