"""What a connector remembers across restarts: its place, the items it has delivered, and those it was delivering.

One SQLite file a connector, written in transactions: a killed process leaves the state before or the state after.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from tradewind.core import OutputError, UsageError
from tradewind.core.sqlite import write_ahead

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, version TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pending (key TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;
"""
_ENDS = "ends-before-pending"


class Store:
    """The memory of one connector; threads may share it, processes may not.

    Parameters
    ----------
    path : file; made where it is absent.
    remember : keys kept, the newest.

    Raises
    ------
    UsageError : another process holds it, or it is no such file.
    OutputError : it cannot be made.
    """

    def __init__(self, path: Path, *, remember: int = 100_000) -> None:
        self.path, self._remember = path, remember
        self._guard = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._alone = FileLock(f"{path}.lock")
            self._alone.acquire(timeout=0)
        except Timeout as error:
            raise UsageError(
                "another process runs this connector", file=path, fix="stop it, or give this one another name or state"
            ) from error
        except OSError as error:
            raise OutputError(
                f"cannot be made ({error.strerror or error})", file=path, fix="give a folder you may write to as state"
            ) from error
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
            write_ahead(self._db)
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._alone.release()
            raise UsageError(
                f"is no connector state ({error})", file=path, fix="move the file away; the newest items may come twice"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def mark(self, name: str) -> str | None:
        """Return what was saved under ``name``."""
        with self._guard:
            row = self._db.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def marks(self, prefix: str) -> dict[str, str]:
        """Return everything saved under names that begin with ``prefix``."""
        with self._guard:
            rows = self._db.execute("SELECT name, value FROM mark WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))
            return dict(rows.fetchall())

    def unseen(self, versions: Mapping[str, str]) -> set[str]:
        """Return those keys of ``versions`` (version by key) that were not delivered last in that version."""
        with self._guard:
            find = "SELECT version FROM seen WHERE key = ?"
            return {key for key, text in versions.items() if self._db.execute(find, (key,)).fetchone() != (text,)}

    def intend(self, versions: Mapping[str, str], ends: Mapping[tuple[str, int], int]) -> None:
        """Save that the items of ``versions`` are about to be written behind ``ends`` of the log."""
        places = json.dumps([[topic, partition, offset] for (topic, partition), offset in ends.items()])
        with self._guard, self._db:
            self._db.execute("PRAGMA synchronous=FULL")  # must be on the disk before the log is written
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?)", versions.items())
            self._db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (_ENDS, places))

    def intended(self) -> tuple[dict[str, str], dict[tuple[str, int], int]]:
        """Return the items whose writing was begun and not known to be finished, and the ends of the log before it."""
        places = json.loads(self.mark(_ENDS) or "[]")
        with self._guard:
            versions = dict(self._db.execute("SELECT key, version FROM pending").fetchall())
        return versions, {(topic, partition): offset for topic, partition, offset in places}

    def finish(self, versions: Mapping[str, str], marks: Mapping[str, str | None]) -> None:
        """Save in one step that the items of ``versions`` are delivered and where the connector stands.

        A mark of None is removed. A power cut may undo this step, for it is not waited for: what was intended is on
        the disk by then, and the log tells what became of it.
        """
        with self._guard, self._db:
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO seen (key, version) VALUES (?, ?)", versions.items())
            self._db.execute("DELETE FROM seen WHERE n <= (SELECT MAX(n) FROM seen) - ?", (self._remember,))
            self._db.execute("DELETE FROM pending")
            for name, value in marks.items():
                if value is None:
                    self._db.execute("DELETE FROM mark WHERE name = ?", (name,))
                else:
                    self._db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Let go of the file."""
        with self._guard:
            self._db.close()
        self._alone.release()


class DeadLetters:
    """Items that no record could be made of, one JSON line each with the reason; old files make way for new ones."""

    def __init__(self, path: Path, *, most: int = 64 * 2**20, files: int = 5) -> None:
        self.path, self._most, self._files = path, most, files
        self._guard = threading.Lock()

    def add(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Append ``rows`` durably."""
        text = "".join(json.dumps({"at": time.time(), **row}, default=repr) + "\n" for row in rows)
        with self._guard:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size + len(text) > self._most:
                self._turn()
            with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())

    def _turn(self) -> None:
        for number in range(self._files - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            if newer.exists():
                newer.replace(older)
