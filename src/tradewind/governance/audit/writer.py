"""Group commit: many callers wait, one thread writes what has gathered in one durable transaction."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from tradewind.core import UsageError
from tradewind.governance.audit.row import Draft

Commit = Callable[[Sequence[Draft]], Sequence[Any]]

GATHER = 0.002
"""Seconds to wait for callers that took part in the last group; a sync of the disk takes longer."""


class Job:
    """Entries of one caller, or a task that must be alone; ``future`` tells when it is durable."""

    __slots__ = ("drafts", "future", "task")

    def __init__(self, drafts: Sequence[Draft], task: Callable[[], Any] | None = None) -> None:
        self.drafts, self.task = drafts, task
        self.future: Future[Any] = Future()

    @property
    def size(self) -> int:
        """Entries it holds; a task counts as one."""
        return len(self.drafts) or 1


class GroupWriter:
    """A thread that commits groups of jobs, in the order in which they came.

    Parameters
    ----------
    commit : makes drafts durable in one transaction and returns one receipt each.
    group_rows : most entries of a group; a job that is larger is a group of its own.
    queue_rows : entries that may wait before :meth:`submit` blocks.
    """

    def __init__(self, commit: Commit, *, group_rows: int, queue_rows: int) -> None:
        self._commit, self._group_rows, self._queue_rows = commit, group_rows, queue_rows
        self._jobs: deque[Job] = deque()
        self._waiting = 0
        self._usual = 1  # jobs of the last group
        self._closed = False
        lock = threading.Lock()
        self._filled, self._emptied = threading.Condition(lock), threading.Condition(lock)
        self._thread = threading.Thread(target=self._work, name="audit-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> Future[Any]:
        """Queue ``job``; blocks while the queue is full.

        Raises
        ------
        UsageError : the writer is closed.
        """
        with self._emptied:
            while self._waiting and self._waiting + job.size > self._queue_rows and not self._closed:
                self._emptied.wait()
            if self._closed:
                raise UsageError("the audit log is closed", fix="open it again")
            self._jobs.append(job)
            self._waiting += job.size
            self._filled.notify()
        return job.future

    def close(self) -> None:
        """Take no more jobs, finish those that wait, and end the thread."""
        with self._filled:
            self._closed = True
            self._filled.notify_all()
            self._emptied.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while (group := self._next()) is not None:
            if not group:
                continue
            try:
                results = self._results(group)
            except BaseException as error:  # noqa: BLE001 - every caller of the group is told
                for job in group:
                    job.future.set_exception(error)
                continue
            for job, result in zip(group, results, strict=True):
                job.future.set_result(result)

    def _results(self, group: list[Job]) -> list[Any]:
        if group[0].task is not None:
            return [group[0].task()]
        receipts = self._commit([draft for job in group for draft in job.drafts])
        results, start = [], 0
        for job in group:
            results.append(receipts[start : start + len(job.drafts)])
            start += len(job.drafts)
        return results

    def _next(self) -> list[Job] | None:
        """Return the jobs of the next group, None when closed and done; a job that its caller cancelled is left out."""
        with self._filled:
            while not self._jobs and not self._closed:
                self._filled.wait()
            if not self._jobs:
                return None
            self._gather()
            group: list[Job] = []
            size = 0
            while self._jobs and (not group or self._fits(group, size)):
                job = self._jobs.popleft()
                self._waiting -= job.size
                if job.future.set_running_or_notify_cancel():  # from here on a caller cannot take it back
                    group.append(job)
                    size += job.size
            self._usual = len(group)
            self._emptied.notify_all()
            return group

    def _gather(self) -> None:
        """Wait a moment for as many callers as came last time: they were woken together and are on their way."""
        until = time.monotonic() + GATHER
        while len(self._jobs) < self._usual and not self._closed and (left := until - time.monotonic()) > 0:
            self._filled.wait(left)

    def _fits(self, group: list[Job], size: int) -> bool:
        job = self._jobs[0]
        return job.task is None and group[0].task is None and size + job.size <= self._group_rows
