"""The SQLite file of cases: tables, transactions, and acts that nobody can change through SQL."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tradewind.core.errors import InputError, OutputError
from tradewind.core.sqlite import write_ahead, write_transaction

WAIT = 30.0
"""Seconds to wait for another writer."""
FORMAT = 1
APPLICATION = 0x54574353
"""Marks the file as one of cases."""

_TABLES = """
CREATE TABLE cases (
    n INTEGER PRIMARY KEY, state TEXT NOT NULL, tier INTEGER NOT NULL, assignee TEXT NOT NULL,
    respond_by TEXT NOT NULL, score REAL NOT NULL, body BLOB NOT NULL
);
CREATE INDEX cases_queue ON cases (state, tier);
CREATE TABLE parties (party TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (party, n)) WITHOUT ROWID;
CREATE TABLE alerts (
    id TEXT NOT NULL, n INTEGER NOT NULL, revision INTEGER NOT NULL, run TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (id, n)
);
CREATE INDEX alerts_of_case ON alerts (n);
CREATE TABLE acts (
    n INTEGER PRIMARY KEY, c INTEGER NOT NULL, body BLOB NOT NULL, hash TEXT NOT NULL, told INTEGER NOT NULL
);
CREATE INDEX acts_of_case ON acts (c);
CREATE INDEX acts_untold ON acts (n) WHERE told = 0;
CREATE TABLE store (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL);
CREATE TRIGGER acts_stay BEFORE DELETE ON acts BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END;
CREATE TRIGGER acts_unchanged BEFORE UPDATE OF n, c, body, hash ON acts
BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END;
"""


class CaseDatabase:
    """A connection for one process, safe among its threads. A commit is on the disk before it returns.

    Raises
    ------
    InputError : the file holds something else, or is absent and ``create`` is False.
    OutputError : it cannot be made.
    """

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self.path, self._lock = Path(path), threading.RLock()
        if not create and not self.path.exists():
            raise InputError(
                "there is no store of cases here", file=self.path, fix="take in alerts with `surveil case ingest`"
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            self._begin()
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"is no store of cases ({error})", file=self.path, fix="give the file that `surveil case` writes"
            ) from error
        except OSError as error:
            raise OutputError(
                f"cannot be opened ({error.strerror})", file=self.path, fix="give a file that you may write"
            ) from error

    def _begin(self) -> None:
        write_ahead(self._db)
        self._db.execute("PRAGMA synchronous=FULL")
        with write_transaction(self._db) as db:
            application = db.execute("PRAGMA application_id").fetchone()[0]
            version = db.execute("PRAGMA user_version").fetchone()[0]
            empty = not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            if empty:
                for statement in _statements():
                    db.execute(statement)
                db.execute("INSERT INTO store VALUES (1, ?)", (secrets.token_hex(8),))
                db.execute(f"PRAGMA application_id={APPLICATION}")
                db.execute(f"PRAGMA user_version={FORMAT}")
            elif (application, version) != (APPLICATION, FORMAT):
                raise InputError(
                    f"is no store of cases of this version (format {version})",
                    file=self.path,
                    fix="give the file that `surveil case` writes",
                )
        self.id: str = self._db.execute("SELECT id FROM store").fetchone()[0]

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

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Return what a query finds."""
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise InputError(
                    f"cannot be read ({error})", file=self.path, fix="restore the file from a copy"
                ) from error

    def close(self) -> None:
        """Close the connection; what is committed stays."""
        with self._lock:
            self._db.close()


def _statements() -> Iterator[str]:
    """Yield the statements that make the tables; a trigger holds a semicolon of its own."""
    part = ""
    for line in _TABLES.strip().splitlines():
        part += line + "\n"
        if sqlite3.complete_statement(part):
            yield part
            part = ""
