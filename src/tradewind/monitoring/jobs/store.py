"""The runs of jobs, shared by every scheduler: one row a run, whose key makes it unique."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import SQLAlchemyError

from tradewind.core import InputError, OutputError
from tradewind.core.plain import finite
from tradewind.monitoring.jobs.tables import MARKS, RUNS, micros, moment_of, open_engine

ENDED = ("done", "failed", "abandoned", "skipped")


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """A run as the store has it.

    Attributes
    ----------
    state : ``waiting``, ``running``, ``done``, ``failed`` (given up), ``abandoned`` (cut, for a person to look at) or
        ``skipped`` (a newer one was made instead).
    owner, fence, beat : whose it is, the number of its claim, and its signs of life.
    """

    job: str
    key: str
    state: str
    due_at: datetime
    attempts: int = 0
    repeatable: bool = False
    owner: str = ""
    fence: int = 0
    beat: int = 0
    lease: float = 0.0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        row = dict(vars(self))
        for name in ("due_at", "started_at", "ended_at"):
            row[name] = row[name].isoformat() if row[name] is not None else None
        plain: dict[str, Any] = finite(row)
        return plain


class JobStore:
    """Runs in a SQLite file or a PostgreSQL database (``postgresql://USER@HOST/DATABASE``)."""

    def __init__(self, where: str | Path) -> None:
        try:
            self._engine = open_engine(where)
        except (SQLAlchemyError, OSError) as error:
            raise InputError(
                f"the store of jobs cannot be opened ({type(error).__name__})",  # its words may hold the URI
                fix="give a file you may write, or a database that answers",
            ) from None

    def __repr__(self) -> str:
        return f"JobStore({self._engine.url.render_as_string(hide_password=True)})"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection in a transaction; OutputError where the store fails."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise OutputError(
                f"the store of jobs failed ({type(error).__name__})", fix="see that the disk or database is well"
            ) from error

    def add(self, run: JobRun) -> bool:
        """Add a run that waits; False where its key is there already, whatever became of it."""
        with self.transaction() as db:
            return self.put(db, run)

    def put(self, db: Connection, run: JobRun) -> bool:
        """Add a run within a transaction; False where its key is there already."""
        make = insert_postgres if self._engine.dialect.name == "postgresql" else insert_sqlite
        due = micros(run.due_at)
        row = {
            **{name: getattr(run, name) for name in ("job", "key", "state", "attempts", "repeatable", "owner")},
            **{name: getattr(run, name) for name in ("fence", "beat", "lease", "error")},
            "due_at": due,
            "next_at": due,
            "payload": json.dumps(finite(run.payload)),
            "result": json.dumps(finite(run.result)),
        }
        return db.execute(make(RUNS).values(row).on_conflict_do_nothing().returning(RUNS.c.key)).first() is not None

    def lock(self, db: Connection, job: str, since: datetime) -> Row[Any]:
        """Return the job's mark, locked until the transaction ends; a new one begins at ``since``."""
        make = insert_postgres if self._engine.dialect.name == "postgresql" else insert_sqlite
        fresh = {"job": job, "since": micros(since), "last_key": "", "last_start": None}
        db.execute(make(MARKS).values(fresh).on_conflict_do_nothing())
        return db.execute(select(MARKS).where(MARKS.c.job == job).with_for_update()).one()

    def runs(self, job: str | None = None, states: Sequence[str] = (), *, limit: int | None = None) -> list[JobRun]:
        """Return runs, the newest first: of one job or all, in the given states or all."""
        query = select(RUNS).order_by(RUNS.c.due_at.desc(), RUNS.c.key.desc()).limit(limit)
        if job is not None:
            query = query.where(RUNS.c.job == job)
        if states:
            query = query.where(RUNS.c.state.in_(states))
        with self.transaction() as db:
            return [run_of(row) for row in db.execute(query)]

    def beat(self, run: JobRun) -> bool:
        """Give a sign of life; False where the run is no longer its owner's."""
        with self.transaction() as db:
            done = db.execute(update(RUNS).where(*_held(run)).values(beat=RUNS.c.beat + 1))
            return bool(done.rowcount)

    def end(self, run: JobRun, now: datetime, outcome: Mapping[str, Any]) -> bool:
        """Write what became of a claimed run (``state`` and other columns); False where it is no longer its owner's."""
        values = {"ended_at": micros(now), **outcome}
        with self.transaction() as db:
            return bool(db.execute(update(RUNS).where(*_held(run)).values(values)).rowcount)

    def settle(self, job: str, key: str, by: str, now: datetime, *, again: bool) -> None:
        """Let a person decide on a run that is abandoned or failed: made ``again``, or counted as done.

        Raises
        ------
        InputError : there is no such run, or it needs no decision.
        """
        said = json.dumps({"settled_by": by, "at": now.isoformat(), "again": again})
        values: dict[str, Any] = {"state": "waiting" if again else "done", "result": said, "attempts": 0}
        values |= {"next_at": micros(now), "ended_at": None if again else micros(now)}
        wanted = (RUNS.c.job == job, RUNS.c.key == key, RUNS.c.state.in_(("abandoned", "failed")))
        with self.transaction() as db:
            if not db.execute(update(RUNS).where(*wanted).values(values)).rowcount:
                raise InputError(f"no run {key!r} of {job!r} is abandoned or failed", fix="take one from the history")

    def forget(self, before: datetime) -> int:
        """Drop runs that are done or skipped and were due before ``before``; returns how many.

        A due moment stays planned for ever; a trigger's id may come again after it was dropped.
        """
        old = (RUNS.c.due_at < micros(before), RUNS.c.state.in_(("done", "skipped")))
        with self.transaction() as db:
            return db.execute(delete(RUNS).where(*old)).rowcount

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def _held(run: JobRun) -> tuple[Any, ...]:
    return (
        RUNS.c.job == run.job,
        RUNS.c.key == run.key,
        RUNS.c.state == "running",
        RUNS.c.owner == run.owner,
        RUNS.c.fence == run.fence,
    )


def run_of(row: Row[Any]) -> JobRun:
    """Return the record of a row."""
    values = dict(row._mapping)
    values.pop("next_at")
    for name in ("due_at", "started_at", "ended_at"):
        values[name] = moment_of(values[name])
    for name in ("payload", "result"):
        values[name] = json.loads(values[name])
    return JobRun(**values)
