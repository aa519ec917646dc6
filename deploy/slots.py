"""A folder of its own for each server on a machine: a slot that is free is taken, with what its last holder left."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout


class Slot:
    """The lowest free slot of ``state``, held until the process ends or :meth:`free` is called.

    A server that was killed frees its slot; the next one takes it and hands over the audit lines that lie there.
    """

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True)
        for number in count():
            self._lock = FileLock(state / f"slot-{number}.lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                continue
            self.folder = state / f"slot-{number}"
            self.folder.mkdir(exist_ok=True)
            return

    def free(self) -> None:
        """Let another server have it."""
        self._lock.release()
