"""Run a venue: background traders in the kernel, scripts in between, events out."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.events.table import EventTable, Names
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue.build import Parts, build
from tradewind.surveillance.venue.clockwork import FILLED, FULL, run
from tradewind.surveillance.venue.desk import OrderBooks, VenueDesk
from tradewind.surveillance.venue.sampling import sample_settings
from tradewind.surveillance.venue.script import Script
from tradewind.surveillance.venue.settings import VenueSettings
from tradewind.surveillance.venue.world import NEVER, PACE


def _table(like: EventTable, columns: dict[str, Any]) -> EventTable:
    """Return a table of other columns under the same names."""
    return replace(like, **columns)


@dataclass(frozen=True, kw_only=True, eq=False)
class Market:
    """A simulated market: its events, what was planted in it, and how it was made.

    ``attempts`` are deeds that were begun and not carried through.
    """

    events: EventTable
    truth: tuple[Planted, ...]
    settings: VenueSettings
    sessions: Sessions
    attempts: tuple[Planted, ...] = ()


def _rehearse(settings: VenueSettings) -> float:
    """Return the pace the traders would find in the first eighth of the first session, so that it starts at it."""
    parts = build(settings)
    opens, closes = settings.sessions[0]
    while run(parts.book, parts.world, parts.agents, opens + (closes - opens) // 8, False) == FULL:
        parts.book.meta[e.N_OUT] = 0
    return float(parts.world.pulse[PACE])


class Venue:
    """A market while it runs. Scripts that want to be woken at the same time are woken in the order given."""

    def __init__(self, settings: VenueSettings, scripts: Sequence[Script] = ()) -> None:
        self.settings = settings
        self.scripts = tuple(scripts)
        extra = tuple(name for script in self.scripts for name in script.accounts)
        self.parts: Parts = build(settings, extra)
        self.parts.world.pulse[PACE] = _rehearse(settings)
        self.symbols = Names(tuple(s.name for s in settings.symbols))
        self.accounts = Names(self.parts.names)
        self._books = OrderBooks()
        self._desks = [VenueDesk(self.parts, settings, self._books, tuple(s.accounts)) for s in self.scripts]
        self._due: list[tuple[int, int]] = []
        self._rows = 0

    def _take(self) -> EventTable:
        """Take the rows written so far away."""
        book = self.parts.book
        n = int(book.meta[e.N_OUT])
        rows: IntArray = book.out[:n].copy()
        book.meta[e.N_OUT] = 0
        first = self._rows
        self._rows += n
        cut = self.settings.resolution
        return EventTable(
            time=rows[:, e.O_TIME] // cut * cut,
            symbol=rows[:, e.O_SYMBOL].astype(np.int32),
            seq=np.arange(first + 1, first + n + 1, dtype=np.int64),
            kind=rows[:, e.O_KIND].astype(np.int8),
            order=rows[:, e.O_ORDER].copy(),
            account=rows[:, e.O_ACCOUNT].astype(np.int32),
            side=rows[:, e.O_SIDE].astype(np.int8),
            price=rows[:, e.O_PRICE].copy(),
            size=rows[:, e.O_SIZE].copy(),
            symbols=self.symbols,
            accounts=self.accounts,
        )

    def _wake(self, number: int, now: int) -> None:
        desk, script = self._desks[number], self.scripts[number]
        clock = self.parts.book.meta
        clock[e.CLOCK] = max(int(clock[e.CLOCK]), now)
        desk.now = max(int(clock[e.CLOCK]), now)
        after = script.wake(desk.now, desk)
        self._due = [item for item in self._due if item[1] != number]
        heapq.heapify(self._due)
        if after is not None:
            heapq.heappush(self._due, (max(after, desk.now + 1), number))

    def _serve_fills(self) -> None:
        """Wake the scripts that asked to be woken when a resting order of theirs is executed."""
        self._books.collect(self.parts.book)
        touched, self._books.touched = self._books.touched, set()
        for number, desk in enumerate(self._desks):
            if desk in touched and self.scripts[number].wake_on_fill:
                self._wake(number, int(self.parts.book.meta[e.CLOCK]))

    def run(self) -> Iterator[EventTable]:
        """Run to the end of the last session; yield the events in chunks of bounded size."""
        for number, (script, desk) in enumerate(zip(self.scripts, self._desks, strict=True)):
            first = script.start(desk)
            if first is not None:
                heapq.heappush(self._due, (max(first, desk.now + 1), number))
        parts = self.parts
        eager = any(script.wake_on_fill for script in self.scripts)
        room = len(parts.book.out) // 3
        end = self.settings.sessions[-1][1]
        while True:
            until = min(self._due[0][0], end) if self._due else NEVER
            why = run(parts.book, parts.world, parts.agents, until, eager)
            if why == FILLED:
                self._serve_fills()
            elif why != FULL:
                if until >= NEVER:
                    break
                if until >= end:
                    self._due = []
                    continue
                self._wake(heapq.heappop(self._due)[1], until)
                if self._books.touched:
                    self._serve_fills()
            if why == FULL or int(parts.book.meta[e.N_OUT]) > room:
                yield self._take()
        yield self._take()

    def truth(self) -> tuple[Planted, ...]:
        """Return what the scripts did, by start."""
        return self._deeds(done=True)

    def attempts(self) -> tuple[Planted, ...]:
        """Return what the scripts began and did not carry through, by start."""
        return self._deeds(done=False)

    def _deeds(self, *, done: bool) -> tuple[Planted, ...]:
        found = [deed for script in self.scripts for deed in script.truth() if deed.done is done]
        return tuple(sorted(found, key=lambda deed: (deed.start, deed.symbol, deed.scheme)))


def iter_venue(settings: VenueSettings, *, scripts: Sequence[Script] = ()) -> Iterator[EventTable]:
    """Simulate a market and yield its events in chunks; memory does not grow with their number."""
    yield from Venue(settings, scripts).run()


def simulate_calm(seed: int, events: int = 1_000_000) -> Iterator[EventTable]:
    """Simulate a market without any scheme, for false alarms; yields events in chunks of bounded size."""
    yield from iter_venue(sample_settings(seed, events=events))


def simulate_venue(settings: VenueSettings, *, scripts: Sequence[Script] = ()) -> Market:
    """Simulate a market with scripts of schemes planted in it. The same settings and scripts give the same market."""
    venue = Venue(settings, scripts)
    chunks = list(venue.run())
    joined = {name: np.concatenate([chunk.columns()[name] for chunk in chunks]) for name in chunks[0].columns()}
    calendar = venue.parts.world.calendar
    sessions = Sessions(calendar[:, 0].copy(), calendar[:, 1].copy())
    return Market(
        events=_table(chunks[0], joined),
        truth=venue.truth(),
        settings=settings,
        sessions=sessions,
        attempts=venue.attempts(),
    )
