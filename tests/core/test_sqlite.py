"""Stores that several processes make at once."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tradewind.core.sqlite import write_ahead


def opened(path: Path) -> sqlite3.Connection:
    """Return a connection that waits for nobody."""
    return sqlite3.connect(path, timeout=0.0, isolation_level=None, check_same_thread=False)


def test_writing_ahead_is_turned_on_once_another_has_let_go(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "a.db")) as first, closing(opened(tmp_path / "a.db")) as second:
        first.execute("CREATE TABLE t (x)")
        first.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(0.2, lambda: first.execute("COMMIT"))
        timer.start()
        write_ahead(second)
        timer.join()
        assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "a.db")) as first, closing(opened(tmp_path / "a.db")) as second:
        first.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead(second, wait=0.05)


def test_what_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database, only words" * 100)
    with closing(opened(tmp_path / "a.db")) as link, pytest.raises(sqlite3.DatabaseError, match="not a database"):
        write_ahead(link)
