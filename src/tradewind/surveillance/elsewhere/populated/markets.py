"""Populated markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.elsewhere.populated.deeds import PLAYS, Deed
from tradewind.surveillance.elsewhere.populated.exchange import SECOND
from tradewind.surveillance.elsewhere.populated.honest import start_honest
from tradewind.surveillance.elsewhere.populated.town import Town
from tradewind.surveillance.elsewhere.populated.world import World, draw_world
from tradewind.surveillance.elsewhere.told import as_told, column, table_of
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

OPEN = 1_741_597_200 * SECOND
"""2025-03-10 09:00 UTC."""

DAY = 86_400 * SECOND


@dataclass(frozen=True, kw_only=True, eq=False)
class PopulatedMarket:
    """Events and truth of a populated market; ``attempts`` were begun and not carried through."""

    events: EventTable
    truth: tuple[Planted, ...]
    attempts: tuple[Planted, ...]
    sessions: Sessions


def populated_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> PopulatedMarket:
    """Draw and run a populated market; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start.
    """
    world = draw_world(seed)
    town = Town(world, seed)
    start_honest(town)
    deeds, dice = list[Deed](), town.dice
    shift = dice.randrange(len(schemes))
    for number in range(episodes):
        deed = Deed(schemes[(number + shift) % len(schemes)], town, dice.randrange(len(world.stocks)))
        deeds.append(deed)
        day = 0 if deed.scheme == Scheme.MARKING_THE_CLOSE and dice.chance(0.5) else dice.randrange(world.sessions)
        town.ex.start((day + dice.uniform(0.06, 0.7)) * world.seconds, PLAYS[deed.scheme](deed))
    town.ex.run()
    rows = as_told(town.ex.rows, world.told)
    ticks = np.array([stock.tick for stock in world.stocks], dtype=np.int64)
    told = [planted for deed in deeds for planted in _planted(deed, world)]
    return PopulatedMarket(
        events=table_of(
            rows,
            time=_clock(column(rows, "time"), world),
            price=ticks[column(rows, "symbol")] * column(rows, "price"),
            symbols=[stock.name for stock in world.stocks],
        ),
        truth=tuple(planted for planted in told if planted.done),
        attempts=tuple(planted for planted in told if not planted.done),
        sessions=Sessions(*_hours(world)),
    )


def _planted(deed: Deed, world: World) -> list[Planted]:
    return [
        Planted(
            scheme=deed.scheme,
            symbol=world.stocks[part.symbol].name,
            accounts=tuple(name for name, _ in part.acts.most_common()),
            start=int(_clock(np.array([part.first]), world)[0]),
            end=int(_clock(np.array([part.last]), world)[0]),
            parameters={"tactic": float(deed.tactic)},
            done=part.done,
        )
        for part in deed.parts.values()
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
