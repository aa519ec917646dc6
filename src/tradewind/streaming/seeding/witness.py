"""One message by which a log is known again: a marker of another log, or of one that was emptied, must not count."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

from tradewind.streaming.log import EventLog, Message

TOPICS = ("bars", "news")
REACH = 1000
"""Messages before the end among which a readable one is looked for."""
PATIENCE = 10.0


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A message of ``topic``: where it lies, and when the log took it (microseconds UTC)."""

    topic: str
    partition: int
    offset: int
    key: str
    written_at: int

    @classmethod
    def of(cls, log: EventLog) -> Witness | None:
        """Return the last readable message of the longest partition of ``log``; None where there is none."""
        ends = {place: end for topic in TOPICS for place, end in log.ends(topic).items()}
        if not ends or not max(ends.values()):
            return None
        place = max(ends, key=lambda one: ends[one])
        found = _read(log, place, max(0, ends[place] - REACH), REACH)
        return _witness(found[-1]) if found else None

    def stands(self, log: EventLog) -> bool:
        """Whether the message still lies where it lay."""
        place = (self.topic, self.partition)
        if log.ends(self.topic).get(place, 0) <= self.offset:
            return False
        found = _read(log, place, self.offset, 1)
        return bool(found) and _witness(found[0]) == self


def _witness(message: Message) -> Witness:
    return Witness(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        written_at=message.written_at,
    )


def _read(log: EventLog, place: tuple[str, int], offset: int, limit: int) -> list[Message]:
    """Return up to ``limit`` messages of the partition ``place`` from ``offset`` on."""
    topic, partition = place
    ends = log.ends(topic)
    found: list[Message] = []
    with closing(log.consumer([topic], group=None)) as consumer:
        consumer.seek({**ends, place: offset})
        until = time.monotonic() + PATIENCE
        while len(found) < limit and consumer.positions().get(place, offset) < ends[place] and time.monotonic() < until:
            found += [one for one in consumer.poll(limit, 0.1) if one.partition == partition]
    return found[:limit]
