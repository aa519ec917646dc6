"""Deeds done with the price: pumps after Allen and Gale, ignition after Jacob Leal, closes after Comerton-Forde."""

from __future__ import annotations

from foreign_hawkes_deeds_orders import pretend
from foreign_hawkes_hand import Hand
from foreign_hawkes_market import Task


def gather(hand: Hand, buy: bool, size: float, seconds: float) -> Task:
    """Build a position without haste: orders that rest at the best price, and small ones that trade."""
    rng = hand.rng
    parts = rng.randint(3, 9) + 3 * hand.sly
    end = hand.left - seconds
    for part in hand.split(size, parts):
        share = max(0.1, (hand.left - end) / parts)
        if rng.random() < 0.5:
            order = hand.rest(hand.seat(), buy, hand.best(buy), part)
            yield share * rng.uniform(0.4, 0.9)
            hand.drop(order)
            part -= order.filled
        if part > 1:
            hand.take(hand.seat(), buy, part, rng.choice((0, 1)))
        if hand.sly and rng.random() < 0.25:
            yield from pretend(hand)
        parts -= 1
        yield share * rng.uniform(0.1, 0.5)
        if hand.left < end:
            return


def unload(hand: Hand, buy: bool, seconds: float) -> Task:
    """Give up what is held by trades of one side, account by account, no faster than the book can bear."""
    rng, sign = hand.rng, -1 if buy else 1
    end = hand.left - seconds
    parts = rng.randint(2, 9)
    part = 0
    while any(sign * hand.held[account] > 0 for account in hand.accounts) and part < 4 * parts and hand.left > 1:
        late = part >= parts - 1
        for account in hand.accounts:
            held = sign * hand.held[account]
            if held <= 0:
                continue
            want = held if late else max(1.0, held * rng.uniform(0.8, 1.5) / (parts - part))
            if rng.random() < 0.25 and not late:
                order = hand.rest(account, buy, hand.best(buy), want)
                yield max(0.02, (hand.left - end) / parts * rng.uniform(0.2, 0.6))
                hand.drop(order)
            else:
                through = int(hand.unit) if late else rng.choice((0, 0, 1))
                hand.take(account, buy, min(want, 0.8 * hand.depth(not buy, 2 + through)), through)
        pause = (hand.left - end) / (parts - part) if not late else 0.0
        yield max(min(0.3 * hand.pace, hand.left / 12), pause * rng.uniform(0.4, 1.0))
        part += 1


def distribute(hand: Hand, seconds: float) -> Task:
    """Offer what is held to those who buy, as long as they pay more than it cost."""
    rng, end = hand.rng, hand.left - seconds
    cost = hand.mean(True)
    while hand.left > end and sum(hand.held.values()) > 0.1 * hand.traded[True] and hand.middle > cost:
        sent = []
        for account in hand.accounts:
            held = hand.held[account]
            if held > 0:
                sent.append(hand.rest(account, False, hand.best(False) - 1, min(held, 0.5 * hand.depth(False, 2))))
            if held > 0 and hand.best(True) > cost and rng.random() < 0.4:
                hand.take(account, False, min(held, 0.6 * hand.depth(True, 1)))
        yield hand.pace * rng.uniform(0.5, 2.0)
        for order in sent:
            hand.drop(order)


def pump(hand: Hand) -> Task:
    """Buy quietly, lift the price with haste and with rumours, and sell to those who follow."""
    rng, market = hand.rng, hand.market
    size = hand.depth(False, 5) * rng.uniform(1.0, 3.5) * (0.6 if hand.sly else 1.0)
    whole, start = hand.left * 0.92, hand.middle
    top = [start]
    hand.flatten = True
    hand.verdict = lambda: (
        top[0] - start >= 2 * hand.unit
        and hand.traded[False] >= 0.6 * hand.traded[True]
        and hand.mean(False) > hand.mean(True) - hand.unit
    )
    yield from gather(hand, True, size, whole * rng.uniform(0.15, 0.35))
    start = hand.middle
    lifts = rng.randint(5, 16) + 6 * hand.sly
    rumour = rng.randrange(lifts) if rng.random() < 0.6 else -1
    time = whole * rng.uniform(0.06, 0.28)
    goal = max(start, hand.mean(True)) + hand.unit * rng.uniform(4, 12)
    for lift in range(2 * lifts):
        if lift == rumour:
            market.headline(hand.s, 0.0, rng.uniform(0.6, 1.2))
        hand.take(hand.seat(), True, hand.depth(False, 2) * rng.uniform(0.1, 0.4), rng.choice((0, 1, 2)))
        if rng.random() < 0.3:
            hand.rest(hand.seat(), True, hand.best(True), hand.depth(True, 1) * rng.uniform(0.2, 0.6))
        top[0] = max(top[0], hand.middle)
        yield time / lifts * rng.uniform(0.3, 1.7)
        if hand.middle > goal or (lift >= lifts and hand.middle > hand.mean(True) + 2.5 * hand.unit):
            break
    market.gather_herd(hand.s, (top[0] - start) / hand.unit, rng.uniform(0.4, 1.1))
    yield hand.pace * rng.uniform(0.5, 4.0)
    for order in list(hand.orders.values()):
        hand.drop(order)
    top[0] = max(top[0], hand.middle)
    yield from distribute(hand, hand.left * rng.uniform(0.2, 0.6))
    yield from unload(hand, False, hand.left * rng.uniform(0.2, 0.7))


def ignite(hand: Hand) -> Task:
    """Start a move with a burst of orders that trade, and get out while others follow."""
    rng = hand.rng
    buy = rng.random() < 0.5
    sign = 1 if buy else -1
    hand.flatten = True
    size = hand.depth(not buy, 4)
    start, reached = hand.middle, [0.0]
    hand.verdict = lambda: (
        reached[0] >= 1.5 * hand.unit and hand.traded[not buy] >= 0.7 * hand.traded[buy] and hand.traded[buy] > 0
    )
    if rng.random() < 0.6:
        yield from gather(hand, buy, size * rng.uniform(0.2, 0.8), hand.left * rng.uniform(0.2, 0.45))
        start = hand.middle
    shots = rng.randint(4, 16) + 4 * hand.sly
    beat = rng.uniform(0.5, 6.0) if hand.sly else 0.02 * 150 ** rng.random()
    goal = hand.unit * rng.uniform(2.5, 6)
    for _ in range(shots):
        hand.take(hand.seat(), buy, hand.depth(not buy, 2) * rng.uniform(0.2, 0.8), rng.choice((0, 1, 1, 2)))
        reached[0] = max(reached[0], sign * (hand.middle - start))
        yield beat * rng.uniform(0.3, 1.7)
        if sign * (hand.middle - start) > goal or hand.left < 6:
            break
    reached[0] = max(reached[0], sign * (hand.middle - start))
    yield min(hand.left * 0.3, hand.pace * rng.uniform(0.3, 3.0))
    reached[0] = max(reached[0], sign * (hand.middle - start))
    yield from unload(hand, not buy, hand.left * rng.uniform(0.2, 0.85))


def mark_close(hand: Hand) -> Task:
    """Trade in the last minutes, or at the very end, so that the session closes at another price."""
    rng = hand.rng
    buy = rng.random() < 0.6
    sign = 1 if buy else -1
    start = hand.middle
    done = [0]
    hand.verdict = lambda: done[0] > 0 and sign * (hand.price - start) >= max(1.0, 0.8 * hand.unit)
    if rng.random() < 0.3:
        yield from gather(hand, buy, hand.depth(not buy, 3) * rng.uniform(0.2, 0.6), hand.left * 0.4)
    start = hand.middle
    tail = rng.uniform(0.3, 4.0)
    late = rng.random() < 0.45
    if late:
        yield max(0.01, hand.left - rng.uniform(8.0, 45.0))
        start = hand.middle
    shots = rng.randint(1, 4) if late and not hand.sly else rng.randint(4, 14)
    goal = hand.unit * rng.uniform(1.5, 6.0)
    strength = rng.uniform(0.5, 1.1) if late and not hand.sly else rng.uniform(0.2, 0.6)
    while hand.left > tail + 1.0 and shots:
        if sign * (hand.middle - start) < goal:
            done[0] += hand.take(hand.seat(), buy, hand.depth(not buy, 2) * strength, rng.choice((0, 1, 2)))
        if rng.random() < 0.25:
            hand.rest(hand.seat(), buy, hand.best(buy), hand.depth(buy, 1) * rng.uniform(0.3, 1.5))
        if hand.sly and rng.random() < 0.3:
            yield from pretend(hand)
        yield min(max(0.01, hand.left - tail), (hand.left - tail) / shots * rng.uniform(0.5, 1.3))
        shots -= 1
    yield max(0.01, hand.left - tail)
    missing = max(1.0, 1.0 + 0.5 * goal - sign * (hand.best(not buy) - start))
    through = int(min(4 + 4 * hand.unit, missing))
    done[0] += hand.take(hand.seat(), buy, hand.depth(not buy, 1 + through) * rng.uniform(0.8, 1.1), through)
