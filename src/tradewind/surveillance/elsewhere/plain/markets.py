"""Plain markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.surveillance.elsewhere.plain.deeds import Deed
from tradewind.surveillance.elsewhere.plain.venue import SECOND, PlainSettings, PlainVenue
from tradewind.surveillance.elsewhere.told import as_told, column, table_of
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

OPEN = 1_741_617_000 * SECOND
"""2025-03-10 14:30 UTC."""

CENT = 100
"""Price units of a cent."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PlainMarket:
    """Events and truth of a plain market; ``attempts`` were cut off by the close."""

    events: EventTable
    truth: tuple[Planted, ...]
    attempts: tuple[Planted, ...]
    sessions: Sessions


def plain_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> PlainMarket:
    """Draw and run a plain market of half an hour to two hours; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start. A trade is told by the resting order, by the arriving
    one, or by both, as drawn.
    """
    rng = np.random.default_rng([seed, 78])
    settings = PlainSettings(
        minutes=float(rng.uniform(30, 120)),
        rate=float(np.exp(rng.uniform(np.log(4), np.log(25)))),
        symbols=int(rng.integers(1, 6)),
        traders=int(np.exp(rng.uniform(np.log(20), np.log(600)))),
        volatility=float(rng.uniform(0.5, 2.0)),
        flickers=0.0
        if seed % 3 == 0
        else float(np.exp(np.random.default_rng([seed, 79]).uniform(np.log(20), np.log(600)))),
    )
    style = str(rng.choice(["resting", "arriving", "both"]))
    venue = PlainVenue(settings, seed)
    deeds: list[Deed] = []
    shift = int(rng.integers(len(schemes)))
    for number in range(episodes):
        symbol = int(rng.integers(settings.symbols))
        deed = Deed(schemes[(number + shift) % len(schemes)], venue, symbol, number)
        deeds.append(deed)
        venue.start(float(rng.uniform(0.1, 0.6)) * settings.minutes * 60, deed.play())
    venue.run()
    rows = as_told(venue.rows, style)
    done = tuple(_planted(deed, deed.end, done=True) for deed in deeds if deed.end)
    cut = tuple(_planted(deed, venue.now, done=False) for deed in deeds if deed.begin and not deed.end)
    closes = np.array([OPEN + venue.length], dtype=np.int64)
    opens = np.array([OPEN], dtype=np.int64)
    return PlainMarket(
        events=table_of(
            rows,
            time=OPEN + column(rows, "time"),
            price=CENT * column(rows, "price"),
            symbols=[_name(i) for i in range(settings.symbols)],
        ),
        truth=done,
        attempts=cut,
        sessions=Sessions(opens, closes),
    )


def _planted(deed: Deed, end: int, *, done: bool) -> Planted:
    return Planted(
        scheme=deed.scheme,
        symbol=_name(deed.symbol),
        accounts=tuple(dict.fromkeys(deed.accounts)),
        start=OPEN + deed.begin,
        end=OPEN + end,
        done=done,
    )


def _name(symbol: int) -> str:
    return f"P{symbol:02d}"
