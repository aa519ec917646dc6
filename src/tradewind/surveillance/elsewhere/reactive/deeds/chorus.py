"""Coordinated accounts: one hand behind many names (MAR Annex I A(e) and II; concert parties)."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import SECOND, Play


def coordination(affair: Affair) -> Play:
    """Act on one side in the same moments, round after round."""
    draws = affair.draws
    gang = affair.members.some(*draws.choice([(2, 3), (3, 6), (5, 12)]))
    tactic = draws.choice(["step", "relay", "hidden", "clock"])
    rounds, side, loyal = draws.whole(4, 40), draws.side(), draws.uniform(0.2, 1.0)
    interval, late = affair.slow(draws.wide(2, 120)), draws.wide(0.003, 2)
    takes, joins = draws.choice([1.0, 0.0, draws.random()]), draws.choice([1.0, draws.uniform(0.5, 1)])
    size, uneven, same = draws.wide(0.3, 3), draws.uniform(0, 0.6), draws.yes(0.4)
    span = max(min(interval * rounds, 0.8 * affair.venue.left()), 1.0)
    interval, common = span / rounds, 0
    every = max(round(interval), 1)
    for number in range(rounds):
        if tactic == "hidden":
            yield from _cover(affair, side, interval)
        elif tactic == "clock":
            yield every - affair.venue.now / SECOND % every
        acting = [name for name in gang if draws.yes(joins)]
        acting = acting if len(acting) >= 2 else gang[:2]
        if tactic == "relay":  # each round begins with another
            acting = gang[number % len(gang) :] + gang[: number % len(gang)]
            acting = acting[: draws.randint(2, len(acting))]
        elif draws.yes(0.6):
            draws.shuffle(acting)
        each = affair.shares(size)
        placed: list[Order] = []
        acted: set[str] = set()
        taking = draws.yes(takes)
        for name in acting:
            shares = each if same else max(round(each * draws.lognormvariate(0, uneven)), 1)
            if not taking:
                placed.append(affair.enter(name, side, affair.touch(side), shares))
                acted.add(name)
            elif affair.take(name, side, shares, draws.choice([0, 0, 1])):
                acted.add(name)
            yield min(draws.wait(late), 6.0 / len(acting))
        common += len(acted) >= 2
        affair.carried(through=common >= 3)
        yield interval * draws.wide(0.3, 1.5)
        if draws.yes(0.7):
            affair.withdraw(*placed)
        side = side if draws.yes(loyal) else -side


def _cover(affair: Affair, side: int, longest: float) -> Play:
    """Wait until others take the same way."""
    seen = affair.crowd.states[affair.symbol].flow
    for _ in range(20):
        yield longest / 20
        now = affair.crowd.states[affair.symbol].flow
        if side * (now - seen) > 1.5:
            return
        seen = now
