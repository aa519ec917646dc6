"""What `tradewind serve --parity-at` does each night: features beside batch ones, in a process of their own."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tradewind.cli.compared import DIFFERS, PARITY, nightly
from tradewind.core import TradewindError

logger = logging.getLogger("tradewind.serving")

EVERY = 30.0
"""Seconds between looks at whether a night is due; also the pause after a night that failed."""


class Nights:
    """Compares the features of the server of ``state`` once for each night, from ``at`` (HH:MM UTC) on.

    ``ready`` : whether the server has caught up with its log; before that nothing is compared. A night that was
    finished is not done again, whatever restarts; one that was interrupted or failed is.

    Raises
    ------
    UsageError : ``at`` is no time of day.
    """

    def __init__(self, state: Path, log: str, at: str, ready: Callable[[], bool], *, every: float = EVERY) -> None:
        self._job, self._ready, self._every = nightly(state, at, log), ready, every
        self._report = state / PARITY
        self._command = [sys.executable, "-m", "tradewind.cli.compared"]
        self._command += ["--state", str(state), "--log", log, "--at", at]
        self._stop = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="nightly parity", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; a comparison that runs is ended, and is done after the next start."""
        self._stop.set()
        with self._lock:
            if self._process is not None:
                self._process.terminate()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                if self._ready() and self._job.due() is not None:
                    self._night()
            except (TradewindError, OSError) as error:
                logger.error("the features cannot be compared tonight: %s", error)

    def _night(self) -> None:
        with self._lock:
            if self._stop.is_set():
                return
            self._process = subprocess.Popen(
                self._command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
        _, said = self._process.communicate()
        code, self._process = self._process.returncode, None
        if self._stop.is_set():
            return
        if code == DIFFERS and self._job.due() is None:
            event = {"kind": "parity_differs", "severity": "error", "report": str(self._report)}
            logger.error("online features differ from batch ones: see %s", self._report, extra={"event": event})
        elif code:
            logger.error("the features could not be compared, trying again: %s", said.strip()[-2000:])
        else:
            logger.info("online features were compared with batch ones: %s", self._report)
