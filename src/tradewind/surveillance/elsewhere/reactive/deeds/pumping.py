"""Pump and dump (MAR Annex II 1 B(a); SEC, FINRA: touts, painted tape): gather, lift, sell to those who came."""

from __future__ import annotations

from collections.abc import Generator

from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import Play


def pumping(affair: Affair) -> Play:
    """Pump slowly or quickly, alone or as a ring; by touting, by trades among oneselves, or by sheer buying."""
    venue, draws = affair.venue, affair.draws
    gang, side = affair.members.some(1, draws.choice([1, 1, 2, 4, 8])), 1 if draws.yes(0.9) else -1
    tactic = draws.choice(["touting", "painting", "buying"] if len(gang) > 1 else ["touting", "buying"])
    whole = venue.left() * (draws.wide(0.03, 0.15) if draws.yes(0.5) else draws.uniform(0.15, 0.85))
    whole = min(max(whole, 25 * affair.beat), 0.9 * venue.left())
    cuts = sorted((draws.uniform(0.1, 0.6), draws.uniform(0.4, 0.85)))
    gather, lift, dump = whole * cuts[0], whole * (cuts[1] - cuts[0] + 0.05), whole * (1 - cuts[1])
    pace = venue.traded[affair.symbol] / max(venue.now / 1e9, 30.0) / venue.paper(affair.symbol).unit
    stake = max(pace * gather * draws.wide(0.05, 0.5), draws.wide(4, 50))
    yield from affair.gather(gang, side, stake, draws.whole(4, 50), gather)
    top = yield from _lift(affair, gang, side, tactic, lift)
    most = side * affair.held()
    yield draws.wide(0.1, 0.3) * dump
    yield from affair.leave(gang, side, draws.whole(3, 50), 0.7 * dump)
    affair.carried(through=top >= 1.5 and most > 0 and side * affair.held() <= 0.5 * most)


def _lift(affair: Affair, gang: list[str], side: int, tactic: str, span: float) -> Generator[float, None, float]:
    """Raise the price; return the rise in usual spreads."""
    venue, draws, began, top = affair.venue, affair.draws, affair.mid(), 0.0
    clips, aim, size = draws.whole(6, 70), draws.wide(2.5, 25), draws.wide(0.5, 5)
    rumours, belief = draws.choice([0, draws.randint(1, 5)]), draws.uniform(0.1, 0.5)
    if tactic == "touting":
        rumours = max(rumours, 2)
    followers = draws.choice([0, 1, 2])
    for number in range(2 * clips):
        if draws.yes(rumours / clips):
            venue.publish(affair.symbol, side if draws.yes(0.8) else 0)
            goal = venue.middle[affair.symbol] + side * affair.spread * draws.wide(1, 10)
            affair.crowd.pull(affair.symbol, goal, belief, span / 3)
        name = draws.choice(gang)
        if tactic == "painting" and draws.yes(0.5):
            shares, gap = affair.shares(size), affair.touch(-1) - affair.touch(1)
            order = affair.enter(name, -side, affair.touch(-side) - side * (gap > 1), shares)
            yield draws.wide(0.005, 1)
            affair.take(draws.choice(gang), side, shares + (order.left < order.size) + 1, 1)
            affair.withdraw(order)
        elif draws.yes(0.15):
            order = affair.enter(name, side, affair.touch(side) + side, affair.shares(size))
            venue.later(span / clips * 2, lambda order=order: affair.withdraw(order))  # type: ignore[misc]
        else:
            affair.take(name, side, affair.shares(size * draws.wide(0.6, 1.7)))
        affair.crowd.follow(affair.symbol, side, followers if draws.yes(0.5) else 0, span / clips)
        yield draws.wait(span / clips)
        rise = side * (affair.mid() - began) / affair.spread
        top = max(top, rise)
        if rise >= aim or (number >= clips and top >= 3):
            break
        size = min(size * 1.3, 4 * affair.queue()) if rise < aim * (number + 1) / clips / 2 else max(size / 1.2, 0.5)
    return top
