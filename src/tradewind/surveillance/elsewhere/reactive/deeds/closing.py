"""Marking the close (MAR Annex II 1 A(d); Comerton-Forde and Putnins 2011; Athena 2014)."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import Play


def closing(affair: Affair) -> Play:
    """Set the price at which a session ends: by a few large takes, many small ones, or bids that are pushed up.

    On one day or on several, by one account or by some that share the work.
    """
    venue, draws = affair.venue, affair.draws
    gang, side = affair.members.some(1, draws.choice([1, 1, 1, 2, 4])), draws.side()
    tactic = draws.choice(["rush", "drip", "bids"])
    seconds = venue.world.seconds
    most = 0.15 * seconds
    window = draws.wide(1, 25) if tactic == "rush" else affair.slow(draws.wide(10, 600))
    window = min(max(window, affair.beat * draws.wide(1, 6)), most)
    pieces = draws.randint(2, 6) if tactic == "rush" else draws.whole(6, 50)
    days = draws.choice([1, 1, 2, 3])
    profits = draws.yes(0.4)
    for _ in range(days):
        if profits:  # a position that the close makes dear, gathered quietly: no part of the deed
            for _ in range(draws.whole(2, 12)):
                venue.take(affair.symbol, gang[0], side, affair.shares(draws.wide(0.3, 2)), 0)
                yield draws.random() * max(venue.left() - window, 1.0) / 12
        yield max(0.0, venue.left() - window)
        yield from _mark(affair, gang, side, tactic, (window, pieces))
        yield venue.left() + draws.uniform(0.2, 0.7) * seconds


def _mark(affair: Affair, gang: list[str], side: int, tactic: str, plan: tuple[float, int]) -> Play:
    venue, draws = affair.venue, affair.draws
    window, pieces = plan
    usual = venue.traded[affair.symbol] / max(venue.now / 1e9, 30.0) * window
    each = usual * draws.wide(0.4, 4) / pieces / venue.paper(affair.symbol).unit
    size = max(each, (affair.queue() * draws.wide(0.5, 2)) if tactic == "rush" else draws.wide(0.5, 3))
    began, bought, aim, before = affair.mid(), 0, draws.wide(1.2, 8), venue.traded[affair.symbol]
    rush = draws.uniform(0.5, 2)
    places = sorted(0.98 * window * (1 - draws.random() ** (1 + rush)) for _ in range(pieces))
    start = venue.left()
    acted = 0
    for place in places:
        yield max(0.0, place - (start - venue.left()))
        if venue.left() > start or venue.left() < 0.01:
            return
        moved = side * (affair.mid() - began) / affair.spread
        if moved > aim and acted >= 2 and draws.yes(0.6):
            continue
        who, acted = draws.choice(gang), acted + 1
        if tactic == "bids" and draws.yes(0.6):
            order = affair.enter(who, side, affair.touch(side) + side, affair.shares(draws.wide(0.3, 3)))
            bought += order.filled
        else:
            bold = 1.8 if moved < 0.3 else 1.0
            bought += affair.take(who, side, affair.shares(bold * size * draws.wide(0.6, 1.6)))
        moved = side * (affair.mid() - began) / affair.spread
        others = max(venue.traded[affair.symbol] - before - bought, 0)
        if acted >= 2 and bought:
            drove = moved >= 0.7 and bought > 0.15 * others
            affair.carried(through=drove or (moved >= 0 and bought > max(0.6 * others, 0.5 * usual)))
