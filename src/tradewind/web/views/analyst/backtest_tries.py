"""Which variants of a backtest people have looked at: a search, whose length corrects what it finds."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from tradewind.core.sqlite import write_transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS backtest_tries (
    project TEXT NOT NULL, variant TEXT NOT NULL, PRIMARY KEY (project, variant));
"""


class BacktestTries:
    """The variants tried for each project, by anybody, in the dashboard's store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, set[str]] = {}

    def add(self, project: str, variant: str) -> int:
        """Count ``variant`` among those tried for ``project``, once, and return how many they are."""
        with self._lock:
            known = self._known.get(project)
            if known is None or variant not in known:
                known = self._known[project] = self._write(project, variant)
            return len(known)

    def _write(self, project: str, variant: str) -> set[str]:
        with closing(sqlite3.connect(self._path, timeout=10.0, isolation_level=None)) as db:
            db.executescript(_SCHEMA)
            with write_transaction(db):
                db.execute("INSERT OR IGNORE INTO backtest_tries VALUES (?, ?)", (project, variant))
            found = db.execute("SELECT variant FROM backtest_tries WHERE project = ?", (project,)).fetchall()
        return {row[0] for row in found}
