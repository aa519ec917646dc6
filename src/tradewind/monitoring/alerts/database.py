"""One SQLite file for alerts and outgoing notifications, open to several processes at once."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tradewind.core import InputError, OutputError
from tradewind.core.sqlite import write_ahead, write_transaction

WAIT = 30.0
"""Seconds to wait for another writer."""
FORMAT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS version (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL);
INSERT OR IGNORE INTO version VALUES (1, 0);
CREATE TABLE IF NOT EXISTS outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, receiver TEXT NOT NULL, body BLOB NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at REAL NOT NULL, claimed_until REAL NOT NULL,
    owner TEXT NOT NULL, sent_at REAL, error TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (receiver, next_at) WHERE state = 'waiting';
"""


class Database:
    """A connection for one process, safe among its threads. A commit is on the disk before it returns."""

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self.path, self._lock = Path(path), threading.RLock()
        if not create and not self.path.exists():
            raise InputError("there is no store of alerts here", file=self.path, fix="give the monitor's --store")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            write_ahead(self._db)
            self._db.execute("PRAGMA synchronous=FULL")
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found not in {0, FORMAT}:
                raise InputError(
                    f"was written by another version (format {found})", file=self.path, fix="use that version"
                )
            self._db.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={FORMAT}; COMMIT;")
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"is no store of alerts ({error})", file=self.path, fix="give the file that the monitor writes"
            ) from error
        except OSError as error:
            raise OutputError(
                f"cannot be opened ({error.strerror})", file=self.path, fix="give a file that you may write"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside a write transaction; OutputError where it cannot be written."""
        with self._lock:
            try:
                with write_transaction(self._db):
                    yield self._db
            except sqlite3.Error as error:
                raise OutputError(
                    f"cannot be written ({error})", file=self.path, fix="free the disk, or mend the file's rights"
                ) from error

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Return what a query finds."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the connection; what is committed stays."""
        with self._lock:
            self._db.close()
