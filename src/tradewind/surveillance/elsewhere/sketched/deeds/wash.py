"""Wash trades: own orders meeting own orders."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import Order, Play
from tradewind.surveillance.elsewhere.sketched.sketch import loguniform


def wash(act: Act) -> Play:
    """One account with itself, a pair to and fro, a ring, few large blocks, or many small prints for volume."""
    rng = act.rng
    tactic = act.choose("self", "pair", "ring", "block", "paint")
    many = {"self": 1, "pair": 2, "ring": rng.randint(3, 8), "block": rng.choice((1, 2))}.get(tactic, rng.randint(2, 5))
    accounts = act.cast(many)
    rounds = {"block": rng.randint(2, 4), "paint": rng.randint(15, 60)}.get(tactic, rng.randint(4, 25))
    size = act.usual(4, 15) if tactic == "block" else act.usual(0.3, 1) if tactic == "paint" else act.usual(0.6, 5)
    wobble, lag = rng.choice((0.0, 0.3)), rng.choice((0.0, 0.0005, 0.02, 0.5))
    between = min(act.beat * loguniform(rng, 0.5, 8), 0.6 * act.room / rounds)
    crossed = met = 0
    for n in range(rounds):
        giver, taker = accounts[n % many], accounts[(n + 1) % many]
        if tactic == "pair" and rng.random() < 0.3:
            giver, taker = taker, giver
        side = rng.choice((-1, 1)) if tactic != "pair" else (-1, 1)[n % 2]
        now = act.people.rounded(size * (1 + rng.uniform(-wobble, wobble)))
        inner = act.touch(side) + side * rng.randint(1, max(1, act.wide - 1)) if act.wide > 1 else act.touch(side)
        resting = act.put(giver, side, inner, now)
        yield min(act.gap(max(lag, 0.0001)), 0.3 * act.beat)
        before = _ahead(act, resting)
        for _ in range(3):
            if before > 3 * now:
                yield act.gap(min(act.beat, between))
                before = _ahead(act, resting)
        if resting.left and before <= 6 * now:
            # The orders before it must trade first, or own would not meet own.
            share = now if rng.random() < 0.8 else act.people.rounded(now / 2)
            price = act.touch(side) - resting.price
            hit = act.take(taker, -side, before + share, reach=max(0, side * price))
            own = sum(size for order, size in hit.met if order is resting)
            crossed, met = crossed + own, met + (own > 0)
        act.pull(resting)
        yield act.gap(between)
    act.done = met >= (2 if tactic == "block" else 4) and crossed >= 0.25 * sum(order.size for order in act.orders) / 2


def _ahead(act: Act, order: Order) -> int:
    return act.exchange.halves[act.symbol][order.side].ahead(order) if order.left else 0
