"""Honest business that looks like abuse of quotes: the false positives the auditor counts."""

from __future__ import annotations

from foreign_auditcase_hand import Hand
from foreign_auditcase_stage import Script


def hedger(hand: Hand) -> Script:
    """Show a large order, and cancel it as the market moves or the hedge is done elsewhere."""
    rng, market = hand.rng, hand.market
    for _ in range(hand.whole((1, 5))):
        side = rng.choice((1, -1))
        size = hand.size(hand.span((0.3, 4)) * market.near(side) / market.stock.typical)
        order = hand.post(hand.accounts[0], side, size, rng.choice((0, 1, 2)) * hand.span((0.5, 1.5)))
        start, patience = market.mid(), hand.span((2, 60))
        for _ in range(20):
            yield min(patience / 20, hand.left / 30)
            if not order.live or side * (start - market.mid()) > 0.4 * market.stock.spread:
                break
        if order.live and rng.random() < 0.4:
            hand.change(order, order.price, market.stock.lot * max(1, order.open // (2 * market.stock.lot)))
            yield hand.span((0.1, 5))
        hand.drop(order)
        if rng.random() < 0.5:
            hand.take(hand.accounts[0], side, hand.size(hand.span((0.5, 4))), 0.5)
        yield min(hand.left / 5, hand.span((2, 60)))


def ladder(hand: Hand) -> Script:
    """Quote on many levels of one side to get rid of stock, and move all of them with the price."""
    rng, market = hand.rng, hand.market
    side = rng.choice((1, -1))
    step = max(1.0, hand.span((0.15, 0.7)) * market.stock.spread)
    levels, scale = hand.whole((3, 9)), hand.span((0.8, 6))
    orders = [hand.post(hand.accounts[0], side, hand.size(scale), level * step) for level in range(levels)]
    seen, pause = market.mid(), hand.span((0.3, 6))
    for _ in range(rng.randint(8, 60)):
        yield min(pause * rng.uniform(0.3, 2), hand.left / 4)
        if abs(market.mid() - seen) > 0.25 * market.stock.spread or rng.random() < 0.1:
            seen = market.mid()
            for order in orders:
                hand.drop(order)
            yield hand.span((0.001, 0.4))
            orders = [hand.post(hand.accounts[0], side, hand.size(scale), level * step) for level in range(levels)]
        if rng.random() < 0.1:
            hand.take(hand.accounts[0], -side, hand.size(scale * 0.5), 0)


def both_sides(hand: Hand) -> Script:
    """Make a market on many levels of both sides for a while, pulling one side as the other one trades."""
    rng, market = hand.rng, hand.market
    levels, scale = hand.whole((2, 6)), hand.span((1, 5))
    step = max(1.0, hand.span((0.2, 0.8)) * market.stock.spread)
    for _ in range(rng.randint(4, 30)):
        orders = {
            side: [hand.post(hand.accounts[0], side, hand.size(scale), n * step) for n in range(levels)]
            for side in (1, -1)
        }
        for _ in range(10):
            yield min(hand.span((0.1, 2)), hand.left / 20)
            hit = [side for side in (1, -1) if orders[side][0].filled]
            if hit:
                break
        if hit and rng.random() < 0.6:
            for order in orders[-hit[0]]:
                hand.drop(order)
            yield hand.span((0.05, 2))
        for side in (1, -1):
            for order in orders[side]:
                hand.drop(order)
        yield hand.span((0.002, 1.5))
    yield from hand.unload(min(20, hand.left / 2), 3)


def flicker(hand: Hand) -> Script:
    """Let a fast maker's quote flicker between two prices, as its model cannot decide."""
    rng, market = hand.rng, hand.market
    rate = hand.span((4, 120))
    many = int(min(hand.stage.setting.events * 0.012, hand.span((80, 700))))
    side, amends = rng.choice((1, -1)), rng.random() < 0.4
    scale = hand.span((0.5, 3))
    order = None
    for _ in range(many):
        if order is None or not order.live:
            order = hand.post(hand.accounts[0], side, hand.size(scale), rng.choice((0, 1, 1, 2)))
        elif amends:
            hand.change(order, order.price - rng.choice((1, -1)), order.open)
        else:
            hand.drop(order)
        if rng.random() < 0.03:
            side = -side
            hand.drop(order)
            order = None
            yield min(2.0, hand.left / 10)
        yield rng.expovariate(rate)
    if rng.random() < 0.5:
        hand.take(hand.accounts[0], side, hand.size(scale), market.stock.spread / 10)


def slip_of_the_hand(hand: Hand) -> Script:
    """Enter an order of a wrong size, take it back, and enter the right one."""
    side = hand.rng.choice((1, -1))
    size = hand.size(hand.span((0.8, 8)) * hand.market.near(side) / hand.market.stock.typical)
    wrong = hand.post(hand.accounts[0], side, size, hand.span((1, 6)))
    yield hand.span((0.4, 8))
    hand.drop(wrong)
    yield hand.span((0.5, 6))
    right = hand.post(hand.accounts[0], side, hand.size(hand.span((1.5, 8))), 0)
    yield min(hand.left * 0.7, hand.span((5, 200)))
    hand.drop(right)


def refreshed(hand: Hand) -> Script:
    """Work a parent order off through one small order on the book that is renewed as it fills."""
    side, scale = hand.rng.choice((1, -1)), hand.span((0.5, 2.5))
    goal, pause = hand.span((8, 60)) * hand.market.stock.typical, hand.span((0.01, 1.0))
    order = hand.post(hand.accounts[0], side, hand.size(scale), 0)
    while abs(hand.bought - hand.sold) < goal and hand.left > 2:
        yield max(pause, hand.length / 400)
        touch = hand.market.book.best(side)
        if not order.live:
            order = hand.post(hand.accounts[0], side, hand.size(scale), 0)
        elif touch is not None and side * (touch - order.price) > 0.5 * hand.market.stock.spread:
            hand.change(order, touch, order.open)


def patient_whale(hand: Hand) -> Script:
    """Rest a large order for long, and give it up in pieces as the day goes on."""
    lot = hand.market.stock.lot
    back = hand.span((1, 8)) * hand.market.stock.spread / 3
    side = hand.rng.choice((1, -1))
    size = hand.size(hand.span((0.5, 6)) * hand.market.near(side) / hand.market.stock.typical)
    order = hand.post(hand.accounts[0], side, size, back)
    pieces = hand.whole((1, 5))
    for _ in range(pieces):
        yield hand.length / (pieces + 1)
        hand.change(order, order.price, lot * max(1, int(order.open * hand.rng.uniform(0.3, 0.9)) // lot))
