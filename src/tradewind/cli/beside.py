"""What runs beside `tradewind serve`: the one who follows the registry, and the connectors."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.core import TradewindError, UsageError
from tradewind.core.files import read_json
from tradewind.core.plain import finite

if TYPE_CHECKING:
    from tradewind.cli.serving import Ask

logger = logging.getLogger("tradewind.serving")

FOLLOW = "follow.json"
"""In the state folder: the ledger that tells of new decisions about what is served."""


PATIENCE = 300.0
"""Seconds that a signed decision may take: the files of the model are hashed before it."""


@dataclass(kw_only=True)
class Following:
    """Exports and deploys in a process of its own, at first and whenever the registry decided something new.

    ``command`` : empty where the deployment is somebody else's. ``state`` : folder where the deployer says which file
    changes with every decision; None: nothing is followed.
    """

    command: Sequence[str] = ()
    state: Path | None = None
    ledger: Path | None = None
    every: float = 2.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _seen: tuple[int, int] | None = None

    @classmethod
    def of(cls, ask: Ask) -> Following:
        """Return what ``ask`` needs followed."""
        if ask.model is None:
            return cls(command=_seeding(ask))
        return cls(command=_deploying(ask), state=ask.state)

    def prepare(self) -> None:
        """Deploy, and put the history into the log; UsageError with what the process said where it fails."""
        if self.command:
            done = subprocess.run(self.command, check=False)
            if done.returncode:
                raise UsageError("nothing was deployed, see the line above", fix="mend it and serve again")
        if self.state is not None:
            self.ledger = _ledger(self.state)
            self._seen = self._stamp()

    def start(self) -> None:
        """Begin to look at the ledger."""
        if self.ledger is not None:
            self._thread = threading.Thread(target=self._run, name="follow the registry", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self.every):
            stamp = self._stamp()
            if stamp == self._seen:
                continue
            self._seen = stamp
            logger.info("the registry decided something: deploying anew")
            done = subprocess.run(self.command, check=False, capture_output=True, text=True)
            if done.returncode:
                logger.error("what the registry decided cannot be deployed: %s", done.stderr.strip()[-2000:])

    def _stamp(self) -> tuple[int, int] | None:
        if self.ledger is None:
            return None
        try:
            stat = self.ledger.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size


def _deploying(ask: Ask) -> list[str]:
    command = [*_deployer(ask), "--model", str(ask.model)]
    for role, text in ask.others.items():
        command += ["--other", f"{role}={text}"]
    if ask.student is not None:
        command += ["--student", str(ask.student)]
    if ask.registry is not None:
        command += ["--registry", ask.registry]
    return command


def _seeding(ask: Ask) -> list[str]:
    return _deployer(ask) if ask.prices is not None else []


def _deployer(ask: Ask) -> list[str]:
    command = [sys.executable, "-m", "tradewind.cli.deployer", "--out", str(ask.deployment_file)]
    command += ["--log", ask.log_place, "--state", str(ask.state)]
    for flag, value in (
        ("--prices", ask.prices),
        ("--news", ask.news),
        ("--universe", ask.universe),
        ("--fear", ask.fear),
    ):
        if value is not None:
            command += [flag, str(value)]
    return command


def _ledger(state: Path) -> Path | None:
    """Return the ledger that the deployer named, None for a plain folder."""
    path = state / FOLLOW
    if not path.exists():
        return None
    ledger = read_json(path, what="what `tradewind serve` wrote there").get("ledger")
    return None if ledger is None else Path(str(ledger))


@dataclass(frozen=True)
class Promoting:
    """Takes the decision to make a version champion, signed by ``person``, in a process that may read the registry."""

    person: str
    registry: str | None = None
    audit: str | None = None

    def __call__(self, action: str, model: str, evidence: Mapping[str, Any]) -> bool:
        """Return whether it was decided; the log says why it was not."""
        if action != "promote":
            return False
        facts = json.dumps(finite(dict(evidence)), allow_nan=False)
        command = [sys.executable, "-m", "tradewind.cli.promoter", "--model", model, "--as", self.person]
        command += ["--evidence", facts]
        for flag, value in (("--registry", self.registry), ("--audit", self.audit)):
            if value is not None:
                command += [flag, value]
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            logger.error("%s cannot be promoted now: %s", model, error)
            return False
        if done.returncode:
            logger.error("%s is not promoted: %s", model, done.stderr.strip()[-2000:])
        return done.returncode == 0


class Connecting:
    """Runs connectors in a loop and a thread of their own."""

    def __init__(self, file: Path | None, log_place: str) -> None:
        self._connectors: list[Any] = []
        self._place = log_place
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        if file is not None:
            from tradewind.streaming.connectors import load_connectors

            self._connectors = list(load_connectors(file))

    def start(self) -> None:
        """Begin."""
        if self._connectors:
            self._thread = threading.Thread(target=self._run, name="connectors", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End them, what they hold written."""
        if self._thread is not None and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(30.0)

    def snapshots(self) -> Iterable[Mapping[str, Any]]:
        """Return the status of each."""
        return [connector.status.snapshot() for connector in self._connectors]

    def _run(self) -> None:
        from tradewind.streaming.connectors import run_connectors
        from tradewind.streaming.log import open_log

        async def main() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            with open_log(self._place) as log:
                await run_connectors(self._connectors, log, self._stop)

        try:
            asyncio.run(main())
        except TradewindError as error:
            logger.error("the connectors ended: %s", error)
