"""Sequence numbers: what was delivered, what is missing, what comes twice."""

from __future__ import annotations

import json

from tradewind.core import Event, Severity
from tradewind.streaming.connectors.delivery import Delivery
from tradewind.streaming.connectors.store import Store

_MARK = "sequence:"
_MOST_MISSING = 100_000
"""Numbers held as missing; a jump by more is taken for a counter that began anew."""
_LATE = 100
"""A 0 or 1 so far behind is the beginning of a new count and not a late message."""


class Sequences:
    """The counters of one connector, by stream, as the store last saved them and what came since."""

    def __init__(self, store: Store, delivery: Delivery, name: str) -> None:
        self._delivery, self._name = delivery, name
        self._last: dict[str, int] = {}
        self._missing: dict[str, set[int]] = {}
        for key, text in store.marks(_MARK).items():
            stream = key.removeprefix(_MARK)
            self._last[stream], holes = json.loads(text)
            self._missing[stream] = {number for first, last in holes for number in range(first, last + 1)}
        self._changed: set[str] = set()

    @property
    def last(self) -> int | None:
        """The greatest number of any stream, None before the first."""
        return max(self._last.values(), default=None)

    def take(self, stream: str, number: int) -> bool:
        """Note ``number`` and return whether numbers before it are missing.

        A number that came before says little of its item, for servers begin to count anew, each day or when they are
        started; whether the item is a repeated one the store knows.
        """
        last = self._last.get(stream)
        missing = self._missing.setdefault(stream, set())
        self._changed.add(stream)
        anew = last is not None and number <= 1 and last - number > _LATE
        if last is None or anew or abs(number - last) > _MOST_MISSING:
            if last is not None:
                self._restarted(stream, last, number)
            missing.clear()
            self._last[stream] = number
            return False
        if number <= last:
            missing.discard(number)
            return False
        holes = range(last + 1, number)
        missing.update(holes)
        self._last[stream] = number
        return bool(holes)

    def gaps(self) -> list[tuple[str, int, int]]:
        """Return (stream, first, last) of what is missing, neighbours joined."""
        found: list[tuple[str, int, int]] = []
        for stream, missing in self._missing.items():
            for number in sorted(missing):
                if found and found[-1][0] == stream and found[-1][2] == number - 1:
                    found[-1] = (stream, found[-1][1], number)
                else:
                    found.append((stream, number, number))
        return found

    def give_up(self, stream: str, first: int, last: int) -> int:
        """No longer wait for the numbers from ``first`` to ``last``; return how many had not come."""
        left = {number for number in self._missing.get(stream, set()) if first <= number <= last}
        self._missing[stream] -= left
        self._changed.add(stream)
        return len(left)

    def marks(self) -> dict[str, str | None]:
        """Return what to save, and forget that it changed."""
        holes: dict[str, list[tuple[int, int]]] = {}
        for stream, first, last in self.gaps():
            holes.setdefault(stream, []).append((first, last))
        marks: dict[str, str | None] = {
            f"{_MARK}{stream}": json.dumps([self._last[stream], holes.get(stream, [])]) for stream in self._changed
        }
        self._changed.clear()
        return marks

    def tell(self, stream: str, first: int, last: int, left: int, problem: str | None) -> None:
        """Raise the event of a gap that stays."""
        why = f"; the backfill failed: {problem}" if problem else ""
        self._raise(
            "sequence_gap",
            Severity.ERROR,
            f"{left} of the messages {first} to {last} never came{why}",
            stream,
            first=first,
            last=last,
            missing=left,
        )

    def _restarted(self, stream: str, last: int, number: int) -> None:
        message = f"the counter went from {last} to {number}; it is taken to have begun anew"
        self._raise("sequence_restart", Severity.WARNING, message, stream, last=last, number=number)

    def _raise(self, kind: str, severity: Severity, message: str, stream: str, **evidence: int) -> None:
        self._delivery.raise_event(
            Event(
                kind=kind,
                severity=severity,
                message=message,
                symbol=stream or None,
                evidence={"connector": self._name, **evidence},
            )
        )
