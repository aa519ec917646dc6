"""Honest desks whose orders look like deeds: hedgers, ladders, flicker, crossings, many accounts of one adviser."""

from __future__ import annotations

from foreign_hawkes_deeds_price import gather, unload
from foreign_hawkes_hand import Hand
from foreign_hawkes_market import Task


def hedge(hand: Hand) -> Task:
    """Show a large order that is meant, and cancel it when the market moves away or against it."""
    rng, account = hand.rng, hand.accounts[0]
    buy = rng.random() < 0.5
    for _ in range(rng.randint(1, 4)):
        start = hand.middle
        price = hand.best(buy) - (1 if buy else -1) * rng.randint(0, 3)
        order = hand.rest(account, buy, price, hand.depth(buy, 3) * rng.uniform(0.8, 4.0))
        if rng.random() < 0.4:
            hand.take(account, not buy, hand.depth(not buy, 1) * rng.uniform(0.1, 0.4))
        end = hand.left - hand.pace * rng.uniform(1, 20)
        while order.open and hand.left > end and abs(hand.middle - start) < 1.2 * hand.unit:
            yield hand.pace * rng.uniform(0.1, 0.6)
        yield 0.002 * 1_000 ** rng.random()
        hand.drop(order)
        yield hand.pace * rng.uniform(0.2, 6)


def ladder(hand: Hand) -> Task:
    """Gather by orders on several levels that are all meant, stepped along with the market."""
    rng, account = hand.rng, hand.accounts[0]
    buy, step = rng.random() < 0.5, rng.randint(1, 2)
    sign, levels = 1 if buy else -1, rng.randint(3, 7)
    size = hand.depth(buy, 3) * rng.uniform(0.15, 0.8)
    for _ in range(rng.randint(1, 5)):
        start = hand.best(buy)
        orders = [hand.rest(account, buy, start - sign * step * level, size) for level in range(levels)]
        end = hand.left - hand.pace * rng.uniform(3, 25)
        while hand.left > end and abs(hand.best(buy) - start) <= levels * step / 2:
            yield hand.pace * rng.uniform(0.2, 1.0)
            if rng.random() < 0.1:
                hand.take(account, not buy, size * rng.uniform(0.2, 1.0))
        for order in orders:
            hand.drop(order)
            yield 0.001 * 500 ** rng.random()


def flicker(hand: Hand) -> Task:
    """Reprice one quote very fast, as two algorithms do that outbid one another."""
    rng = hand.rng
    buy, beat = rng.random() < 0.5, 0.002 * 100 ** rng.random()
    sign = 1 if buy else -1
    for _ in range(rng.randint(1, 3)):
        usual = hand.market.listing(hand.s).size * rng.uniform(0.3, 1.5)
        for i in range(rng.randint(15, 90)):
            account = hand.accounts[i % len(hand.accounts)]
            order = hand.rest(account, buy, hand.best(buy) + sign * rng.choice((0, 1, 1, -1)), usual)
            yield beat * rng.uniform(0.4, 1.6)
            if rng.random() < 0.3:
                hand.shift(order, order.price - sign)
                yield beat * rng.uniform(0.4, 1.6)
            hand.drop(order)
            yield beat * rng.uniform(0.1, 1.0)
        yield hand.pace * rng.uniform(0.5, 8)


def crossing(hand: Hand) -> Task:
    """Let clients of one broker trade with each other: one rests, another comes, mostly by chance."""
    rng = hand.rng
    for _ in range(rng.randint(1, 4)):
        first, second = rng.sample(hand.accounts, 2)
        buy = rng.random() < 0.5
        inside = (1 if buy else -1) * rng.choice((0, 1))
        size = hand.depth(buy, 1) * rng.uniform(0.4, 1.5)
        order = hand.rest(first, buy, hand.best(buy) + inside, size)
        yield hand.pace * rng.uniform(0.02, 1.0)
        if order.open:
            hand.take(second, not buy, size * rng.choice((1.0, rng.uniform(0.3, 2.0))))
        yield hand.pace * rng.uniform(0.5, 4)
        hand.drop(order)
        yield hand.pace * rng.uniform(0.5, 10)


def allocate(hand: Hand) -> Task:
    """Slice one decision over the accounts of an adviser: child orders of all of them at like times."""
    rng = hand.rng
    buy, lag = rng.random() < 0.5, 0.001 * 3_000 ** rng.random()
    usual = hand.market.listing(hand.s).size
    wants = [usual * rng.lognormvariate(-0.3, 0.7) for _ in hand.accounts]
    turns = rng.randint(4, 25)
    for turn in range(turns):
        sent = []
        for account, want in zip(hand.accounts, wants, strict=True):
            if rng.random() < 0.5:
                sent.append(hand.rest(account, buy, hand.best(buy), want))
            else:
                hand.take(account, buy, want)
            yield lag * rng.uniform(0.2, 2.0)
        yield hand.left * 0.9 / (turns - turn) * rng.uniform(0.5, 1.3)
        for order in sent:
            hand.drop(order)


def swing(hand: Hand) -> Task:
    """Run a price up or down on a conviction, and take the profit or the loss an hour later."""
    rng = hand.rng
    buy = rng.random() < 0.6
    size = hand.depth(not buy, 5) * rng.uniform(0.6, 2.5)
    yield from gather(hand, buy, size, hand.left * rng.uniform(0.2, 0.45))
    start = hand.middle
    for _ in range(rng.randint(0, 8)):
        hand.take(hand.seat(), buy, hand.depth(not buy, 2) * rng.uniform(0.2, 0.6), 1)
        yield hand.pace * rng.uniform(0.3, 3)
    hand.market.gather_herd(hand.s, (hand.middle - start) / hand.unit, rng.uniform(0.4, 1.1))
    yield hand.left * rng.uniform(0.1, 0.5)
    yield from unload(hand, not buy, hand.left * rng.uniform(0.3, 0.9))


def follow(hand: Hand) -> Task:
    """Wait for a move, follow it with a burst of orders, and leave when it tires."""
    rng, unit = hand.rng, hand.unit
    start = hand.middle
    while abs(hand.middle - start) < 2.0 * unit:
        yield hand.pace * rng.uniform(0.5, 1.5)
        start += (hand.middle - start) * 0.15
    buy = hand.middle > start
    for _ in range(rng.randint(2, 9)):
        hand.take(hand.seat(), buy, hand.depth(not buy, 1) * rng.uniform(0.2, 0.8), rng.choice((0, 1)))
        yield 0.02 * 200 ** rng.random()
    yield hand.pace * rng.uniform(1, 12)
    yield from unload(hand, not buy, hand.left * rng.uniform(0.2, 0.9))


def close_fund(hand: Hand) -> Task:
    """Trade a day's inflow into the close, as whoever is measured by the closing price does."""
    rng = hand.rng
    buy = rng.random() < 0.5
    wanted = hand.depth(not buy, 4) * rng.uniform(0.5, 2.5)
    turns = rng.randint(3, 18)
    for turn, part in enumerate(hand.split(wanted, turns)):
        hand.take(hand.seat(), buy, part, rng.choice((0, 0, 1)))
        yield hand.left / (turns - turn) * rng.uniform(0.6, 1.0)
