"""Coordinated accounts: several that act as one."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import Order, Play
from tradewind.surveillance.elsewhere.sketched.sketch import loguniform


def collude(act: Act) -> Play:
    """In step, in relay, behind a leader, quotes laid and pulled together, or bids below while others push."""
    rng = act.rng
    tactic = act.choose("step", "relay", "leader", "quotes", "encircle")
    accounts = act.cast(rng.randint(2, 12))
    rounds = rng.randint(5, 22)
    lag = min(loguniform(rng, 0.0002, 1.5), 0.3 * act.beat)
    between = min(act.beat * loguniform(rng, 1, 12), 0.7 * act.room / rounds)
    side, sticky, same = rng.choice((-1, 1)), rng.choice((0.6, 0.9, 1.0)), rng.random() < 0.5
    size, full = act.usual(0.4, 3), 0
    for n in range(rounds):
        side = side if rng.random() < sticky else -side
        size = size if same else act.usual(0.4, 3)
        if tactic == "relay":
            act.take(accounts[n % len(accounts)], side, size)
            full += 1
            yield act.gap(between / 2)
            continue
        present = [name for name in accounts if rng.random() < 0.85]
        resting: list[Order] = []
        for place, name in enumerate(present):
            if tactic == "quotes" or (tactic == "encircle" and place % 2):
                resting.append(act.put(name, side, act.touch(side) - side * rng.randint(0, 2), size))
            else:
                act.take(name, side, size if same else act.people.rounded(size * rng.uniform(0.7, 1.4)))
            yield act.gap(lag * (8 if tactic == "leader" and not place else 1))
        full += len(present) >= 2
        yield act.gap(between)
        for order in resting:
            act.pull(order)
    act.clear()
    act.done = full >= 4 and len(act.accounts) >= 2
