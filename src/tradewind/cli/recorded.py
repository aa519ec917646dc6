"""What an experiment did, a line each, on its way to the audit log: written by the server, drained by the auditor."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from tradewind.core.plain import finite
from tradewind.governance.audit import AuditLog
from tradewind.serving.rollout.standing import RECORDS, read_records, records_from

__all__ = ["KIND", "RECORDS", "RecordDrain", "Records", "read_records"]

logger = logging.getLogger("tradewind.serving")

KIND = "rollout"
"""Of the entries in the audit log."""
LOOK_BACK = 100_000


class Records:
    """Appends what an experiment did to ``path``, durably; what a full disk refused is written with the next line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: list[bytes] = []
        self._lock = threading.Lock()

    def __call__(self, what: str, facts: Mapping[str, Any]) -> None:
        """Write a line: a rollback must not fail because it cannot be written down."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps(finite({"id": uuid4().hex, "at": at, "kind": what, **facts}), allow_nan=False)
        with self._lock:
            self._waiting.append(line.encode() + b"\n")
            try:
                self._write(b"".join(self._waiting))
            except OSError as error:
                logger.error("%s: what the experiment did cannot be written yet (%s)", self.path, error.strerror)
                return
            self._waiting.clear()

    def _write(self, data: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            start = file.tell()
            try:
                if start and not _whole(self.path, start):
                    data = b"\n" + data  # a power cut left half a line
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self.path, start)
                raise


def _whole(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"


class RecordDrain:
    """Takes the lines of ``path`` into ``log`` as entries of kind ``rollout``, each once."""

    def __init__(self, path: Path, log: AuditLog) -> None:
        self._path, self._log, self._at = path, log, 0
        self._held = {str(entry.body.get("id")) for entry in log.query(kind=KIND, newest=True, limit=LOOK_BACK)}

    def step(self) -> int:
        """Take in what was written since, and return how many lines."""
        found, at = records_from(self._path, self._at)
        fresh = [one for one in found if one["id"] not in self._held]
        if fresh:
            self._log.append_many((KIND, one) for one in fresh)
            self._held.update(str(one["id"]) for one in fresh)
        self._at = at
        return len(fresh)

    def run(self, wait: Callable[[float], bool], every: float = 0.5) -> None:
        """Step until ``wait`` says that it ends, and once more."""
        while not wait(every):
            self.step()
        self.step()
