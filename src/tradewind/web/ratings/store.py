"""Ratings in the dashboard's SQLite file: one of each person for each subject, the latest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.core.clock import Clock, SystemClock
from tradewind.core.sqlite import write_transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS ratings (
    name TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, useful INTEGER NOT NULL, why TEXT NOT NULL,
    context TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (kind, subject, name));
"""


@dataclass(frozen=True, kw_only=True)
class Given:
    """One rating.

    Attributes
    ----------
    name : who gave it. kind, subject : of what: ``explanation`` and the id of one, for instance.
    useful : the answer. why : the reason, in their words; may be empty.
    context : plain values that say under which circumstances: the layer of an explanation, the model.
    at : when, UTC.
    """

    name: str
    kind: str
    subject: str
    useful: bool
    why: str
    context: dict[str, Any]
    at: datetime


class RatingStore:
    """The store of ratings.

    Parameters
    ----------
    path : SQLite file, that of people and sessions; made, with mode 0600, where it is not there.
    """

    def __init__(self, path: str | Path, *, clock: Clock | None = None) -> None:
        self._path, self._clock = Path(path), clock or SystemClock()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600, exist_ok=True)
        with self._open() as db:
            db.executescript(_SCHEMA)

    def give(
        self, name: str, kind: str, subject: str, *, useful: bool, why: str = "", context: dict[str, Any] | None = None
    ) -> Given:
        """Keep a rating, in place of an earlier one of the same person for the same subject."""
        given = Given(
            name=name,
            kind=kind,
            subject=subject,
            useful=useful,
            why=why.strip(),
            context=context or {},
            at=self._clock.now(),
        )
        row = (name, kind, subject, useful, given.why, json.dumps(given.context), given.at.isoformat())
        with self._open() as db, write_transaction(db):
            db.execute("INSERT OR REPLACE INTO ratings VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return given

    def withdraw(self, name: str, kind: str, subject: str) -> None:
        """Take the rating of ``name`` back; nothing happens where there is none."""
        with self._open() as db, write_transaction(db):
            db.execute("DELETE FROM ratings WHERE name = ? AND kind = ? AND subject = ?", (name, kind, subject))

    def of(self, kind: str, subject: str) -> tuple[Given, ...]:
        """Return the ratings of one subject, oldest first."""
        return self._select("WHERE kind = ? AND subject = ?", (kind, subject))

    def all(self, kind: str | None = None) -> tuple[Given, ...]:
        """Return every rating, of one kind alone where it is named, oldest first."""
        return self._select("WHERE kind = ?", (kind,)) if kind else self._select("", ())

    def _select(self, where: str, values: tuple[str, ...]) -> tuple[Given, ...]:
        columns = "name, kind, subject, useful, why, context, at"
        with self._open() as db:
            rows = db.execute(f"SELECT {columns} FROM ratings {where} ORDER BY at, name", values).fetchall()
        return tuple(_given(row) for row in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=10.0)
        try:
            yield db
        finally:
            db.close()


def _given(row: tuple[str, str, str, int, str, str, str]) -> Given:
    name, kind, subject, useful, why, context, at = row
    return Given(
        name=name,
        kind=kind,
        subject=subject,
        useful=bool(useful),
        why=why,
        context=json.loads(context),
        at=datetime.fromisoformat(at),
    )
