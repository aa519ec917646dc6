"""Deeds that live on a move of the price: pump and dump, momentum ignition, front running and insider dealing."""

from __future__ import annotations

import random

from foreign_auditcase_hand import Hand
from foreign_auditcase_stage import Script


def pump_and_dump(hand: Hand) -> Script:
    """Buy quietly, lift the price with trades and promotion, and sell to those who believe in it."""
    rng, market = hand.rng, hand.market
    parts = [rng.uniform(0.2, 0.4), rng.uniform(0.2, 0.4), rng.uniform(0.25, 0.4)]
    gather, lift, sell = (hand.left * 0.93 * part / sum(parts) for part in parts)
    size = hand.span((0.8, 3), (0.5, 1.5))
    yield from _gather(hand, 1, (gather, hand.whole((5, 16), (6, 18)), size))
    start, held = market.mid(), hand.bought - hand.sold
    relative = market.stock.spread / start
    height = max(hand.span((0.006, 0.06), (0.003, 0.015)), hand.span((3, 8), (2, 4)) * relative)
    if rng.random() < 0.3:
        hand.stage.venue.news(market.book)
    if rng.random() < 0.9:
        hand.swell(lift * rng.uniform(1.0, 1.5), height, max(60.0, sell))
    pushes = hand.whole((6, 22), (5, 14))
    for turn in range(pushes):
        wished = min(height * start, 6 * market.stock.spread) * (turn + 1) / pushes - (market.mid() - start)
        there = market.book.near(-1, round(min(wished, 2 * market.stock.spread))) if wished > 0 else 0
        most = hand.size(10 if hand.evasive else 20)
        amount = max(hand.size(size * rng.uniform(0.5, 1.6)), min(most, there))
        hand.take(rng.choice(hand.accounts), 1, amount, hand.span((0.5, 3)))
        if rng.random() < 0.25:
            hand.post(rng.choice(hand.accounts), 1, hand.size(size), 0)
        yield lift / pushes * rng.uniform(0.4, 1.6)
    for order in hand.orders:
        hand.drop(order)
    peak = market.mid()
    held, sold = hand.bought - hand.sold, hand.sold
    yield from hand.unload(min(sell, hand.left * 0.95), hand.whole((4, 16), (8, 20)))
    rose = (peak - start) > 1.5 * market.stock.spread
    hand.done = held > 0 and hand.sold - sold >= 0.5 * held and rose


def _gather(hand: Hand, side: int, how: tuple[float, int, float]) -> Script:
    """Build a position over some seconds, in pieces of a size, resting or taking."""
    seconds, pieces, scale = how
    for _ in range(pieces):
        account = hand.rng.choice(hand.accounts)
        size = hand.size(scale * hand.rng.uniform(0.5, 1.5))
        if hand.rng.random() < 0.5:
            order = hand.post(account, side, size, -hand.rng.choice((0, 1)))
            yield seconds / pieces * hand.rng.uniform(0.4, 1.0)
            hand.drop(order)
        else:
            hand.take(account, side, size, 0.3)
            yield seconds / pieces * hand.rng.uniform(0.4, 1.4)


def momentum_ignition(hand: Hand) -> Script:
    """Start a move with a burst of aggressive orders, and get out while others follow it."""
    rng, market = hand.rng, hand.market
    side = rng.choice((1, -1))
    scale = hand.span((0.8, 4), (0.5, 1.5))
    if rng.random() < 0.7:
        yield from _gather(hand, side, (hand.left * rng.uniform(0.1, 0.35), hand.whole((2, 8)), scale))
    start, spread = market.mid(), market.stock.spread
    goal = hand.span((1.8, 7), (1.2, 3)) * spread
    window = min(hand.span((0.2, 20), (5, 40)), hand.left * 0.3)
    shots = hand.whole((5, 28), (5, 16))
    reached = 0.0
    for _ in range(shots + 10):
        behind = goal - side * (market.mid() - start)
        if behind <= 0:
            break
        ticks = round(min(behind, spread * rng.uniform(0.5, 2)))
        size = max(hand.size(scale), min(hand.size(12 if hand.evasive else 25), market.book.near(-side, ticks)))
        hand.take(rng.choice(hand.accounts), side, size, ticks / spread)
        reached = max(reached, side * (market.mid() - start))
        yield window / shots * rng.uniform(0.3, 1.7)
    held = abs(hand.bought - hand.sold)
    yield min(hand.span((0.2, 25), (3, 40)), hand.left * 0.3)
    yield from hand.unload(min(hand.span((1, 60), (10, 90)), hand.left * 0.8), hand.whole((2, 10), (4, 12)))
    hand.done = held > 0 and abs(hand.bought - hand.sold) <= 0.5 * held and reached >= 0.9 * spread


def front_running(hand: Hand) -> Script:
    """Build a position ahead of what only the hand knows, and close it after: a client's order, or news."""
    rng = hand.rng
    side = rng.choice((1, -1))
    before, after = hand.left * rng.uniform(0.15, 0.4), hand.left * rng.uniform(0.25, 0.5)
    scale = hand.span((0.8, 4), (0.5, 1.4))
    yield from _gather(hand, side, (before, hand.whole((2, 9), (4, 12)), scale))
    for _ in range(3):
        if not hand.bought - hand.sold:
            hand.take(hand.accounts[0], side, hand.size(scale), 1)
            yield 0.3
    held = abs(hand.bought - hand.sold)
    if rng.random() < 0.5:
        _client(hand, side, after)
    else:
        jump = max(hand.span((0.003, 0.04)), 3 * hand.market.stock.spread / hand.market.mid())
        hand.stage.venue.news(hand.market.book)
        hand.swell(hand.span((1, 30)), side * jump, 1e9)
    yield after * rng.uniform(0.4, 0.9)
    yield from hand.unload(hand.left * rng.uniform(0.2, 0.9), hand.whole((1, 6), (3, 9)))
    hand.done = held > 0 and abs(hand.bought - hand.sold) <= 0.5 * held


def _client(hand: Hand, side: int, seconds: float) -> None:
    """Let a client's large order come to the market, through an account that has nothing to do with it."""
    stage = hand.stage
    others = [name for name in stage.setting.people.funds if name not in hand.accounts]
    rng = random.Random(hand.rng.random())
    client = Hand(stage, hand.market, rng, [rng.choice(others)], hand.deadline)
    stage.launch(client, large_order(client, side, seconds))


def large_order(hand: Hand, side: int, seconds: float) -> Script:
    """Work a large order of a client off: in few large pieces or many small ones."""
    pieces = hand.whole((3, 25))
    total = hand.span((12, 60))
    for _ in range(pieces):
        hand.take(hand.accounts[0], side, hand.size(total / pieces * hand.rng.uniform(0.6, 1.4)), 1.5)
        yield seconds / pieces * hand.rng.uniform(0.4, 1.4)
