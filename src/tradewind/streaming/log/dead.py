"""Reading what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from tradewind.streaming.log.protocol import EventLog
from tradewind.streaming.log.replay import replay
from tradewind.streaming.schema import DeadLetter


def dead_letters(log: EventLog, topic: str) -> Iterator[DeadLetter]:
    """Yield the dead letters of ``topic``, each place in the log once however many groups met it."""
    seen = set()
    for message in replay(log, [f"{topic}.dead"]):
        letter = message.record
        if isinstance(letter, DeadLetter):
            place = letter.partition, letter.offset
            if place not in seen:
                seen.add(place)
                yield letter
