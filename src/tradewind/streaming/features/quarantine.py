"""What the service could not take, with the reason: kept in short, counted, told to whoever asks to know."""

from __future__ import annotations

import json
import logging
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from tradewind.streaming.records import Record

logger = logging.getLogger(__name__)

Reason = Literal["invalid", "from_the_future", "unknown_symbol", "too_old", "too_many_items", "wrong_kind"]
RECENT = 200
MOST_BYTES = 16 * 1024 * 1024
"""The file is begun anew beyond this size, so that a feed gone mad cannot fill the disk; the one before is kept."""


class Quarantined(Struct, frozen=True, kw_only=True):
    """A record that was refused; ``topic``, ``partition`` and ``offset`` say where it lies in the log."""

    reason: Reason
    detail: str
    topic: str
    partition: int
    offset: int
    record: Record


class Quarantine:
    """Takes refused records; with a ``path`` each is a line of JSON in that file."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.recent: deque[Quarantined] = deque(maxlen=RECENT)
        self.listeners: list[Callable[[Quarantined], None]] = []
        self._faulty = False

    def put(self, one: Quarantined) -> None:
        """Take ``one``; a disk that is full costs the line, not the service."""
        first = self.counts[one.reason] == 0
        self.counts[one.reason] += 1
        self.recent.append(one)
        if first:
            logger.warning("first record refused as %s: %s", one.reason, one.detail)
        if self.path is not None:
            self._write(self.path, one)
        for listener in self.listeners:
            listener(one)

    def _write(self, path: Path, one: Quarantined) -> None:
        line = {"at": datetime.now(UTC).isoformat(), **msgspec.to_builtins(one)}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size > MOST_BYTES:
                path.replace(path.with_suffix(".1" + path.suffix))
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, default=str) + "\n")
            self._faulty = False
        except OSError as error:
            if not self._faulty:
                logger.error("%s: refused records are not written (%s)", path, error)
            self._faulty = True
