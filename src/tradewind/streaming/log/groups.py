"""Consumer groups of the embedded log: who lives, who owns which partition, what is committed.

One SQLite file for all processes. Members renew a lease; partitions are dealt out by name among the living, and one
changes hands only when its owner has let go of it or its lease has run out. Leases run by the machine's monotonic
clock, which no setting of the time moves, and hold until the next boot.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tradewind.core.sqlite import write_ahead, write_transaction
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.protocol import Positions

logger = logging.getLogger(__name__)

Place = tuple[str, int]
"""(topic, partition)."""

_TABLES = """
CREATE TABLE IF NOT EXISTS positions (
    grp TEXT, topic TEXT, part INTEGER, position INTEGER NOT NULL, PRIMARY KEY (grp, topic, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    grp TEXT, member TEXT, topics TEXT NOT NULL, boot TEXT NOT NULL, expires REAL NOT NULL,
    PRIMARY KEY (grp, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    grp TEXT, topic TEXT, part INTEGER, member TEXT NOT NULL, PRIMARY KEY (grp, topic, part)) WITHOUT ROWID;
"""


def _boot() -> str:
    """Return what tells this boot of the machine from others; "" where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def share(member: str, members: Sequence[tuple[str, frozenset[str]]], places: Iterable[Place]) -> set[Place]:
    """Return which of ``places`` fall to ``member``; ``members`` are (name, topics) of the living.

    Partition p of every topic goes to the same member where all read the same topics, so what belongs together (a
    symbol's bars and news) meets in one.
    """
    names = {
        topic: sorted(name for name, topics in members if topic in topics) for topic in {topic for topic, _ in places}
    }
    return {(topic, part) for topic, part in places if names[topic][part % len(names[topic])] == member}


class Groups:
    """The store of groups; one connection, for one process; safe among threads."""

    def __init__(self, path: Path) -> None:
        self._lock, self._boot = threading.RLock(), _boot()
        try:
            self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
            write_ahead(self._db)
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_TABLES)
        except sqlite3.Error as error:
            raise LogError(f"cannot open the store of consumer groups {path}: {error}") from error

    @contextmanager
    def _transaction(self, what: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with write_transaction(self._db):
                    yield self._db
            except sqlite3.Error as error:
                raise LogError(f"cannot {what}: {error}") from error

    def _read(self, query: str, values: tuple[object, ...]) -> list[Any]:
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise LogError(f"cannot read the store of consumer groups: {error}") from error

    def beat(self, group: str, member: str, places: Sequence[Place], lease: float) -> set[Place]:
        """Say that ``member`` lives, and return which of ``places``, those it reads, it owns now.

        Raises
        ------
        LogError : the store cannot be written.
        """
        now = time.monotonic()
        topics = "\n".join(sorted({topic for topic, _ in places}))
        with self._transaction(f"join group {group!r}") as db:
            db.execute("DELETE FROM members WHERE grp = ? AND (boot != ? OR expires < ?)", (group, self._boot, now))
            row = (group, member, topics, self._boot, now + lease)
            db.execute("INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?)", row)
            db.execute(
                "DELETE FROM owners WHERE grp = ?1 AND member NOT IN (SELECT member FROM members WHERE grp = ?1)",
                (group,),
            )
            living = db.execute("SELECT member, topics FROM members WHERE grp = ?", (group,)).fetchall()
            mine = share(member, [(name, frozenset(text.split("\n"))) for name, text in living], places)
            for topic, part in self._owned(db, group, member) - mine:
                db.execute("DELETE FROM owners WHERE grp = ? AND topic = ? AND part = ?", (group, topic, part))
            free = [(group, topic, part, member) for topic, part in sorted(mine)]
            db.executemany("INSERT OR IGNORE INTO owners VALUES (?, ?, ?, ?)", free)
            return self._owned(db, group, member)

    @staticmethod
    def _owned(db: sqlite3.Connection, group: str, member: str) -> set[Place]:
        rows = db.execute("SELECT topic, part FROM owners WHERE grp = ? AND member = ?", (group, member))
        return {(topic, part) for topic, part in rows}

    def leave(self, group: str, member: str) -> None:
        """Give back what ``member`` owns."""
        with self._transaction(f"leave group {group!r}") as db:
            db.execute("DELETE FROM owners WHERE grp = ? AND member = ?", (group, member))
            db.execute("DELETE FROM members WHERE grp = ? AND member = ?", (group, member))

    def commit(self, group: str, member: str, positions: Positions) -> list[Place]:
        """Store ``positions``; return those left out because another member owns the partition by now.

        Raises
        ------
        LogError : the store cannot be written; nothing of it is stored.
        """
        with self._transaction(f"commit of group {group!r}") as db:
            owners = {
                (topic, part): owner
                for topic, part, owner in db.execute("SELECT topic, part, member FROM owners WHERE grp = ?", (group,))
            }
            lost = [place for place in positions if owners.get(place, member) != member]
            rows = [(group, *place, offset) for place, offset in positions.items() if place not in lost]
            db.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)", rows)
            return lost

    def committed(self, group: str) -> dict[Place, int]:
        """Return what ``group`` has committed."""
        rows = self._read("SELECT topic, part, position FROM positions WHERE grp = ?", (group,))
        return {(topic, part): position for topic, part, position in rows}

    def names(self) -> list[str]:
        """Return every group that lives or has committed."""
        rows = self._read("SELECT grp FROM positions UNION SELECT grp FROM members ORDER BY 1", ())
        return [name for (name,) in rows]

    def members(self, group: str) -> list[str]:
        """Return the members of ``group`` whose lease runs."""
        now = time.monotonic()
        rows = self._read(
            "SELECT member FROM members WHERE grp = ? AND boot = ? AND expires >= ? ORDER BY 1",
            (group, self._boot, now),
        )
        return [name for (name,) in rows]

    def close(self) -> None:
        """Close the store."""
        with self._lock:
            self._db.close()
