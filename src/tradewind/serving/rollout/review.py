"""Forecasts that the student does not share, kept until a person has looked at them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from threading import Lock

from tradewind.core import OutputError, UsageError
from tradewind.core.sqlite import write_ahead


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One case: probabilities of a rise by the champion ``model`` and by ``student_model``; times microseconds UTC."""

    prediction: str
    symbol: str
    time: int
    model: str
    student_model: str
    champion: float
    student: float
    cause: str
    seen_at: int


_NAMES = ", ".join(field.name for field in fields(Disagreement))
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS cases (prediction TEXT PRIMARY KEY, symbol TEXT NOT NULL, time INTEGER NOT NULL, "
    "model TEXT NOT NULL, student_model TEXT NOT NULL, champion REAL NOT NULL, student REAL NOT NULL, "
    "cause TEXT NOT NULL, seen_at INTEGER NOT NULL, reviewer TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX IF NOT EXISTS cases_open ON cases (time) WHERE reviewer = ''",
)


class ReviewList:
    """Cases in the file ``path``, at most ``limit``: the oldest leave first, looked at or not, and are counted.

    Raises
    ------
    OutputError : the file cannot be made.
    """

    def __init__(self, path: str | Path, *, limit: int = 100_000) -> None:
        self.path, self._limit, self._lock, self.forgotten = Path(path), limit, Lock(), 0
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._link = sqlite3.connect(self.path, timeout=10.0, isolation_level=None, check_same_thread=False)
            write_ahead(self._link)
            for statement in _SCHEMA:
                self._link.execute(statement)
        except (OSError, sqlite3.Error) as error:
            raise OutputError(
                f"cases to review cannot be kept here ({error})", file=self.path, fix="choose another folder"
            ) from error

    def add(self, cases: Sequence[Disagreement]) -> None:
        """Keep ``cases``; one that is there already stays as it is."""
        statement = f"INSERT OR IGNORE INTO cases ({_NAMES}) VALUES ({', '.join('?' * len(fields(Disagreement)))})"
        with self._lock:
            self._link.executemany(statement, [astuple(case) for case in cases])
            extra = int(self._link.execute("SELECT count(*) FROM cases").fetchone()[0]) - self._limit
            if extra > 0:
                self._link.execute(
                    "DELETE FROM cases WHERE prediction IN (SELECT prediction FROM cases ORDER BY seen_at LIMIT ?)",
                    (extra,),
                )
                self.forgotten += extra

    def waiting(self, limit: int = 100) -> list[Disagreement]:
        """Return cases nobody has looked at, the farthest apart first."""
        with self._lock:
            rows = self._link.execute(
                f"SELECT {_NAMES} FROM cases WHERE reviewer = '' ORDER BY abs(champion - student) DESC LIMIT ?",
                (limit,),
            ).fetchall()
        names = [field.name for field in fields(Disagreement)]
        return [Disagreement(**dict(zip(names, row, strict=True))) for row in rows]

    def close_case(self, prediction: str, reviewer: str, note: str) -> None:
        """Note who looked at a case and what was found; UsageError where no such case waits."""
        if not reviewer:
            raise UsageError("a case is closed by somebody with a name", field="reviewer")
        with self._lock:
            done = self._link.execute(
                "UPDATE cases SET reviewer = ?, note = ? WHERE prediction = ? AND reviewer = ''",
                (reviewer, note, prediction),
            ).rowcount
        if not done:
            raise UsageError(f"no case {prediction!r} waits", field="prediction", fix="list those that wait")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._link.close()
