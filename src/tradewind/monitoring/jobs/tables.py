"""The tables of jobs, in SQLite or PostgreSQL."""

from __future__ import annotations

import importlib.util
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError

from tradewind.core import MissingExtraError, UsageError
from tradewind.core.sqlite import write_ahead

METADATA = MetaData()
RUNS = Table(
    "job_runs",
    METADATA,
    Column("job", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("repeatable", Boolean, nullable=False),
    Column("owner", String(80), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("lease", Float, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("payload", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("error", Text, nullable=False),
    Index("job_runs_by_state", "job", "state", "due_at"),
)
"""One row a run; times in microseconds since 1970 (UTC)."""
MARKS = Table(
    "job_marks",
    METADATA,
    Column("job", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("last_key", String(200), nullable=False),
    Column("last_start", BigInteger),
)
"""One row a job: moments up to ``since`` are planned; its lock makes claims of one job follow each other."""


def open_engine(where: str | Path) -> Engine:
    """Return the engine of a SQLite file or a ``postgresql://`` URI, with its tables made.

    Raises
    ------
    UsageError : the URI is of another kind or cannot be read. MissingExtraError : psycopg is not installed.
    """
    text = str(where)
    if "://" not in text:
        path = Path(text)
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30.0})
        _writers_wait(engine)
    else:
        kind, _, rest = text.partition("://")
        if kind not in {"postgresql", "postgres"}:
            raise UsageError(
                f"jobs cannot be kept at {kind}://...", fix="give a file or postgresql://USER@HOST/DATABASE"
            )
        if importlib.util.find_spec("psycopg") is None:
            raise MissingExtraError("psycopg", "postgres")
        try:
            url = make_url(f"postgresql+psycopg://{rest}")
        except ArgumentError:
            raise UsageError(
                "the URI of the jobs cannot be read",  # not shown: it may hold a password
                fix="write postgresql://USER@HOST:PORT/DATABASE",
            ) from None
        engine = create_engine(url, pool_pre_ping=True, pool_size=2)
    _make_tables(engine)
    return engine


def _writers_wait(engine: Engine) -> None:
    """Begin transactions of SQLite with the write lock, as one that reads first could not take it later."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # two processes that start at once must not both create them
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('tradewind jobs', 0))")
        METADATA.create_all(connection)


def micros(moment: datetime) -> int:
    """Return microseconds since 1970 (UTC) of an aware time."""
    gone = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def moment_of(value: int | None) -> datetime | None:
    """Return the time (UTC) of microseconds since 1970, None for None."""
    if value is None:
        return None
    return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)
