"""Front running: a position before news, or before a client's large order, that is closed after it."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import Play


def run_ahead(act: Act) -> Play:
    """An insider, a tipped ring, a broker before a client's slices or sweep, or one who tails each slice."""
    rng = act.rng
    tactic = act.choose("insider", "ring", "slices", "sweep", "tail")
    accounts = act.cast(rng.randint(2, 6) if tactic == "ring" else rng.choice((1, 1, 2)))
    side, patience = rng.choice((-1, 1)), rng.choice((0.0, 0.3, 0.8))
    slow = tactic in ("insider", "ring")
    time = act.long(5, 60) if slow else act.long(0.5, 10)
    whole = act.usual(4, 25)
    if tactic != "tail":
        for account in accounts:
            size = act.people.rounded(whole / len(accounts))
            yield from act.trade(account, side, size, time / len(accounts), patience=patience)
        yield act.gap(act.long(0.2, 12) if slow else act.long(0.05, 1.5))
    if slow:
        act.crowd.break_news(act.symbol, side, force=rng.uniform(1, 2))
        act.crowd.hype[act.symbol] += side * rng.uniform(0.3, 1.2)
        yield act.gap(act.long(2, 20))
    else:
        yield from _client(act, accounts[0], side, whole * rng.uniform(2, 6))
    held = act.filled(side) - act.filled(-side)
    for account in accounts if held > 0 else ():
        size = act.people.rounded(held / len(accounts) * rng.uniform(0.8, 1.0))
        yield from act.trade(account, -side, size, act.long(1, 20) / len(accounts), patience=rng.choice((0.0, 0.4)))
    act.clear()
    sold = act.filled(-side)
    won = side * (act.average(-side) - act.average(side))
    act.done = act.filled(side) > 0 and sold >= 0.5 * act.filled(side) and (slow or won > -0.5 * act.paper.spread)


def _client(act: Act, broker: str, side: int, size: float) -> Play:
    """The client's order, which is no part of the deed; its broker may tail each slice."""
    rng, client = act.rng, act.people.stranger()
    many = rng.randint(2, 4) if act.tactic == "sweep" else rng.randint(6, 20)
    time = act.long(1, 4) if act.tactic == "sweep" else act.long(6, 40)
    for n in range(many):
        if act.tactic == "tail" and n < 0.7 * many:
            act.take(broker, side, act.usual(0.5, 2), reach=1)
            yield act.gap(min(0.05, 0.1 * act.beat))
        piece = max(size / many, rng.uniform(0.5, 1.5) * act.near(-side, 1))
        # Others learn from a large order: what it moves stays moved.
        act.crowd.value[act.symbol] += side * (act.paper.spread + 1) * rng.uniform(0.5, 2.5) / many
        act.crowd.hit(act.symbol, client, side, act.people.rounded(piece), rng.randint(1, 3))
        yield act.gap(time / many)
