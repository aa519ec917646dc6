"""L3: every prediction in a SQLite file, one row a key; the history that is asked for, and what a restart warms from.

The file is in write-ahead mode: one process writes, any number read at the same time. It survives a killed process; a
power cut may cost the last moments, which the log of predictions holds. A file that cannot be read is laid aside.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from math import nan
from pathlib import Path
from threading import Lock
from typing import Any

from tradewind.core import Event, OutputError, Severity
from tradewind.core.sqlite import write_ahead
from tradewind.serving.cache.entry import Entry, entry_of
from tradewind.streaming.records import Prediction

_COLUMNS = Prediction.__struct_fields__
_TYPES = {int: "INTEGER NOT NULL", float: "REAL", str: "TEXT NOT NULL"}
_KINDS = {"symbol": str, "id": str, "model": str, "inputs_id": str, "how": str, "note": str} | dict.fromkeys(
    ("time", "known_at", "made_at", "revision"), int
)
_SHAPE = ", ".join(f"{name} {_TYPES[_KINDS.get(name, float)]}" for name in _COLUMNS)
_SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS predictions ({_SHAPE}, flag TEXT NOT NULL, withdrawn INTEGER NOT NULL, "
    "PRIMARY KEY (symbol, model, time)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS predictions_by_time ON predictions (time, model)",
    "CREATE INDEX IF NOT EXISTS predictions_by_symbol ON predictions (symbol, time)",
)
_NAMES = ", ".join(_COLUMNS)
_UPDATES = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "flag", "withdrawn"))
_PUT = (
    f"INSERT INTO predictions ({_NAMES}, flag, withdrawn) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))}, 0) "
    f"ON CONFLICT (symbol, model, time) DO UPDATE SET {_UPDATES} "
    "WHERE (excluded.revision, excluded.made_at, excluded.id) > (revision, made_at, id)"
)
_READ = f"SELECT {_NAMES}, flag FROM predictions"
_NEWEST = f"SELECT {_NAMES}, flag, withdrawn FROM predictions WHERE symbol = ? AND model = ? ORDER BY time DESC LIMIT 1"
WAIT = 10.0
"""Seconds to wait for another process that writes."""


def _nothing(event: Event) -> None:
    """Tell nobody."""


class PredictionStore:
    """Predictions in the file ``path``; threads may share it.

    Raises
    ------
    OutputError : the folder cannot be made or written.
    """

    def __init__(self, path: str | Path, *, emit: Callable[[Event], None] = _nothing) -> None:
        self.path, self._emit, self._lock, self._reading = Path(path), emit, Lock(), Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._open()
        except (OSError, sqlite3.OperationalError) as error:
            raise OutputError(
                f"cannot keep predictions here ({error})", file=self.path, fix="choose a folder you may write to"
            ) from error
        self._reader = self._connect()

    def _connect(self) -> sqlite3.Connection:
        link = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        write_ahead(link)
        link.execute("PRAGMA synchronous = NORMAL")
        return link

    def _open(self) -> sqlite3.Connection:
        try:
            return self._prepared()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            aside = self.path.with_name(f"{self.path.name}.unreadable")
            self.path.replace(aside)
            for tail in ("-wal", "-shm"):
                self.path.with_name(self.path.name + tail).unlink(missing_ok=True)
            self._emit(
                Event(
                    kind="prediction_store_unreadable",
                    severity=Severity.ERROR,
                    message=f"the stored predictions cannot be read ({error}); a new store is begun",
                    evidence={"kept_as": str(aside), "fix": "fill it from the log"},
                )
            )
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        link = self._connect()
        try:
            for statement in _SCHEMA:
                link.execute(statement)
            found = link.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)
        except sqlite3.Error:
            link.close()
            raise
        return link

    def write(self, entries: Iterable[Entry]) -> None:
        """Keep ``entries`` in one transaction; a row gives way only to a higher revision, or a later making of it.

        Raises
        ------
        OutputError : they cannot be written; nothing of them was.
        """
        rows = [(*(getattr(entry.prediction, name) for name in _COLUMNS), entry.flag) for entry in entries]
        self._change(_PUT, rows)

    def withdraw(self, symbols: Iterable[str], time: int) -> None:
        """Mark the predictions of ``symbols`` for bars from ``time`` on: no longer the newest, still history."""
        self._change(
            "UPDATE predictions SET withdrawn = 1 WHERE symbol = ? AND time >= ?", [(name, time) for name in symbols]
        )

    def trim(self, before: int) -> None:
        """Delete the predictions for bars before ``before``."""
        self._change("DELETE FROM predictions WHERE time < ?", [(before,)])

    def _change(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        with self._lock:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                self._writer.executemany(statement, rows)
                self._writer.execute("COMMIT")
            except sqlite3.Error as error:
                with suppress(sqlite3.Error):  # where the disk is full, SQLite has rolled back itself
                    self._writer.execute("ROLLBACK")
                raise OutputError(
                    f"predictions cannot be written ({error})", file=self.path, fix="make room or give write rights"
                ) from error

    def newest(self, symbol: str, model: str) -> Entry | None:
        """Return the prediction for the newest bar; None where there is none or its inputs have changed since."""
        found = self._rows(_NEWEST, (symbol, model))
        if not found or found[0][-1]:
            return None
        return _entry(found[0][:-1])

    def newest_all(self, model: str) -> list[Entry]:
        """Return what :meth:`newest` gives for every symbol of ``model``."""
        found = self._rows(
            f"{_READ} AS p WHERE model = ?1 AND withdrawn = 0 AND time = "
            "(SELECT max(time) FROM predictions AS q WHERE q.symbol = p.symbol AND q.model = ?1)",
            (model,),
        )
        return [_entry(row) for row in found]

    def history(self, symbol: str, *, limit: int, model: str | None = None) -> list[Prediction]:
        """Return past predictions of ``symbol``, newest first."""
        only = "" if model is None else " AND model = ?"
        values = (symbol, *(() if model is None else (model,)), limit)
        found = self._rows(f"{_READ} WHERE symbol = ?{only} ORDER BY time DESC, made_at DESC LIMIT ?", values)
        return [_entry(row).prediction for row in found]

    def at(self, time: int, model: str) -> list[Prediction]:
        """Return the predictions of ``model`` for the bars ``time``, by symbol."""
        found = self._rows(f"{_READ} WHERE time = ? AND model = ? ORDER BY symbol", (time, model))
        return [_entry(row).prediction for row in found]

    def count(self) -> int:
        """Return the number of rows."""
        return int(self._rows("SELECT count(*) FROM predictions", ())[0][0])

    def _rows(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._reading:
            return self._reader.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._reading:
            self._reader.close()
            self._writer.close()


def _entry(row: Sequence[Any]) -> Entry:
    *values, flag = row
    fields = dict(zip(_COLUMNS, values, strict=True))
    for name in ("lower", "upper"):
        fields[name] = nan if fields[name] is None else fields[name]
    return entry_of(Prediction(**fields), flag)
