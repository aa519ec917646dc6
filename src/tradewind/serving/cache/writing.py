"""Writing to the slower levels behind the back of whoever makes predictions: one thread, bounded, in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Condition, Thread

from tradewind.core import Event, OutputError, Severity
from tradewind.serving.cache.entry import Entry
from tradewind.serving.cache.settings import CacheSettings
from tradewind.serving.cache.shared import SharedLevel
from tradewind.serving.cache.store import PredictionStore

TICK = 0.1
"""Seconds between looks at a level that failed."""
TRIM = 600.0
"""Seconds between removals of what is older than the retention."""


@dataclass(frozen=True)
class _Withdrawal:
    symbols: tuple[str, ...]
    time: int
    generation: int


_Step = list[Entry] | _Withdrawal


class Writing:
    """Writes what it is given to Redis and the store, each where there is one."""

    def __init__(
        self,
        shared: SharedLevel | None,
        store: PredictionStore | None,
        settings: CacheSettings,
        emit: Callable[[Event], None],
    ) -> None:
        self._shared, self._store, self._settings, self._emit = shared, store, settings, emit
        self._new: deque[_Step] = deque()
        self._unstored: deque[_Step] = deque()
        self._waiting = 0
        self._turn = Condition()
        self._stopping = self._failing = self._busy = False
        self._trimmed = time.monotonic()
        self._handed = 0
        self.shared_settled = self.stored_settled = 0  # generation up to which a level has what was withdrawn
        self.stored = self.dropped = self.failures = 0
        self._thread = Thread(target=self._run, name="prediction-cache-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many predictions wait to be written."""
        return self._waiting

    def put(self, entries: list[Entry]) -> None:
        """Queue ``entries``; where too many wait, the oldest are dropped and counted: the log has them."""
        with self._turn:
            self._new.append(entries)
            self._waiting += len(entries)
            if self._waiting > self._settings.pending:
                self._shed()
            self._turn.notify_all()

    def withdraw(self, symbols: Sequence[str], time: int, generation: int) -> None:
        """Queue the withdrawal numbered ``generation``; it is never dropped."""
        with self._turn:
            self._new.append(_Withdrawal(tuple(symbols), time, generation))
            self._turn.notify_all()

    def _shed(self) -> None:
        for queue in (self._unstored, self._new):
            for place, step in enumerate(queue):
                if isinstance(step, list) and step:
                    queue[place] = []
                    self._waiting -= len(step)
                    self.dropped += len(step)
                    if self._waiting <= self._settings.pending:
                        return

    def flush(self, timeout: float = 30.0) -> bool:
        """Return whether all that was queued is written within ``timeout`` seconds."""
        with self._turn:
            return self._turn.wait_for(lambda: not (self._new or self._unstored or self._busy), timeout)

    def close(self, timeout: float = 30.0) -> bool:
        """Write what is queued and end; return whether all was written."""
        done = self.flush(timeout)
        with self._turn:
            self._stopping = True
            self._turn.notify_all()
        self._thread.join(timeout)
        return done

    def _run(self) -> None:
        while True:
            with self._turn:
                if not self._new:
                    self._turn.wait(TICK)
                if self._stopping:
                    return
                steps = self._joined(self._new)
                self._new.clear()
                self._busy = bool(steps or self._unstored)
            if self._shared is not None:
                self._share(self._shared, steps)
            with self._turn:
                self._unstored.extend(steps)
            self._keep()
            with self._turn:
                self._busy = False
                self._turn.notify_all()

    def _joined(self, steps: Sequence[_Step]) -> list[_Step]:
        """Return ``steps`` with neighbouring puts in one, up to the size of a batch."""
        found: list[_Step] = []
        for step in steps:
            last = found[-1] if found else None
            joins = isinstance(step, list) and isinstance(last, list)
            if joins and len(last) + len(step) <= self._settings.batch:  # type: ignore[arg-type]
                found[-1] = list(chain(last, step))  # type: ignore[arg-type]
            else:
                found.append(step)
        return found

    def _share(self, shared: SharedLevel, steps: Sequence[_Step]) -> None:
        for step in steps:
            if isinstance(step, list):
                shared.write(step)
            else:
                shared.withdraw(step.symbols, step.time)
                self._handed = step.generation
        shared.tick()
        if not shared.owes:
            self.shared_settled = self._handed

    def _keep(self) -> None:
        while self._unstored:
            step = self._unstored[0]
            try:
                self._store_step(step)
            except OutputError as error:
                self.failures += 1
                self._tell_failing(error)
                return
            if self._failing:
                self._failing = False
                self._tell(Severity.INFO, "prediction_store_back", "predictions are written again")
            with self._turn:
                if self._unstored and self._unstored[0] is step:
                    self._unstored.popleft()
                    self._waiting -= len(step) if isinstance(step, list) else 0
                elif self._unstored:  # it was shed while it was written
                    self._unstored.popleft()
        self._trim()

    def _store_step(self, step: _Step) -> None:
        if self._store is None:
            return
        if isinstance(step, list):
            if step:
                self._store.write(step)
                self.stored += len(step)
        else:
            self._store.withdraw(step.symbols, step.time)
            self.stored_settled = step.generation

    def _trim(self) -> None:
        keep, now = self._settings.retention, time.monotonic()
        if keep is None or self._store is None or now - self._trimmed < TRIM:
            return
        self._trimmed = now
        try:
            self._store.trim(int((time.time() - keep) * 1e6))
        except OutputError as error:
            self._tell_failing(error)

    def _tell_failing(self, error: OutputError) -> None:
        if not self._failing:
            self._failing = True
            self._tell(Severity.ERROR, "prediction_store_failing", f"{error} They wait and are tried again.")

    def _tell(self, severity: Severity, kind: str, message: str) -> None:
        self._emit(Event(kind=kind, severity=severity, message=message, evidence={"waiting": self._waiting}))
