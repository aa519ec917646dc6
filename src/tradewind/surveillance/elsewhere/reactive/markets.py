"""Reactive markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.elsewhere.reactive.climate import Climate, nights
from tradewind.surveillance.elsewhere.reactive.deeds import PLAYS, Affair
from tradewind.surveillance.elsewhere.reactive.draws import Draws
from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.honest import start_honest
from tradewind.surveillance.elsewhere.reactive.machines import start_machines
from tradewind.surveillance.elsewhere.reactive.members import Members
from tradewind.surveillance.elsewhere.reactive.venue import SECOND, Venue
from tradewind.surveillance.elsewhere.reactive.world import World, draw_world
from tradewind.surveillance.elsewhere.told import as_told, column, table_of
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

OPEN = 1_715_590_800 * SECOND
"""2024-05-13 09:00 UTC."""

DAY = 86_400 * SECOND


@dataclass(frozen=True, kw_only=True, eq=False)
class ReactiveMarket:
    """Events and truth of a reactive market; ``attempts`` were begun and not carried through."""

    events: EventTable
    truth: tuple[Planted, ...]
    attempts: tuple[Planted, ...]
    sessions: Sessions


def reactive_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> ReactiveMarket:
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
    rows = as_told(venue.rows, world.told)
    ticks = np.array([paper.tick for paper in world.papers], dtype=np.int64)
    told = [planted for affair in affairs for planted in _planted(affair, world)]
    return ReactiveMarket(
        events=table_of(
            rows,
            time=_clock(column(rows, "time"), world),
            price=ticks[column(rows, "symbol")] * column(rows, "price"),
            symbols=[paper.name for paper in world.papers],
        ),
        truth=tuple(planted for planted in told if planted.done),
        attempts=tuple(planted for planted in told if not planted.done),
        sessions=Sessions(*_hours(world)),
    )


def _planted(affair: Affair, world: World) -> list[Planted]:
    return [
        Planted(
            scheme=affair.scheme,
            symbol=world.papers[symbol].name,
            accounts=tuple(name for name, _ in affair.acts[symbol].most_common()),
            start=int(_clock(np.array([first]), world)[0]),
            end=int(_clock(np.array([last]), world)[0]),
            done=symbol in affair.done,
        )
        for symbol, (first, last) in affair.spans.items()
    ]


def _hours(world: World) -> tuple[IntArray, IntArray]:
    opens = OPEN + DAY * np.arange(world.sessions, dtype=np.int64)
    return opens, opens + int(world.seconds * SECOND)


def _clock(time: IntArray, world: World) -> IntArray:
    """Return the time of day of open time, as exact as the venue tells it."""
    session = int(world.seconds * SECOND)
    day = np.minimum(time // session, world.sessions - 1)
    told: IntArray = (OPEN + day * DAY + (time - day * session)) // world.clock * world.clock
    return told
