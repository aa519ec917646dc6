"""Deeds of matching and timing: wash trading, marking the close, coordinated accounts."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.appraised.hand import Hand
from tradewind.surveillance.elsewhere.appraised.world import Process


def cross(hand: Hand, maker: str, taker: str, buy: bool, size: int) -> Process:
    """`maker` rests on `buy`, `taker` meets it; returns the size that changed no owner."""
    book = hand.book
    if book.spread() == 1 and book.size_at(buy, book.touch()[0 if buy else 1]) > 0.4 * size:
        return 0
    resting = hand.join(maker, buy, size, hand.rng.choice([1, 2, 3, 5]))
    yield hand.rng.expovariate(1 / hand.soft(0.08, 0.8))
    ahead = book.ahead(resting) if resting.live else 10**9
    if not resting.live or ahead > 0.5 * size:
        hand.pull(resting)
        return 0
    before = resting.filled
    hand.take(taker, not buy, resting.size + ahead, abs(resting.price - book.touch()[0 if buy else 1]))
    met = resting.filled - before
    hand.pull(resting)
    return met


def wash(hand: Hand) -> Process:
    """One account with itself, a pair turning about, or a ring passing it on."""
    rng, stock = hand.rng, hand.stock
    rounds = rng.randint(10, 30)
    scale = stock.unit * stock.lot * hand.soft(rng.uniform(1.5, 5), rng.uniform(0.7, 1.5))
    same = hand.evasive or rng.random() < 0.4
    fixed, met, times = stock.lots(scale), 0, 0
    people = hand.accounts
    direction = rng.random() < 0.5
    for turn in range(rounds):
        size = fixed if not same else stock.lots(scale * rng.uniform(0.6, 1.4))
        step = turn if len(people) > 1 else 0
        maker, taker = people[step % len(people)], people[(step + 1) % len(people)]
        if hand.evasive and len(people) > 2:
            maker, taker = rng.sample(people, 2)
        for _ in range(6):
            got = yield from cross(hand, maker, taker, direction, size)
            if got or hand.left() < 5:
                break
            yield hand.wait(0.5, 6)
        met += got
        times += got > 0
        if len(people) == 1:
            direction = rng.random() < 0.5
        if hand.left() < 20:
            break
        yield hand.wait(0.2 * hand.span / rounds, 1.8 * hand.span / rounds)
    volume = sum(o.filled for o in hand.orders)
    return times >= 5 and 2 * met > 0.6 * volume


def mark(hand: Hand) -> Process:
    """Buy or sell the market up a path that ends at the bell."""
    rng, stock, book = hand.rng, hand.stock, hand.book
    buy = rng.random() < 0.5
    sign = 1 if buy else -1
    start, horizon = book.mid(), hand.left()
    goal = max(3.0, hand.soft(3.0, 1.8) * stock.wide, hand.soft(0.16, 0.09) * stock.daily * stock.value)
    spent, limit = 0.0, hand.soft(160, 80) * stock.deep
    first = book.last
    while (rest := hand.world.left()) > 0.3 and spent < limit:
        due = start + sign * goal * min(1.15, 1.4 * (1 - rest / (horizon + 6)) + 0.15)
        behind = min(1.0, max(0.0, (due - book.mid()) * sign / goal))
        if behind > 0 or (rest < 10 and rng.random() < 0.85):
            size = stock.deep * rng.uniform(0.3, hand.soft(1.6, 0.8)) * (1 + 2.5 * behind)
            order = hand.take(hand.who(), buy, size, int(stock.wide * rng.uniform(0.3, 1.0)) + 1)
            spent += order.filled
        elif hand.evasive and rng.random() < 0.2:
            order = hand.join(hand.who(), buy, 0.3 * stock.deep, 1)
            yield min(max(0.1, rest - 0.2), rng.uniform(1, 6))
            hand.pull(order)
        yield min(max(0.05, rest - 0.2), rng.uniform(0.2, max(0.5, horizon / hand.soft(30, 22))) / (1 + 4 * behind))
    moved = sign * (book.last - first)
    return hand.took[buy] > 0.8 * stock.deep and sign * (book.mid() - start) > 0.4 * goal and moved > 0.35 * goal


def coordinate(hand: Hand) -> Process:
    """The same side at the same moments, many times: one click, a leader and copies, or taking turns to rest."""
    rng, stock = hand.rng, hand.stock
    moments = rng.randint(12, 40) if not hand.evasive else rng.randint(12, 22)
    style = rng.choice(["click", "leader", "mixed"])
    scale = stock.unit * stock.lot * hand.soft(rng.uniform(0.5, 1.6), rng.uniform(0.3, 0.7))
    lag = hand.soft(rng.choice([0.003, 0.03, 0.25]), 2.0)
    blocks, buy, good = rng.randint(1, 4), rng.random() < 0.5, 0
    alike = rng.random() < 0.5
    for moment in range(moments):
        if moment % max(1, moments // blocks) == 0 and moment:
            buy = not buy
        if hand.left() < 20:
            break
        people = list(hand.accounts)
        if style != "leader":
            rng.shuffle(people)
        if hand.evasive:
            people = people[: max(3, int(0.7 * len(people)))]
        before = {a: hand.net(a) for a in people}
        resting = []
        for account in people:
            size = scale if alike else scale * rng.uniform(0.5, 1.5)
            if style == "mixed" and rng.random() < 0.35:
                resting.append(hand.join(account, buy, size, 1))
            else:
                hand.take(account, buy, size, int(stock.wide))
            yield rng.expovariate(1 / lag)
        if resting:
            yield hand.wait(0.5, 10)
            for order in resting:
                hand.pull(order)
        good += sum(hand.net(a) != n for a, n in before.items()) >= min(3, len(people))
        yield hand.wait(0.3 * hand.span / moments, 1.6 * hand.span / moments)
    return good >= 8
