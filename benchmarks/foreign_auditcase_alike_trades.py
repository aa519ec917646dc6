"""Honest business that looks like abuse of trades or news: advisers, funds, brokers, herds and their followers."""

from __future__ import annotations

from foreign_auditcase_book import Order
from foreign_auditcase_deeds_moves import large_order
from foreign_auditcase_hand import Hand
from foreign_auditcase_stage import Script


def adviser(hand: Hand) -> Script:
    """Work one decision off for several clients of an adviser, child orders at like times."""
    rng = hand.rng
    side, waves = rng.choice((1, -1)), hand.whole((4, 25))
    scale, scatter = hand.span((0.3, 2.5)), hand.span((0.02, 6))
    passive, pace = rng.random() < 0.4, hand.left * 0.9 / waves
    scatter = min(scatter, pace / 2)
    for _ in range(waves):
        orders = []
        for account in hand.accounts:
            if passive or rng.random() < 0.2:
                orders.append(hand.post(account, side, hand.size(scale), 0))
            else:
                hand.take(account, side, hand.size(scale), 1)
            yield scatter / len(hand.accounts) * rng.uniform(0.3, 1.7)
        yield max(0.01, pace * rng.uniform(0.5, 1.1) - scatter)
        for order in orders:
            if order.live and rng.random() < 0.6:
                hand.take(order.account, side, order.open, 1)
            hand.drop(order)


def parent_order(hand: Hand) -> Script:
    """Work a single large order off."""
    yield from large_order(hand, hand.rng.choice((1, -1)), hand.left * 0.9)


def fund_at_close(hand: Hand) -> Script:
    """Trade near the bell, as funds that are measured at the closing price do."""
    rng = hand.rng
    sides = {account: rng.choice((1, 1, -1)) for account in hand.accounts}
    pieces, total = hand.whole((4, 30)), hand.span((4, 40))
    for turn in range(pieces):
        account = hand.accounts[turn % len(hand.accounts)]
        size = hand.size(total / pieces * rng.uniform(0.5, 1.5))
        if rng.random() < 0.4:
            hand.post(account, sides[account], size, 0)
        else:
            hand.take(account, sides[account], size, 1)
        yield (hand.left - 0.2) / max(1, pieces - turn) * rng.uniform(0.3, 1.4)
    for order in hand.orders:
        if order.live:
            hand.take(order.account, order.side, order.open, 1.5)


def broker_cross(hand: Hand) -> Script:
    """Send clients' orders through a broker's accounts, which now and then meet each other by chance."""
    rng, book = hand.rng, hand.market.book
    pace = hand.left / rng.randint(15, 70)
    resting: list[Order] = []
    while hand.left > pace + 1:
        account, side = rng.choice(hand.accounts), rng.choice((1, -1))
        touch, against = book.best(side), book.best(-side)
        if rng.random() < 0.6 and touch is not None and against is not None:
            price = touch + side * rng.choice((0, 1, side * (against - touch) // 2))
            price = price if side * (price - against) < 0 else against - side
            resting.append(hand.send(Order(account, side, price, hand.size(hand.span((0.5, 5))), crossable=True)))
        elif against is not None:
            size = hand.size(hand.span((0.5, 6)))
            hand.send(Order(account, side, against, size, crossable=True), rest=False)
        while len(resting) > 4:
            hand.drop(resting.pop(0))
        yield pace * rng.expovariate(1)


def news_herd(hand: Hand) -> Script:
    """Let news come out, and honest traders buy or sell on it at once; some were in before by luck."""
    rng, market = hand.rng, hand.market
    side = rng.choice((1, -1))
    if rng.random() < 0.5:
        for account in hand.accounts[:1]:
            for _ in range(hand.whole((1, 4))):
                hand.take(account, rng.choice((side, side, -side)), hand.size(hand.span((0.5, 3))), 0.5)
                yield min(hand.left / 10, hand.span((3, 60)))
    jump = max(hand.span((0.002, 0.04)), 2 * market.stock.spread / market.mid())
    hand.stage.venue.news(market.book)
    hand.swell(hand.span((1, 40)), side * jump, rng.choice((1e9, 1e9, 200)))
    yield hand.span((0.05, 4))
    for _ in range(hand.whole((4, 30))):
        hand.take(rng.choice(hand.accounts), side, hand.size(hand.span((0.4, 4))), 1.5)
        yield min(rng.expovariate(1 / hand.span((0.2, 4))), hand.left / 5)
    if rng.random() < 0.5:
        yield hand.left * rng.uniform(0.2, 0.6)
        yield from hand.unload(hand.left * 0.7, 4)


def run_up(hand: Hand) -> Script:
    """Let hopes before a report lift the price for a while, and disappointment take it back."""
    rng, market = hand.rng, hand.market
    height = max(hand.span((0.004, 0.05)), 3 * market.stock.spread / market.mid())
    rise = hand.left * rng.uniform(0.3, 0.6)
    hand.swell(rise, height * rng.choice((1, 1, -1)), hand.left * rng.uniform(0.2, 1.0))
    for _ in range(rng.randint(4, 20)):
        side = 1 if rng.random() < 0.7 else -1
        hand.take(rng.choice(hand.accounts), side, hand.size(hand.span((0.4, 3))), 1)
        yield rise / 14 * rng.uniform(0.3, 1.7)
    if rng.random() < 0.6:
        hand.stage.venue.news(market.book)
    yield hand.left * rng.uniform(0.1, 0.3)
    yield from hand.unload(hand.left * 0.7, 5)


def follower(hand: Hand) -> Script:
    """Wait for a trend, jump on it with force, and leave it at a stop or with time."""
    market = hand.market
    limit = hand.left * 0.6
    for _ in range(60):
        if abs(market.trend) > 0.9:
            break
        yield limit / 60
    side = 1 if market.trend > 0 else -1
    for _ in range(hand.whole((2, 14))):
        hand.take(hand.accounts[0], side, hand.size(hand.span((0.8, 5))), hand.span((0.3, 2)))
        yield hand.span((0.05, 3))
    entry = market.mid()
    for _ in range(20):
        yield min(hand.left / 15, hand.span((0.5, 15)))
        if abs(market.mid() - entry) > 1.5 * market.stock.spread:
            break
    yield from hand.unload(min(hand.left * 0.8, 30), hand.whole((1, 6)))


def block_sweep(hand: Hand) -> Script:
    """Sweep several levels of the book for a block that is held on to."""
    side, scale = hand.rng.choice((1, -1)), hand.span((2, 12))
    for _ in range(hand.whole((1, 12))):
        hand.take(hand.accounts[0], side, hand.size(scale), hand.span((0.5, 2.5)))
        yield hand.span((0.02, 4))


def stops(hand: Hand) -> Script:
    """Let the stops of many small accounts go off one after another."""
    side, pace = hand.rng.choice((1, -1)), hand.span((0.05, 2))
    for account in [name for name in hand.accounts for _ in range(hand.whole((1, 3)))]:
        hand.take(account, side, hand.size(hand.span((0.3, 3))), 1.5)
        yield hand.rng.expovariate(1 / pace)


def day_trader(hand: Hand) -> Script:
    """Go in and out several times without much of a plan."""
    trips = hand.whole((2, 8))
    for _ in range(trips):
        side = hand.rng.choice((1, -1))
        hand.take(hand.accounts[0], side, hand.size(hand.span((0.5, 4))), 0.5)
        yield hand.left / (trips + 1) * hand.rng.uniform(0.1, 0.8)
        yield from hand.unload(min(5, hand.left / 4), 1)
