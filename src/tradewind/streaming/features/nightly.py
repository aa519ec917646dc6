"""A job of the night: once for each, whatever restarts and however many processes."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from tradewind.core import InputError, TradewindError, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.files import read_json, write_json_file
from tradewind.streaming.features.parity import ParityReport

logger = logging.getLogger(__name__)

Job = Callable[[date], ParityReport]
"""What is done for the night that begins on a date."""
CHECK_SECONDS = 30.0


class Nightly:
    """Runs ``job`` once for each night, from ``at`` (``HH:MM`` UTC) on.

    A night that was finished is written to ``state.json`` in ``folder`` and never runs again; one that was interrupted
    runs again, and two processes with one folder do not run side by side. After days without the process only the
    newest night that is due runs. Reports are ``parity-<date>.json`` and ``.html`` in ``folder``.

    Raises
    ------
    UsageError : ``at`` is no time of day.
    """

    def __init__(self, folder: str | Path, job: Job, *, at: str = "22:30", clock: Clock | None = None) -> None:
        self.folder, self.job, self.clock = Path(folder), job, clock or SystemClock()
        try:
            self.at = time_of_day.fromisoformat(at)
        except ValueError as error:
            raise UsageError(f"{at!r} is no time of day ({error})", fix="give HH:MM, UTC") from error
        if self.at.tzinfo is not None:
            raise UsageError(f"{at!r} names a time zone", fix="give HH:MM, UTC")

    def due(self) -> date | None:
        """Return the night that has to run now; None where it is done or has not come."""
        now = self.clock.now().astimezone(UTC)
        night = now.date() if now.time() >= self.at else now.date() - timedelta(days=1)
        done = self.last()
        return night if done is None or night > done else None

    def last(self) -> date | None:
        """Return the newest night that is done.

        Raises
        ------
        InputError : the state file is damaged; it is not guessed.
        """
        path = self.folder / "state.json"
        if not path.exists():
            return None
        held = read_json(path, what="the state of the nightly report, or remove it to let the last night run again")
        try:
            return date.fromisoformat(str(held["last_night"]))
        except (KeyError, ValueError) as error:
            raise InputError("names no last night", file=path, fix="remove it; the last night runs again") from error

    def tick(self) -> ParityReport | None:
        """Run the job if its night is due and nobody runs it; return its report."""
        if self.due() is None:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone() as alone:
            night = self.due() if alone else None  # another process may have done it meanwhile
            if night is None:
                return None
            report = self.job(night)
            report.write(self.folder, f"parity-{night.isoformat()}")
            self._finished(night, report)
        if report.verdict == "differs":
            logger.error("online features differ from offline ones: see %s", self.folder / f"parity-{night}.html")
        return report

    def run(self, stop: threading.Event) -> None:
        """Look every half minute until ``stop`` is set; a job that fails is tried again."""
        while not stop.wait(CHECK_SECONDS):
            try:
                self.tick()
            except (TradewindError, OSError) as error:
                logger.error("the nightly parity report failed, trying again: %s", error)

    def _finished(self, night: date, report: ParityReport) -> None:
        state: dict[str, Any] = {
            "last_night": night.isoformat(),
            "verdict": report.verdict,
            "finished_at": datetime.now(UTC).isoformat(),
        }
        write_json_file(self.folder / "state.json", state)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Hold the lock of the folder; False where another process does. It is let go with the process."""
        with (self.folder / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
