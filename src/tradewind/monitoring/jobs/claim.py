"""Which run is to be made next, and whose it is: planning, claiming, taking over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from tradewind.core import InputError
from tradewind.monitoring.jobs.job import Job
from tradewind.monitoring.jobs.store import JobRun, JobStore, run_of
from tradewind.monitoring.jobs.tables import MARKS, RUNS, micros, moment_of

CLOCK_STEP = timedelta(days=1)
"""A mark further ahead than this tells that the clock was wrong, then or now."""


def plan(store: JobStore, job: Job, now: datetime) -> int:
    """Add a run for every moment of ``job`` that has come since the last look, and return how many were new.

    Raises
    ------
    InputError : the mark of the job is yet to come by more than a day.
    """
    if job.when is None:
        return 0
    with store.transaction() as db:
        begin = now if job.when.start is None else datetime.combine(job.when.start, job.when.at.min, tzinfo=UTC)
        mark = store.lock(db, job.name, min(begin - timedelta(days=1), now) if job.when.start else now)
        since = moment_of(mark.since)
        assert since is not None
        if since > now + CLOCK_STEP:
            raise InputError(
                f"job {job.name!r} is planned up to {since:%Y-%m-%d %H:%M} UTC, which is yet to come: "
                "the clock was wrong then, or is wrong now",
                fix="set the clock right; if it was wrong then, remove the job's row in the table job_marks",
            )
        moments = job.when.due(since, now)
        new = sum(store.put(db, _due(job, moment)) for moment in moments)
        if moments:
            db.execute(update(MARKS).where(MARKS.c.job == job.name).values(since=micros(moments[-1])))
    return new


def _due(job: Job, moment: datetime) -> JobRun:
    return JobRun(
        job=job.name,
        key=moment.isoformat(),
        state="waiting",
        due_at=moment,
        repeatable=job.rules.repeatable,
        lease=job.rules.lease,
    )


def claim(store: JobStore, job: Job, owner: str, now: datetime) -> JobRun | None:
    """Return the run of ``job`` that ``owner`` must make now, None where there is none.

    Claims of one job follow each other under the lock of its mark, so that neither the gap between runs nor ``alone``
    can be passed by two schedulers at once.
    """
    rules, at = job.rules, micros(now)
    with store.transaction() as db:
        mark = store.lock(db, job.name, now)
        if rules.alone and _any(db, job.name, "running"):
            return None
        waiting = db.execute(
            select(RUNS).where(RUNS.c.job == job.name, RUNS.c.state == "waiting").order_by(RUNS.c.due_at, RUNS.c.key)
        ).all()
        if rules.catch_up == "latest" and len(waiting) > 1:
            _skip(db, waiting[:-1], waiting[-1].key, at)
            waiting = waiting[-1:]
        longest = int(rules.longest_pause * 1e6)
        # a pause that ends further ahead than the longest was written before the clock was set back
        ready = [row for row in waiting if row.next_at <= at or row.next_at > at + longest]
        row = next((one for one in ready if _gap_over(mark, one, at, rules.minimum_gap)), None)
        if row is None:
            return None
        values = {
            "state": "running",
            "owner": owner,
            "fence": row.fence + 1,
            "beat": 0,
            "attempts": row.attempts + 1,
            "started_at": at,
            "ended_at": None,
            "lease": rules.lease,
            "repeatable": rules.repeatable,
        }
        db.execute(update(RUNS).where(RUNS.c.job == job.name, RUNS.c.key == row.key).values(values))
        db.execute(update(MARKS).where(MARKS.c.job == job.name).values(last_key=row.key, last_start=at))
        run = run_of(row)
    return replace(
        run,
        state="running",
        owner=owner,
        fence=run.fence + 1,
        beat=0,
        attempts=run.attempts + 1,
        started_at=now,
        lease=rules.lease,
        repeatable=rules.repeatable,
    )


def _any(db: Connection, job: str, state: str) -> bool:
    return db.execute(select(RUNS.c.key).where(RUNS.c.job == job, RUNS.c.state == state).limit(1)).first() is not None


def _skip(db: Connection, rows: Any, newer: str, at: int) -> None:
    for row in rows:
        values = {"state": "skipped", "ended_at": at, "error": f"{newer} is made instead"}
        db.execute(update(RUNS).where(RUNS.c.job == row.job, RUNS.c.key == row.key).values(values))


def _gap_over(mark: Row[Any], row: Row[Any], at: int, gap: float) -> bool:
    """Return whether ``row`` may start: another try at the last run has its pause, another run has the gap."""
    if mark.last_start is None or mark.last_key == row.key:
        return True
    return bool(abs(at - mark.last_start) >= gap * 1e6)  # a start that is yet to come: the clock was set back


@dataclass(frozen=True, kw_only=True)
class _Sight:
    """A sign of life, and when it was first seen on the observer's own monotonic clock."""

    sign: tuple[str, int, int]
    since: float


class Observer:
    """Takes over runs whose owner is dead.

    A run counts as dead when the observer has itself seen no new sign of life for the run's whole lease, on a clock
    that nobody sets: clocks that disagree, or are set, never cut a run that lives.
    """

    def __init__(self, store: JobStore) -> None:
        self._store, self._sights = store, dict[tuple[str, str], _Sight]()

    def look(self, job: str, owner: str, seconds: float, now: datetime) -> list[JobRun]:
        """Return the runs of ``job`` that were taken over, as they are after it: ``waiting`` or ``abandoned``."""
        taken, seen = [], dict[tuple[str, str], _Sight]()
        for run in self._store.runs(job, ("running",)):
            if run.owner == owner:
                continue
            name, sign = (run.job, run.key), (run.owner, run.fence, run.beat)
            before = self._sights.get(name)
            sight = before if before is not None and before.sign == sign else _Sight(sign=sign, since=seconds)
            if seconds - sight.since < run.lease:
                seen[name] = sight
            elif (after := self._take(run, now)) is not None:
                taken.append(after)
        self._sights = {name: one for name, one in self._sights.items() if name[0] != job} | seen
        return taken

    def _take(self, run: JobRun, now: datetime) -> JobRun | None:
        state = "waiting" if run.repeatable else "abandoned"
        error = f"its owner {run.owner} gave no sign of life for {run.lease:g} s"
        values: dict[str, Any] = {"state": state, "owner": "", "error": error, "next_at": micros(now)}
        if state == "abandoned":
            values["ended_at"] = micros(now)
        wanted = (
            RUNS.c.job == run.job,
            RUNS.c.key == run.key,
            RUNS.c.state == "running",
            RUNS.c.fence == run.fence,
            RUNS.c.beat == run.beat,
        )
        with self._store.transaction() as db:
            if not db.execute(update(RUNS).where(*wanted).values(values)).rowcount:
                return None
        return replace(run, state=state, owner="", error=error)
