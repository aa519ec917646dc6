"""Lively markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.elsewhere.lively.deeds import PLAYS, Deed
from tradewind.surveillance.elsewhere.lively.flow import Crowd
from tradewind.surveillance.elsewhere.lively.honest import start_honest
from tradewind.surveillance.elsewhere.lively.makers import evening, start_makers, values
from tradewind.surveillance.elsewhere.lively.settings import LivelySettings, draw_settings
from tradewind.surveillance.elsewhere.lively.venue import SECOND, LivelyVenue
from tradewind.surveillance.elsewhere.told import as_told, column, table_of
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

OPEN = 1_741_617_000 * SECOND
"""2025-03-10 14:30 UTC."""

DAY = 86_400 * SECOND


@dataclass(frozen=True, kw_only=True, eq=False)
class LivelyMarket:
    """Events and truth of a lively market; ``attempts`` were begun and not carried through."""

    events: EventTable
    truth: tuple[Planted, ...]
    attempts: tuple[Planted, ...]
    sessions: Sessions


def lively_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> LivelyMarket:
    """Draw and run a lively market; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start.
    """
    settings = draw_settings(seed)
    venue = LivelyVenue(settings, seed)
    rng = np.random.default_rng([seed, 93])
    crowd = Crowd(venue)
    venue.start(0.0, values(venue))
    start_makers(venue)
    venue.start(0.1, crowd.arrivals())
    if settings.day_orders:
        venue.start(0.0, evening(venue))
    start_honest(venue, crowd)
    deeds: list[Deed] = []
    shift = int(rng.integers(len(schemes)))
    for number in range(episodes):
        deed = Deed(schemes[(number + shift) % len(schemes)], venue, crowd, int(rng.integers(len(settings.natures))))
        deeds.append(deed)
        at = (int(rng.integers(settings.sessions)) + float(rng.uniform(0.05, 0.7))) * settings.seconds
        venue.start(at, PLAYS[deed.scheme](deed))
    venue.run()
    rows = as_told(venue.rows, settings.told)
    ticks = np.array([nature.tick for nature in settings.natures], dtype=np.int64)
    told = [planted for deed in deeds for planted in _planted(deed, settings)]
    return LivelyMarket(
        events=table_of(
            rows,
            time=_clock(column(rows, "time"), settings),
            price=ticks[column(rows, "symbol")] * column(rows, "price"),
            symbols=[nature.name for nature in settings.natures],
        ),
        truth=tuple(planted for planted in told if planted.done),
        attempts=tuple(planted for planted in told if not planted.done),
        sessions=Sessions(*_hours(settings)),
    )


def _planted(deed: Deed, settings: LivelySettings) -> list[Planted]:
    return [
        Planted(
            scheme=deed.scheme,
            symbol=settings.natures[symbol].name,
            accounts=tuple(name for name, _ in deed.acts.most_common()),
            start=int(_clock(np.array([first]), settings)[0]),
            end=int(_clock(np.array([last]), settings)[0]),
            done=symbol in deed.done,
        )
        for symbol, (first, last) in deed.spans.items()
    ]


def _hours(settings: LivelySettings) -> tuple[IntArray, IntArray]:
    opens = OPEN + DAY * np.arange(settings.sessions, dtype=np.int64)
    return opens, opens + int(settings.seconds * SECOND)


def _clock(time: IntArray, settings: LivelySettings) -> IntArray:
    """Return the time of day of open time, as exact as the venue tells it."""
    session = int(settings.seconds * SECOND)
    day = np.minimum(time // session, settings.sessions - 1)
    told: IntArray = (OPEN + day * DAY + (time - day * session)) // settings.clock * settings.clock
    return told
