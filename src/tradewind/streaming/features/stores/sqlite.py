"""The whole history, in one file of this machine, without a server."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.core.sqlite import write_ahead
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.stores.base import BlockStore
from tradewind.streaming.features.stores.codec import pack, to_rows, unpack
from tradewind.streaming.features.stores.errors import DamagedRowsError, StoreError

logger = logging.getLogger(__name__)

_TABLES = """
CREATE TABLE IF NOT EXISTS symbol (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS block (
    schema TEXT NOT NULL, time INTEGER NOT NULL, rows BLOB NOT NULL, PRIMARY KEY (schema, time)
) WITHOUT ROWID;
"""


class SqliteStore(BlockStore):
    """Keeps the block of each time as one record with a checksum; threads may share it.

    A block that was put is there after a crash of the process; after a power cut the last ones may be gone, and are
    put again from the log. Rows of other feature sets may lie in the same file. Symbols are kept by name, so the file
    outlives a change of the universe.

    Parameters
    ----------
    path : the file; made where it is absent.
    symbols, names : the universe and the columns.
    keep_days : blocks older than so many days before the newest are removed; None keeps all.

    Raises
    ------
    StoreError : the file cannot be opened.
    """

    def __init__(
        self, path: str | Path, symbols: Sequence[str], names: Sequence[str], *, keep_days: float | None = None
    ) -> None:
        super().__init__(symbols, names)
        self.path, self.keep_days = Path(path), keep_days
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
            write_ahead(self._db)
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_TABLES)
            self._db.executemany("INSERT OR IGNORE INTO symbol (name) VALUES (?)", [(name,) for name in self._symbols])
            place = dict(self._db.execute("SELECT name, place FROM symbol"))
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self.path}: the feature history cannot be opened ({error})") from error
        self._place = np.array([place[name] for name in self._symbols], dtype=np.int64)
        self._code_of = np.full(max(place.values(), default=0) + 1, -1, dtype=np.int64)
        self._code_of[self._place] = np.arange(len(self._symbols))
        self._count, newest = self._one("SELECT count(*), max(time) FROM block WHERE schema = ?", (self.schema,))
        self._newest = -(2**63) if newest is None else newest

    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``; the other rows of its time stay."""
        with self._lock:
            held = self._held(block.time) if block.time <= self._newest else None
            whole = block if held is None else held.merged(block)
            data = pack(self._place[whole.code], to_rows(whole))
            try:
                self._db.execute("INSERT OR REPLACE INTO block VALUES (?, ?, ?)", (self.schema, block.time, data))
                if self.keep_days is not None:
                    before = block.time - int(self.keep_days * 86_400e6)
                    gone = self._db.execute("DELETE FROM block WHERE schema = ? AND time < ?", (self.schema, before))
                    self._count -= gone.rowcount
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: the features of {block.time} are not written ({error})") from error
            self._count += held is None
            self._newest = max(self._newest, block.time)

    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time``; None where there are none.

        Raises
        ------
        StoreError : the file cannot be read, or the rows are damaged.
        """
        with self._lock:
            return self._at(time)

    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that are kept with ``start <= time < stop``, ascending."""
        least, most = -(2**63) if start is None else start, 2**63 - 1 if stop is None else stop
        query = "SELECT time FROM block WHERE schema = ? AND time >= ? AND time < ? ORDER BY time"
        with self._lock:
            try:
                return [time for (time,) in self._db.execute(query, (self.schema, least, most))]
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: the feature history cannot be read ({error})") from error

    def status(self) -> Mapping[str, Any]:
        """Return its state, JSON-ready."""
        return {"kind": "sqlite", "degraded": False, "slices": self._count, "path": str(self.path)}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _held(self, time: int) -> FeatureBlock | None:
        """Return the rows that new ones of ``time`` are added to; damaged ones give way."""
        try:
            return self._at(time)
        except DamagedRowsError as error:
            logger.error("%s; they are written anew", error)
            return None

    def _at(self, time: int) -> FeatureBlock | None:
        found = self._one("SELECT rows FROM block WHERE schema = ? AND time = ?", (self.schema, time))
        if found is None:
            return None
        try:
            block = unpack(time, found[0], len(self._names))
        except ValueError as error:
            raise DamagedRowsError(f"{self.path}: {error}") from error
        code = self._known(block.code)
        order = np.argsort(code, kind="stable")
        block = block.rows(order[code[order] >= 0])
        return FeatureBlock(**{**vars(block), "code": self._known(block.code)})

    def _known(self, place: IntArray) -> IntArray:
        """(k,) codes of stored places; -1 for symbols that are not of this universe."""
        inside = place < len(self._code_of)
        code: IntArray = np.where(inside, self._code_of[np.where(inside, place, 0)], -1)
        return code

    def _one(self, query: str, values: tuple[Any, ...]) -> Any:
        try:
            return self._db.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: the feature history cannot be read ({error})") from error
