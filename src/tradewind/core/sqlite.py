"""All of a change to an SQLite file or nothing of it, and readers that need not wait for writers."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def write_transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Yield ``db``, of isolation level None, inside a transaction that holds the write lock from its begin.

    It is committed at the end and rolled back on any error; SQLite's own errors pass through.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def write_ahead(connection: sqlite3.Connection, wait: float = 10.0) -> None:
    """Have changes go to a write-ahead log first, so that readers need not wait for a writer.

    Turning it on takes the whole file for a moment, and there SQLite does not wait for others as it does elsewhere:
    where several processes make a store at once, all but one would be turned away. ``wait`` : seconds to try for.

    Raises
    ------
    sqlite3.OperationalError : others hold the file for longer.
    """
    until = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.01)
