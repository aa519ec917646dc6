"""A simulated market as it is handed on, and the time of day of its open time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.elsewhere.told import Row, as_told, column, table_of
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

DAY = 86_400_000_000_000
"""Nanoseconds from one open to the next."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ToldMarket:
    """Events and truth of a market; ``attempts`` were begun and not carried through."""

    events: EventTable
    truth: tuple[Planted, ...]
    attempts: tuple[Planted, ...]
    sessions: Sessions


@dataclass(frozen=True, kw_only=True)
class OpenTime:
    """Nanoseconds of open time since the first open, in which a venue runs, and the times that it tells.

    Attributes
    ----------
    first : the first open, nanoseconds since 1970-01-01 UTC; the others follow day by day.
    sessions, session : how many there are, and how many nanoseconds each lasts.
    clock : resolution of the times told, nanoseconds.
    """

    first: int
    sessions: int
    session: int
    clock: int = 1

    def told(self, time: IntArray) -> IntArray:
        """Return (n,) the times of day, as exact as the venue tells them, of (n,) open times."""
        day = np.minimum(time // self.session, self.sessions - 1)
        at: IntArray = (self.first + day * DAY + (time - day * self.session)) // self.clock * self.clock
        return at

    def told_one(self, time: int) -> int:
        """Return the time of day of one open time."""
        return int(self.told(np.array([time], dtype=np.int64))[0])

    @property
    def hours(self) -> Sessions:
        """When the market is open."""
        opens = self.first + DAY * np.arange(self.sessions, dtype=np.int64)
        return Sessions(opens, opens + self.session)


def told_market(
    rows: Sequence[Row],
    style: str,
    time: OpenTime,
    planted: Iterable[Planted],
    *,
    symbols: Sequence[str],
    ticks: Sequence[int],
) -> ToldMarket:
    """Return what a venue wrote down in open time and ticks as a reader is told it.

    ``style`` as in :func:`as_told`; ``symbols``, ``ticks`` : name and tick of each symbol, ticks in units of the table.
    """
    told, deeds = as_told(rows, style), tuple(planted)
    return ToldMarket(
        events=table_of(
            told,
            time=time.told(column(told, "time")),
            price=np.array(ticks, dtype=np.int64)[column(told, "symbol")] * column(told, "price"),
            symbols=symbols,
        ),
        truth=tuple(deed for deed in deeds if deed.done),
        attempts=tuple(deed for deed in deeds if not deed.done),
        sessions=time.hours,
    )
