"""When checkpoints are written: beside the service's own work, one at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tradewind.core import OutputError
from tradewind.core.arrays import AnyArray
from tradewind.streaming.features.checkpoint import Checkpoint, Checkpoints

logger = logging.getLogger(__name__)

Written = tuple[dict[str, Any], Callable[[], dict[str, AnyArray]]]
"""What is written: JSON-ready values, and a function that gathers the arrays, called in the writing thread."""


class Durable:
    """Writes checkpoints to ``folder`` every ``every`` seconds in a thread of its own.

    A disk that is full costs checkpoints, not service: the last good one stays, and the next attempt is made in time.
    """

    def __init__(self, folder: Path, every: float) -> None:
        self.files = Checkpoints(folder)
        self.every = every
        self.failure: str | None = None
        self.last = 0.0
        self.written = 0
        self._dirty = False
        self._thread: threading.Thread | None = None

    def tick(self, now: float, changed: bool, capture: Callable[[], Written]) -> None:
        """Begin to write if it is time and something ``changed`` since the last."""
        self._dirty |= changed
        if self._dirty and now - self.last >= self.every and not self.busy:
            self.last, self._dirty = now, False
            meta, arrays = capture()
            self._thread = threading.Thread(target=self._write, args=(meta, arrays), name="checkpoint", daemon=True)
            self._thread.start()

    def write_now(self, now: float, capture: Callable[[], Written]) -> None:
        """Write, and return when it is durable.

        Raises
        ------
        OutputError : it cannot be written.
        """
        self.wait()
        self.last, self._dirty = now, False
        meta, arrays = capture()
        self._write(meta, arrays)
        if self.failure is not None:
            raise OutputError(
                f"the checkpoint cannot be written ({self.failure})",
                file=self.files.folder,
                fix="make room there; the service goes on from the checkpoint before",
            )

    def read(self) -> Checkpoint | None:
        """Return the newest whole checkpoint."""
        return self.files.read()

    def wait(self) -> None:
        """Return when none is being written."""
        if self._thread is not None:
            self._thread.join()

    @property
    def busy(self) -> bool:
        """Whether one is being written."""
        return self._thread is not None and self._thread.is_alive()

    def status(self, now: float) -> dict[str, Any]:
        """Return the age of the last one in seconds, how many were written, what failed."""
        return {"age": now - self.last, "written": self.written, "failure": self.failure}

    def _write(self, meta: dict[str, Any], arrays: Callable[[], dict[str, AnyArray]]) -> None:
        try:
            self.files.write(meta, arrays())
        except (OutputError, OSError) as error:
            self.failure, self._dirty = str(error), True  # tried again when it is time, also where nothing comes
            logger.error("no checkpoint: %s", error)
            return
        self.failure = None
        self.written += 1
