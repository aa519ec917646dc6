"""Lively markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.surveillance.elsewhere.lively.deeds import PLAYS, Deed
from tradewind.surveillance.elsewhere.lively.flow import Crowd
from tradewind.surveillance.elsewhere.lively.honest import start_honest
from tradewind.surveillance.elsewhere.lively.makers import evening, start_makers, values
from tradewind.surveillance.elsewhere.lively.settings import LivelySettings, draw_settings
from tradewind.surveillance.elsewhere.lively.venue import SECOND, LivelyVenue
from tradewind.surveillance.elsewhere.market import OpenTime, ToldMarket, told_market
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

OPEN = 1_741_617_000 * SECOND
"""2025-03-10 14:30 UTC."""


def lively_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> ToldMarket:
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
    time = OpenTime(
        first=OPEN, sessions=settings.sessions, session=int(settings.seconds * SECOND), clock=settings.clock
    )
    return told_market(
        venue.rows,
        settings.told,
        time,
        (planted for deed in deeds for planted in _planted(deed, settings, time)),
        symbols=[nature.name for nature in settings.natures],
        ticks=[nature.tick for nature in settings.natures],
    )


def _planted(deed: Deed, settings: LivelySettings, time: OpenTime) -> list[Planted]:
    return [
        Planted(
            scheme=deed.scheme,
            symbol=settings.natures[symbol].name,
            accounts=tuple(name for name, _ in deed.acts.most_common()),
            start=time.told_one(first),
            end=time.told_one(last),
            done=symbol in deed.done,
        )
        for symbol, (first, last) in deed.spans.items()
    ]
