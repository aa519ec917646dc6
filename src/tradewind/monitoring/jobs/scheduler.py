"""Runs jobs when they are due or triggered: each run by one scheduler, however many there are."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from tradewind.core import Severity, TradewindError, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.plain import finite
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.jobs.claim import Observer, claim, plan
from tradewind.monitoring.jobs.job import Job, RunContext
from tradewind.monitoring.jobs.store import JobRun, JobStore
from tradewind.monitoring.jobs.tables import micros

LONGEST_WAIT = 30.0
"""Seconds between two looks at the clock."""


@dataclass(frozen=True, kw_only=True)
class JobTick:
    """What became of one run at one look.

    Attributes
    ----------
    outcome : ``done``; ``retry`` (failed, tried again later); ``failed`` (given up); ``abandoned`` (cut, may not be
        repeated); ``taken_over`` (its owner died, it waits again); ``lost`` (another took it over while it ran);
        ``refused`` (the job cannot be planned).
    """

    job: str
    key: str
    outcome: Literal["done", "retry", "failed", "abandoned", "taken_over", "lost", "refused"]
    error: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain: dict[str, Any] = finite(asdict(self))
        return plain


class JobScheduler:
    """Keeps jobs.

    A run is claimed in the store before it is made, keyed by its moment or its trigger's id, so it is made by one
    scheduler. It is made again only where the job says that it may be repeated; otherwise a run that was cut is left to
    a person. Exactly once is kept for what ends: no run that was reported as done is ever made again.
    """

    def __init__(
        self,
        store: JobStore,
        jobs: Sequence[Job],
        *,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        names = [job.name for job in jobs]
        if len(set(names)) != len(names):
            raise UsageError("two jobs have one name", fix="give each job its own")
        self.store, self.jobs = store, {job.name: job for job in jobs}
        self._clock, self._monotonic = clock or SystemClock(), monotonic
        self._observers = {job.name: Observer(store) for job in jobs}
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._still: dict[str, threading.Thread] = {}
        self._making: dict[str, RunContext] = {}
        self._owed: dict[str, _Owed] = {}

    def trigger(self, job: str, name: str, payload: Mapping[str, Any] | None = None) -> bool:
        """Ask for a run of ``job`` because of the trigger ``name``; False where that trigger has asked before.

        Raises
        ------
        UsageError : there is no such job.
        """
        known = self.jobs.get(job)
        if known is None:
            raise UsageError(f"there is no job {job!r}", fix=f"name one of {', '.join(sorted(self.jobs))}")
        run = JobRun(
            job=job,
            key=f"trigger:{name}",
            state="waiting",
            due_at=self._clock.now(),
            repeatable=known.rules.repeatable,
            lease=known.rules.lease,
            payload=dict(payload or {}),
        )
        return self.store.add(run)

    def tick(self) -> list[JobTick]:
        """Plan what is due, take over what was cut, make every run that may start, and say what became of each."""
        return [one for job in self.jobs.values() for one in self._tick(job)]

    def run(self, wait: Callable[[float], bool], tell: Callable[[JobTick], None]) -> None:
        """Keep every job in a thread of its own until ``wait(seconds)`` returns False; ``tell`` hears of every run.

        A job that takes hours holds up no other. When it ends, runs that are being made are told to end.
        """
        over, talking = threading.Event(), threading.Lock()

        def keep(job: Job) -> None:
            while not over.is_set():
                for one in self._tick(job):
                    with talking:
                        tell(one)
                over.wait(min(job.rules.lease / 3, LONGEST_WAIT))

        threads = [threading.Thread(target=keep, args=(job,), name=f"keep-{job.name}") for job in self.jobs.values()]
        for thread in threads:
            thread.start()
        try:
            while wait(1.0):
                pass
        finally:
            over.set()
            for context in list(self._making.values()):
                context.stop.set()
            for thread in threads:
                thread.join()

    def _tick(self, job: Job) -> list[JobTick]:
        found: list[JobTick] = []
        try:
            if job.name in self._owed:
                found.append(self._pay(job))
            plan(self.store, job, self._clock.now())
            observer = self._observers[job.name]
            for run in observer.look(job.name, self.owner, self._monotonic(), self._clock.now()):
                outcome: Literal["abandoned", "taken_over"] = "abandoned" if run.state == "abandoned" else "taken_over"
                found.append(JobTick(job=run.job, key=run.key, outcome=outcome, error=run.error))
            while not self._busy(job) and (claimed := claim(self.store, job, self.owner, self._clock.now())):
                found.append(self._make(job, claimed))
        except TradewindError as error:  # of the job's mark or of the store: the other jobs go on
            found.append(JobTick(job=job.name, key="", outcome="refused", error=str(error)))
        return found

    def _busy(self, job: Job) -> bool:
        """Return whether a try that took too long has still not ended: no other is begun beside it here."""
        thread = self._still.get(job.name)
        return thread is not None and thread.is_alive()

    def _make(self, job: Job, run: JobRun) -> JobTick:
        context = RunContext(
            job=run.job,
            key=run.key,
            due_at=run.due_at,
            attempt=run.attempts,
            fence=run.fence,
            payload=run.payload,
        )
        held: dict[str, Any] = {}
        thread = threading.Thread(target=_work, args=(job, context, held), name=f"job-{job.name}", daemon=True)
        begin, self._making[job.name] = self._monotonic(), context
        thread.start()
        lost = False
        while thread.is_alive():
            thread.join(job.rules.lease / 4)
            if not thread.is_alive():
                break
            lost = not self._alive(run)
            if lost or context.stop.is_set() or self._monotonic() - begin > job.rules.timeout:
                context.stop.set()
                thread.join(job.rules.lease / 4)  # most work ends at its next check
                break
        if thread.is_alive():
            self._still[job.name] = thread
        self._making.pop(job.name, None)
        if lost:
            return JobTick(job=run.job, key=run.key, outcome="lost", error="another scheduler took the run over")
        return self._settle(job, run, held, cut=context.stop.is_set())

    def _alive(self, run: JobRun) -> bool:
        try:
            return self.store.beat(run)
        except TradewindError:  # the store is away for now: the lease says how long that may last
            return True

    def _settle(self, job: Job, run: JobRun, held: dict[str, Any], *, cut: bool) -> JobTick:
        """Write what became of the run; what another scheduler took over meanwhile stays the other's."""
        now = self._clock.now()
        why = f"took longer than {job.rules.timeout:g} s, or its scheduler ended"
        error = why if cut else held.get("error", "")
        outcome: Literal["done", "retry", "failed", "abandoned"]
        if "result" in held:
            outcome, error = "done", ""
        elif cut and not job.rules.repeatable:
            outcome = "abandoned"
        else:
            outcome = "retry" if run.attempts < job.rules.attempts else "failed"
        error = error.encode("utf-8", "replace").decode().replace("\0", " ")
        result, kept = _kept(held.get("result", {}))
        values: dict[str, Any] = {
            "state": "waiting" if outcome == "retry" else outcome,
            "error": error[:2000],
            "result": kept,
        }
        if outcome == "retry":
            values["next_at"] = micros(now) + int(job.rules.pause(run.attempts) * 1e6)
        tick = JobTick(job=run.job, key=run.key, outcome=outcome, error=error, result=result)
        self._owed[job.name] = _Owed(run=run, at=now, values=values, tick=tick)
        return self._pay(job)

    def _pay(self, job: Job) -> JobTick:
        """Write the end of a run; where the store is away, it is written at a later look, and no other is begun."""
        owed = self._owed[job.name]
        kept = self.store.end(owed.run, owed.at, owed.values)
        del self._owed[job.name]
        if kept:
            return owed.tick
        name, key = owed.run.job, owed.run.key
        return JobTick(job=name, key=key, outcome="lost", error="another scheduler took the run over")


@dataclass(frozen=True, kw_only=True)
class _Owed:
    """The end of a run that the store has yet to hear of."""

    run: JobRun
    at: datetime
    values: Mapping[str, Any]
    tick: JobTick


def _kept(result: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return what work returned and its JSON; where it has none, words that say so: the work is done all the same."""
    try:
        return result, json.dumps(finite(result), default=str)
    except (TypeError, ValueError, RecursionError) as error:
        said = {"unreadable": f"the work's result is no JSON ({type(error).__name__})"}
        return said, json.dumps(said)


def _work(job: Job, context: RunContext, held: dict[str, Any]) -> None:
    try:
        held["result"] = dict(job.work(context) or {})
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is kept, told and tried again
        held["error"] = str(error) if isinstance(error, TradewindError) else f"{type(error).__name__}: {error}"


def job_findings(ticks: Sequence[JobTick], now: datetime) -> list[Finding]:
    """Return what people must hear of runs: ``job_abandoned`` and ``job_failed``, about the job as ``source``."""
    found = []
    for tick in ticks:
        if tick.outcome not in {"abandoned", "failed", "refused"}:
            continue
        abandoned = tick.outcome == "abandoned"
        what = "was cut" if abandoned else "failed"
        found.append(
            Finding(
                kind="job_abandoned" if abandoned else "job_failed",
                area=Area.SERVICE,
                severity=Severity.ERROR,
                message=f"run {tick.key or 'planning'} of {tick.job} {what}: {tick.error}",
                time=now,
                known_at=now,
                subject={"source": tick.job},
            )
        )
    return found
