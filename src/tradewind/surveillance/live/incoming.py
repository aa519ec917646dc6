"""Orders of several partitions of the log as one sequence in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.streaming.log import Message
from tradewind.streaming.records import OrderEvent
from tradewind.surveillance.events import EventTable, Names, Problem, Problems, join_tables
from tradewind.surveillance.events.records import events_from_records

Place = tuple[str, int]
_BEFORE = np.iinfo(np.int64).min


@dataclass(frozen=True, kw_only=True, eq=False)
class Arrived:
    """Events with what the log knows of each: when it took them (microseconds UTC), partition and offset.

    ``read_at`` is when they were read, seconds of the reader's clock.
    """

    events: EventTable
    written_at: IntArray
    place: IntArray
    offset: IntArray
    read_at: AnyArray

    def __len__(self) -> int:
        return len(self.events)

    def take(self, rows: AnyArray | slice) -> Arrived:
        """Return the rows that an index array, a mask or a slice picks."""
        return Arrived(
            events=self.events.take(rows),
            written_at=self.written_at[rows],
            place=self.place[rows],
            offset=self.offset[rows],
            read_at=self.read_at[rows],
        )


class Incoming:
    """Holds events back until no earlier one can come from another partition, or ``patience`` has passed.

    The order is that of (time, sequence number, partition, offset), so that reading the log again gives the same
    sequence. An event that comes later than the patience allows is taken at the time reached by then, and counted as
    ``too_late``; one that repeats another in every column under one sequence number is dropped as ``duplicate``.

    Parameters
    ----------
    patience : seconds.
    clock : seconds that only grow.
    """

    def __init__(self, problems: Problems, patience: float, clock: Callable[[], float]) -> None:
        self.symbols, self.accounts = Names(), Names()
        self._problems, self._patience, self._clock = problems, patience, clock
        self._held: Arrived | None = None
        self._last: dict[Place, int] = {}
        self._reached = _BEFORE
        self._before: tuple[Any, ...] = ()

    def __len__(self) -> int:
        """Return how many events are held back."""
        return 0 if self._held is None else len(self._held)

    def add(self, messages: Sequence[Message]) -> None:
        """Take messages in, in the order of each partition."""
        orders = [m for m in messages if isinstance(m.record, OrderEvent)]
        if not orders:
            return
        events = events_from_records([m.record for m in orders if isinstance(m.record, OrderEvent)], *self._names())
        place = np.array([m.partition for m in orders], dtype=np.int64)
        topic = orders[0].topic
        for part in np.unique(place).tolist():
            key = topic, part
            self._last[key] = max(self._last.get(key, _BEFORE), int(events.time[place == part].max()))
        new = Arrived(
            events=events,
            written_at=np.array([m.written_at for m in orders], dtype=np.int64),
            place=place,
            offset=np.array([m.offset for m in orders], dtype=np.int64),
            read_at=np.full(len(orders), self._clock()),
        )
        self._held = new if self._held is None else _joined(self._held, new)

    def safe(self, positions: Mapping[Place, int]) -> dict[Place, int]:
        """Return ``positions`` of the reader, set back to the first event that is still held of each partition."""
        held = self._held
        if held is None:
            return dict(positions)
        return {
            place: int(held.offset[held.place == place[1]].min(initial=stands)) for place, stands in positions.items()
        }

    def _names(self) -> tuple[Names, Names]:
        return self.symbols, self.accounts

    def ready(self, positions: Mapping[Place, int], ends: Mapping[Place, int]) -> Arrived | None:
        """Take out what can be told now, given where the reader stands and where the partitions end."""
        if self._held is None or not len(self._held):
            return None
        everywhere = min((self._last.get(place, _BEFORE) for place in ends), default=_BEFORE)
        behind = [self._last.get(p, _BEFORE) for p, end in ends.items() if positions.get(p, 0) < end]
        bound = min(behind, default=np.iinfo(np.int64).max)
        held = self._held
        old = held.read_at <= self._clock() - self._patience
        # all that lies before an event that waited long enough goes with it
        waited = int(held.events.time[old].max()) if old.any() else _BEFORE
        limit = max(everywhere, min(waited, bound))
        return self._release(held.events.time <= limit)

    def rest(self) -> Arrived | None:
        """Take out all that is held back."""
        return None if self._held is None else self._release(np.ones(len(self._held), dtype=bool))

    def _release(self, chosen: AnyArray) -> Arrived | None:
        held = self._held
        if held is None or not chosen.any():
            return None
        out = held if chosen.all() else held.take(chosen)
        self._held = None if chosen.all() else held.take(~chosen)
        late = out.events.time < self._reached
        if late.any():
            text = "an event came after later ones were judged; it counts at the time reached by then"
            self._problems.add(Problem(code="too_late", message=text, count=int(late.sum())))
            out = replace(out, events=replace(out.events, time=np.maximum(out.events.time, self._reached)))
        out = out.take(np.lexsort((out.place, out.events.seq, out.events.time)))
        out = self._without_repeats(out)
        if len(out):
            self._reached = int(out.events.time[-1])
        return out if len(out) else None

    def _without_repeats(self, out: Arrived) -> Arrived:
        """Drop events that repeat the one before them in every column, where they carry a sequence number."""
        columns = [column for name, column in sorted(out.events.columns().items())]
        same = np.ones(len(out), dtype=bool)
        for column in columns:
            same[1:] &= column[1:] == column[:-1]
        same[0] = tuple(column[0].item() for column in columns) == self._before
        same &= out.events.seq > 0
        self._before = tuple(column[-1].item() for column in columns)
        if same.any():
            text = "an event came twice under its sequence number; once was dropped"
            self._problems.add(Problem(code="duplicate", message=text, count=int(same.sum())))
            return out.take(~same)
        return out


def _joined(first: Arrived, second: Arrived) -> Arrived:
    return Arrived(
        events=join_tables([first.events, second.events]),
        written_at=np.concatenate([first.written_at, second.written_at]),
        place=np.concatenate([first.place, second.place]),
        offset=np.concatenate([first.offset, second.offset]),
        read_at=np.concatenate([first.read_at, second.read_at]),
    )
