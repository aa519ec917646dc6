"""Work that takes longer than a page waits: one thread each, with progress that can be asked for."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any, Literal

from tradewind.core import Progress, TradewindError
from tradewind.core.clock import SystemClock

_LOG = logging.getLogger("tradewind.web")
KEPT = 50

State = Literal["running", "done", "failed"]


@dataclass
class Task:
    """One piece of work.

    Attributes
    ----------
    kind, about : what is done, and to what; one of a kind about the same thing runs at a time.
    stage, done, total : progress in steps of the present stage.
    result : what it came to, plain values; None until it is done.
    problem : why it failed.
    """

    kind: str
    about: str
    by: str
    began: datetime
    id: str = field(default_factory=lambda: token_hex(8))
    state: State = "running"
    stage: str = ""
    done: int = 0
    total: int = 0
    ended: datetime | None = None
    problem: str | None = None
    result: dict[str, Any] | None = None

    def update(self, stage: str, done: int, total: int) -> None:
        """Take up progress, as :class:`~tradewind.core.Progress` tells it."""
        self.stage, self.done, self.total = stage, done, total


class Tasks:
    """The tasks of this process; the last :data:`KEPT` are remembered."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Task] = OrderedDict()
        self._lock = threading.Lock()
        self._clock = SystemClock()

    def start(
        self,
        kind: str,
        about: str,
        by: str,
        work: Callable[[Progress], dict[str, Any]],
        ended: Callable[[Task], None],
    ) -> Task:
        """Start ``work`` unless the same is running, and return its task; ``ended`` hears of the end."""
        with self._lock:
            for held in self._held.values():
                if (held.kind, held.about, held.state) == (kind, about, "running"):
                    return held
            task = Task(kind=kind, about=about, by=by, began=self._clock.now())
            self._held[task.id] = task
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        threading.Thread(target=self._run, args=(task, work, ended), name=f"{kind} {about}", daemon=True).start()
        return task

    def get(self, task_id: str) -> Task | None:
        """Return a task, None where it is not remembered."""
        return self._held.get(task_id)

    def all(self, kind: str | None = None) -> list[Task]:
        """Return the tasks of a kind, the newest first."""
        with self._lock:
            return [task for task in reversed(self._held.values()) if kind in (None, task.kind)]

    def _run(self, task: Task, work: Callable[[Progress], dict[str, Any]], ended: Callable[[Task], None]) -> None:
        try:
            task.result = work(task)
            state: State = "done"
        except TradewindError as error:
            state, task.problem = "failed", str(error)
        except Exception as error:  # noqa: BLE001 - a thread's fault has nobody else to tell
            _LOG.error("%s failed", task.kind, exc_info=error)
            state, task.problem = "failed", "The cause is in the log of the dashboard."
        task.ended, task.state = self._clock.now(), state
        ended(task)
