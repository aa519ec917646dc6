"""The deeds of the market `benchset` that move a price by trading; each script ends by saying whether it succeeded."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.benchset.agents import parent
from tradewind.surveillance.elsewhere.benchset.hand import Hand
from tradewind.surveillance.elsewhere.benchset.likeness import STYLES, tell
from tradewind.surveillance.elsewhere.benchset.venue import BUY, SELL
from tradewind.surveillance.elsewhere.benchset.world import Actor, between


def pump_and_dump(hand: Hand) -> Actor:
    """Build a position, lift the price with or without promotion, sell into the rise."""
    rng, place, world = hand.rng, hand.place, hand.world
    names = hand.hire(3, 8) if hand.plan.evasive else hand.hire(1, 5)
    goal, span = hand.size(8, 40), hand.span
    before = place.mid
    yield from hand.gather(BUY, goal, span * rng.uniform(0.15, 0.35), rng.randint(5, 20))
    if hand.plan.broken:
        return
    lift, end = place.half * between(rng, 2, 8), hand.plan.start + span * rng.uniform(0.5, 0.7)
    told = world.now + rng.uniform(0, 0.2) * span if rng.random() < 0.5 else None
    top, tempo, piece = before, span * 0.3 / rng.randint(10, 30), hand.size(1.5, 5)
    while world.now < end and top - before < lift:
        if told is not None and world.now >= told:
            tell(world, place, place.half * between(rng, 0.5, 3))
            told = None
        hand.take(rng.choice(names), BUY, hand.alike(piece), rng.uniform(1, 3))
        place.mood = min(0.35, place.mood + 0.04)
        top, tempo = max(top, place.mid), tempo * 0.95
        yield hand.pause(tempo)
    held = hand.net
    yield hand.pause(0.03 * span)
    yield from hand.leave(hand.left * 0.8, rng.randint(4, 15))
    hand.done = top - before >= max(2.0, 1.2 * place.half) and held > 0 and hand.net <= 0.3 * held


def momentum_ignition(hand: Hand) -> Actor:
    """Start a move with a fast burst and get out on its other side; sometimes a quiet position comes first."""
    rng, place = hand.rng, hand.place
    names = hand.hire(2, 4) if hand.plan.evasive else hand.hire(1, 2)
    side, span = rng.choice((BUY, SELL)), hand.span
    for _ in range(rng.randint(1, 3) if span > 120 else 1):
        if rng.random() < 0.4:
            yield from hand.gather(side, hand.size(3, 12), span * 0.12, rng.randint(3, 8))
        before, count = place.mid, rng.randint(5, 25)
        gap = between(rng, 0.005, 0.5) * (rng.uniform(2, 6) if hand.plan.evasive else 1)
        piece, moved, want = hand.size(1, 4), 0.0, place.half * between(rng, 1.2, 4)
        for n in range(count + 15):
            hand.take(rng.choice(names), side, hand.alike(piece), rng.uniform(0.5, 3))
            moved = max(moved, (place.mid - before) * side)
            if n >= 4 and moved >= want:
                break
            yield hand.pause(gap)
        place.mood += 0.15 * side
        if hand.plan.broken:
            return
        held = abs(hand.net)
        yield hand.pause(min(0.15 * span, 30 / place.rate))
        yield from hand.leave(min(hand.left * 0.3, span * 0.15), rng.randint(2, 8))
        hand.done |= moved >= max(1.5, place.half) and held > 0 and abs(hand.net) <= 0.3 * held
        yield hand.pause(0.05 * span)
        if hand.left < 0.4 * span:
            return


def front_running(hand: Hand) -> Actor:
    """Build a position before a client's large order or before news, and close it during it or after."""
    rng, place, world = hand.rng, hand.place, hand.world
    names = hand.hire(2, 4) if hand.plan.evasive else hand.hire(1, 2)
    side, span = rng.choice((BUY, SELL)), hand.span
    ahead = span * rng.uniform(0.1, 0.3)
    yield from hand.gather(side, hand.size(3, 18), ahead, rng.randint(1, 8))
    held = abs(hand.net)
    yield hand.pause(span * rng.uniform(0.005, 0.08))
    if hand.plan.broken:
        yield from hand.leave(span * 0.2, 3)
        return
    if rng.random() < 0.35:
        tell(world, place, side * place.half * between(rng, 3, 12))
        yield hand.pause(span * rng.uniform(0.05, 0.3))
    else:
        client = rng.choice([c.name for c in place.clients if c.name not in names])
        size = max(2 * held, round(place.typical * between(rng, 20, 90)))
        works = span * rng.uniform(0.25, 0.5)
        world.start(parent(world, place, client, side, size, works, rng.choice(STYLES[:3])))
        yield hand.pause(works * rng.uniform(0.4, 1.1))
    yield from hand.leave(hand.left * rng.uniform(0.2, 0.8), rng.randint(1, 6))
    hand.done = held > 0 and abs(hand.net) <= 0.3 * held


def marking_the_close(hand: Hand) -> Actor:
    """Push the last price with trades until the bell, evenly or ever faster, or all at once at the very end."""
    rng, place = hand.rng, hand.place
    names = hand.hire(2, 5) if hand.plan.evasive else hand.hire(1, 2)
    side, before = rng.choice((BUY, SELL)), place.mid
    aim = place.half * between(rng, 1.5, 5)
    piece, most = hand.size(1.5, 6), hand.size(30, 120)
    if rng.random() < 0.3:
        yield hand.pause(0.7 * hand.span)
        before = place.mid
    start, wait, traded_at = hand.world.now, hand.left, -1.0
    pushes = rng.randint(6, 25)
    while hand.left > 0.02 and hand.gross < most:
        if hand.plan.broken and hand.left < wait * 0.6:
            return
        part = min(1.0, 0.3 + (hand.world.now - start) / max(1e-9, wait))
        limit = round(before + side * aim * part)
        top = place.book.best(-side)
        name = rng.choice(names)
        if top is not None and (limit - top) * side >= 0:
            if hand.send(name, side, limit, hand.alike(piece), ioc=True).done:
                traded_at = hand.world.now
        elif rng.random() < 0.5 and top is not None:
            traded_at = hand.world.now if hand.take(name, side, max(1, piece // 4), 0) else traded_at
        else:
            hand.send(name, side, min(limit * side, (top or limit) * side - 1) * side, piece)
        yield min(hand.left * 0.6 + 0.01, hand.pause(wait / pushes))
    moved = (place.mid - before) * side
    hand.done = moved >= max(1.0, 0.7 * place.half) and hand.plan.end - traded_at < max(60.0, 0.2 * hand.span)


def coordinated_accounts(hand: Hand) -> Actor:
    """Several accounts trade the same way at the same moments, round after round."""
    rng = hand.rng
    names = hand.hire(3, 10)
    rounds, side, turn = rng.randint(3, 9), rng.choice((BUY, SELL)), rng.random() < 0.4
    apart = between(rng, 0.005, 2) * (5 if hand.plan.evasive else 1)
    apart = min(apart, hand.span / rounds / len(names) / 2)
    resting, good = rng.random() < 0.25, 0
    for n in range(rounds):
        if hand.late or (hand.plan.broken and n > 0):
            break
        piece, filled, order = hand.size(0.8, 4), 0, rng.sample(names, len(names))
        if hand.plan.evasive:
            order = order[: rng.randint(3, len(order))]
        for name in order:
            filled += hand.take(name, side, hand.alike(piece), rng.uniform(0.3, 2)) > 0
            if resting:
                hand.send(name, side, hand.touch(side) - side, hand.alike(piece))
            yield hand.pause(apart)
        good += filled >= 3
        yield hand.pause(hand.span / rounds * 0.7)
        hand.clear()
        side = -side if turn else side
    hand.done = good >= 2
