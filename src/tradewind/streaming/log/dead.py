"""Putting aside what could not be read, and reading it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tradewind.streaming.log.protocol import EventLog
from tradewind.streaming.log.replay import replay
from tradewind.streaming.schema import SCHEMAS, DeadLetter


def cut(letter: DeadLetter, record_bytes: int) -> DeadLetter:
    """Return ``letter``, cut to what a log takes: a message near the limit would be beyond it as base64."""
    if len(SCHEMAS.encode(letter)[2]) <= record_bytes:
        return letter
    schema = {name: text[:100] for name, text in letter.headers.items() if name == "schema"}
    slim = msgspec.structs.replace(letter, value=b"", reason=letter.reason[:200], key=letter.key[:100], headers=schema)
    room = record_bytes - len(SCHEMAS.encode(slim)[2])
    return msgspec.structs.replace(slim, value=letter.value[: max(room, 0) // 4 * 3])


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
