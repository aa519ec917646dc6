"""The log in a SQLite file: write-ahead log, a sync at every commit, triggers that refuse change."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from tradewind.core import InputError, OutputError
from tradewind.core.sqlite import write_ahead
from tradewind.governance.audit.store import ENTRIES, KEYS, SEALS, Ledger

WAIT = 60.0
"""Seconds to wait for another process that writes."""

SIZES = (512, 128, 32, 8, 1)
"""Rows of one INSERT; a few sizes, so that prepared statements are used again."""

_ALLOWED = f"EXISTS (SELECT 1 FROM {SEALS} WHERE boundary >= OLD.seq)"
_SCHEMA = {
    ENTRIES: f"""CREATE TABLE {ENTRIES} (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,
key_id TEXT NOT NULL, model TEXT NOT NULL, symbol TEXT NOT NULL, caller TEXT NOT NULL, body BLOB NOT NULL,
hash BLOB NOT NULL) STRICT""",
    SEALS: f"""CREATE TABLE {SEALS} (n INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL,
at INTEGER NOT NULL, writer TEXT NOT NULL, boundary INTEGER, detail TEXT NOT NULL, previous BLOB NOT NULL,
signature BLOB NOT NULL) STRICT""",
    KEYS: f"""CREATE TABLE {KEYS} (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, master_id TEXT NOT NULL,
first_seq INTEGER NOT NULL, wrapped BLOB NOT NULL) STRICT""",
    "audit_by_time": f"CREATE INDEX audit_by_time ON {ENTRIES} (at)",
    "audit_by_kind": f"CREATE INDEX audit_by_kind ON {ENTRIES} (kind)",
    "audit_by_model": f"CREATE INDEX audit_by_model ON {ENTRIES} (model) WHERE model <> ''",
    "audit_by_symbol": f"CREATE INDEX audit_by_symbol ON {ENTRIES} (symbol) WHERE symbol <> ''",
    "audit_by_caller": f"CREATE INDEX audit_by_caller ON {ENTRIES} (caller) WHERE caller <> ''",
    "audit_seals_by_seq": f"CREATE INDEX audit_seals_by_seq ON {SEALS} (seq)",
    "audit_prunings": f"CREATE INDEX audit_prunings ON {SEALS} (boundary) WHERE boundary IS NOT NULL",
    "audit_entries_no_update": f"""CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON {ENTRIES}
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "audit_entries_no_delete": f"""CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON {ENTRIES}
WHEN OLD.seq = 0 OR NOT {_ALLOWED} BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "audit_entries_in_order": f"""CREATE TRIGGER audit_entries_in_order BEFORE INSERT ON {ENTRIES}
WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM {ENTRIES})
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "audit_seals_no_update": f"""CREATE TRIGGER audit_seals_no_update BEFORE UPDATE ON {SEALS}
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "audit_seals_no_delete": f"""CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON {SEALS}
WHEN NOT {_ALLOWED} BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "audit_seals_in_order": f"""CREATE TRIGGER audit_seals_in_order BEFORE INSERT ON {SEALS}
WHEN NEW.n <> (SELECT coalesce(max(n), -1) + 1 FROM {SEALS})
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
}


class SqliteSession:
    """One transaction on a SQLite connection."""

    table_alone = " NOT INDEXED"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of an answer."""
        return self._connection.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows of an answer one by one."""
        return self._connection.execute(sql, values)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Carry out a statement."""
        self._connection.execute(sql, values)

    def many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Carry out an INSERT for each set of values, many to a statement.

        Each statement makes this thread wait for its turn among those that append, so few are better than many.
        """
        begin, _, row = sql.partition(" VALUES ")
        start = 0
        for size in SIZES:
            while len(values) - start >= size:
                some = values[start : start + size]
                rows = ", ".join([row] * size)
                self._connection.execute(f"{begin} VALUES {rows}", list(chain.from_iterable(some)))
                start += size

    def raw(self, column: str) -> str:
        """Return the SQL for the bytes of a text column."""
        return f"CAST({column} AS BLOB)"


class SqliteStore:
    """A log in a file.

    Parameters
    ----------
    path : the database; its write-ahead log lies beside it.
    """

    alone = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shown = str(path)
        self._writer: sqlite3.Connection | None = None

    def exists(self) -> bool:
        """Return whether the tables are there."""
        if not self.path.exists():
            return False
        with self.reading() as ledger:
            found = ledger.session.all("SELECT 1 FROM sqlite_master WHERE name = ?", (ENTRIES,))
        return bool(found)

    def create(self) -> None:
        """Make the tables and their guards unless they are there."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot write here ({error.strerror})", file=self.path, fix="choose a folder you may write to"
            ) from error
        with self.writing() as ledger:
            if not ledger.session.all("SELECT 1 FROM sqlite_master WHERE name = ?", (ENTRIES,)):
                for sql in _SCHEMA.values():
                    ledger.session.run(sql)

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """Hold the file's one write lock; what was done is on the disk at the end, or nothing of it."""
        with self._told(OutputError, "free the disk, or choose a place you may write to"):
            connection = self._writer = self._writer or self._connected()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Ledger(SqliteSession(connection))
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[Ledger]:
        """See one state of the file, whatever is written meanwhile."""
        with self._told(InputError, "give the database of an audit log that you may read"):
            # SQLite wants to write beside a log that nobody has open: who may not, reads the file as one that rests
            effective = os.access in os.supports_effective_ids
            may = os.access(self.path.parent, os.W_OK, effective_ids=effective)
            rests = not may and not Path(f"{self.path}-wal").exists()
            before = self._written() if rests else None
            uri = f"{self.path.absolute().as_uri()}?mode=ro{'&immutable=1' if rests else ''}"
            with closing(sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None)) as connection:
                connection.execute("BEGIN")
                yield Ledger(SqliteSession(connection))
            if before is not None and self._written() != before:
                raise InputError("the audit log was written while it was read", file=self.path, fix="read it again")

    def faults(self, ledger: Ledger, *, deep: bool = False) -> list[str]:
        """Return which tables, indexes and guards are not as they were made.

        ``deep`` also finds entries that an index hides from queries, and values of a type the tables do not allow.
        """
        found = dict(ledger.session.all("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        added = ledger.session.all(
            "SELECT type, name FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL ORDER BY name"
        )
        words = [f"{name} is missing" for name in _SCHEMA if name not in found]
        words += [f"{name} was changed" for name, sql in _SCHEMA.items() if name in found and found[name] != sql]
        words += [f"{what} {name} was added" for what, name in added if name not in _SCHEMA]
        if deep:
            checked = ledger.session.all("PRAGMA integrity_check")
            words += [str(text) for (text,) in checked if text != "ok"]
        return words

    def close(self) -> None:
        """Let go of the connection that writes."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _written(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_size

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")  # a commit waits until the write-ahead log is on the disk
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -65536")  # KiB; the indexes of a large log are wider than the default
        connection.execute("PRAGMA secure_delete = ON")  # what is pruned is overwritten
        return connection

    @contextmanager
    def _told(self, kind: type[InputError], fix: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise kind(f"the audit log cannot be used ({error})", file=self.path, fix=fix) from error
