"""Reactive markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.surveillance.elsewhere.market import OpenTime, ToldMarket, told_market
from tradewind.surveillance.elsewhere.reactive.climate import Climate, nights
from tradewind.surveillance.elsewhere.reactive.deeds import PLAYS, Affair
from tradewind.surveillance.elsewhere.reactive.draws import Draws
from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.honest import start_honest
from tradewind.surveillance.elsewhere.reactive.machines import start_machines
from tradewind.surveillance.elsewhere.reactive.members import Members
from tradewind.surveillance.elsewhere.reactive.venue import SECOND, Venue
from tradewind.surveillance.elsewhere.reactive.world import World, draw_world
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

OPEN = 1_715_590_800 * SECOND
"""2024-05-13 09:00 UTC."""


def reactive_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> ToldMarket:
    """Draw and run a reactive market; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start.
    """
    world, draws = draw_world(seed), Draws.of(seed, 3)
    venue = Venue(world, seed)
    members = Members(venue)
    crowd = Crowd(venue, members)
    climate = Climate(venue)
    crowd.pace = climate.pace
    venue.start(0.0, nights(venue, crowd))
    for symbol in range(len(world.papers)):
        venue.start(0.01, crowd.stream(symbol))
    start_machines(crowd)
    start_honest(crowd, climate)
    affairs: list[Affair] = []
    shift = draws.randrange(len(schemes))
    for number in range(episodes):
        symbol = venue.symbol() if draws.yes(0.5) else draws.randrange(len(world.papers))
        affair = Affair(schemes[(number + shift) % len(schemes)], crowd, climate, symbol)
        affairs.append(affair)
        at = (draws.randrange(world.sessions) + draws.uniform(0.04, 0.72)) * world.seconds
        venue.start(at, PLAYS[affair.scheme](affair))
    venue.run()
    time = OpenTime(first=OPEN, sessions=world.sessions, session=int(world.seconds * SECOND), clock=world.clock)
    return told_market(
        venue.rows,
        world.told,
        time,
        (planted for affair in affairs for planted in _planted(affair, world, time)),
        symbols=[paper.name for paper in world.papers],
        ticks=[paper.tick for paper in world.papers],
    )


def _planted(affair: Affair, world: World, time: OpenTime) -> list[Planted]:
    return [
        Planted(
            scheme=affair.scheme,
            symbol=world.papers[symbol].name,
            accounts=tuple(name for name, _ in affair.acts[symbol].most_common()),
            start=time.told_one(first),
            end=time.told_one(last),
            done=symbol in affair.done,
        )
        for symbol, (first, last) in affair.spans.items()
    ]
