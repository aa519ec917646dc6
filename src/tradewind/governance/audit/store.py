"""What a store of the log must do, and the SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from tradewind.governance.audit.row import Row
from tradewind.governance.audit.seal import Seal

ENTRIES, SEALS, KEYS = "audit_entries", "audit_seals", "audit_data_keys"
_ROW = "seq, at, kind, key_id, model, symbol, caller, body, hash"
_SEAL = "n, seq, hash, at, writer, boundary, detail, previous, signature"
_KEY = "n, id, master_id, first_seq, wrapped"


class StoredKey(NamedTuple):
    """A data key as it is stored: wrapped, and for which entries it is used (``first_seq`` and after)."""

    n: int
    id: str
    master_id: str
    first_seq: int
    wrapped: bytes


class Session(Protocol):
    """One transaction on a database; ``?`` marks a parameter.

    Attributes
    ----------
    table_alone : what follows the name of a table that shall be read itself, and not through an index.
    """

    table_alone: str

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of an answer."""
        ...

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows of an answer that need not fit in memory."""
        ...

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Carry out a statement."""
        ...

    def many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Carry out an INSERT for each set of values."""
        ...

    def raw(self, column: str) -> str:
        """Return the SQL for the bytes of a text column, whatever they are."""
        ...


class Ledger:
    """The tables of the log inside one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def head(self) -> tuple[int, bytes] | None:
        """Return seq and hash of the last entry."""
        found = self.session.all(f"SELECT seq, hash FROM {ENTRIES} ORDER BY seq DESC LIMIT 1")
        return (found[0][0], found[0][1]) if found else None

    def row(self, seq: int) -> Row | None:
        """Return one entry."""
        found = self.session.all(f"SELECT {_ROW} FROM {ENTRIES} WHERE seq = ?", (seq,))
        return Row(*found[0]) if found else None

    def add(self, rows: Sequence[Row], seal: Seal) -> None:
        """Add entries and the seal over them."""
        self.session.many(f"INSERT INTO {ENTRIES} ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self.session.run(f"INSERT INTO {SEALS} ({_SEAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", seal)

    def remove_through(self, boundary: int) -> None:
        """Remove entries 1 to ``boundary`` and their seals; the tables allow it only after the seal of a pruning."""
        self.session.run(f"DELETE FROM {ENTRIES} WHERE seq > 0 AND seq <= ?", (boundary,))
        self.session.run(f"DELETE FROM {SEALS} WHERE seq <= ?", (boundary,))

    def last_seal(self) -> Seal | None:
        """Return the newest seal."""
        found = self.session.all(f"SELECT {_SEAL} FROM {SEALS} ORDER BY n DESC LIMIT 1")
        return Seal(*found[0]) if found else None

    def last_pruning(self) -> Seal | None:
        """Return the newest seal of a pruning."""
        found = self.session.all(f"SELECT {_SEAL} FROM {SEALS} WHERE boundary IS NOT NULL ORDER BY n DESC LIMIT 1")
        return Seal(*found[0]) if found else None

    def seal(self, n: int) -> Seal | None:
        """Return one seal."""
        found = self.session.all(f"SELECT {_SEAL} FROM {SEALS} WHERE n = ?", (n,))
        return Seal(*found[0]) if found else None

    def seal_after(self, seq: int) -> Seal | None:
        """Return the first seal that covers more than the entries through ``seq``."""
        found = self.session.all(f"SELECT {_SEAL} FROM {SEALS} WHERE seq > ? ORDER BY n LIMIT 1", (seq,))
        return Seal(*found[0]) if found else None

    def seal_through(self, seq: int) -> Seal | None:
        """Return the last seal that covers no entry after ``seq``."""
        found = self.session.all(f"SELECT {_SEAL} FROM {SEALS} WHERE seq <= ? ORDER BY n DESC LIMIT 1", (seq,))
        return Seal(*found[0]) if found else None

    def seals(self) -> Iterator[Seal]:
        """Return every seal in order."""
        return (Seal(*values) for values in self.session.stream(f"SELECT {_SEAL} FROM {SEALS} ORDER BY n"))

    def writers_after(self, n: int) -> int:
        """Return how many processes wrote the seals after seal ``n``."""
        return int(self.session.all(f"SELECT count(DISTINCT writer) FROM {SEALS} WHERE n > ?", (n,))[0][0])

    def count(self) -> int:
        """Return the number of entries."""
        return int(self.session.all(f"SELECT count(*) FROM {ENTRIES}")[0][0])

    def kinds(self) -> dict[str, int]:
        """Return the number of entries of each kind."""
        found = self.session.all(f"SELECT kind, count(*) FROM {ENTRIES} GROUP BY kind ORDER BY kind")
        return {kind: int(n) for kind, n in found}

    def raw_rows(self) -> Iterator[tuple[Any, ...]]:
        """Return every entry in order as (seq, at, kind, key id, model, symbol, caller, body, hash), texts as bytes."""
        texts = ", ".join(self.session.raw(name) for name in ("kind", "key_id", "model", "symbol", "caller"))
        table = f"{ENTRIES}{self.session.table_alone}"  # never from an index: somebody could have left it as it was
        return self.session.stream(f"SELECT seq, at, {texts}, body, hash FROM {table} ORDER BY seq")

    def rows(self, where: str, values: Sequence[Any], *, newest: bool = False) -> Iterator[Row]:
        """Return the entries for which the SQL condition ``where`` holds."""
        order = "DESC" if newest else "ASC"
        sql = f"SELECT {_ROW} FROM {ENTRIES} WHERE {where} ORDER BY seq {order}"
        return (Row(*found) for found in self.session.stream(sql, values))

    def rows_and_hash_before(self, where: str, values: Sequence[Any]) -> Iterator[tuple[Row, bytes | None]]:
        """Return the entries for which ``where`` holds, each with the hash of the entry before where that is left."""
        before = f"(SELECT p.hash FROM {ENTRIES} p WHERE p.seq = {ENTRIES}.seq - 1)"
        sql = f"SELECT {_ROW}, {before} FROM {ENTRIES} WHERE {where} ORDER BY seq"
        return ((Row(*found[:9]), found[9]) for found in self.session.stream(sql, values))

    def span(self, where: str, values: Sequence[Any]) -> tuple[int, int] | None:
        """Return the lowest and the highest seq for which ``where`` holds, None where it never does."""
        low, high = self.session.all(f"SELECT min(seq), max(seq) FROM {ENTRIES} WHERE {where}", values)[0]
        return None if low is None else (int(low), int(high))

    def rows_after(self, seq: int) -> Iterator[tuple[Any, ...]]:
        """Return the entries after ``seq`` as :meth:`raw_rows` does."""
        texts = ", ".join(self.session.raw(name) for name in ("kind", "key_id", "model", "symbol", "caller"))
        table = f"{ENTRIES}{self.session.table_alone}"
        sql = f"SELECT seq, at, {texts}, body, hash FROM {table} WHERE seq > ? ORDER BY seq"
        return self.session.stream(sql, (seq,))

    def seals_after(self, seq: int) -> Iterator[Seal]:
        """Return in order the seals that cover entries after ``seq``."""
        sql = f"SELECT {_SEAL} FROM {SEALS} WHERE seq > ? ORDER BY n"
        return (Seal(*values) for values in self.session.stream(sql, (seq,)))

    def first_at_or_after(self, at: int) -> int | None:
        """Return seq of the first entry, genesis apart, written at or after ``at``."""
        return self._one(f"SELECT seq FROM {ENTRIES} WHERE seq > 0 AND at >= ? ORDER BY seq LIMIT 1", (at,))

    def first_seq(self) -> int | None:
        """Return seq of the first entry that is left, genesis apart."""
        return self._one(f"SELECT seq FROM {ENTRIES} WHERE seq > 0 ORDER BY seq LIMIT 1", ())

    def data_keys(self) -> list[StoredKey]:
        """Return the data keys, the oldest first."""
        return [StoredKey(*found) for found in self.session.all(f"SELECT {_KEY} FROM {KEYS} ORDER BY n")]

    def add_key(self, key: StoredKey) -> None:
        """Add a data key."""
        self.session.run(f"INSERT INTO {KEYS} ({_KEY}) VALUES (?, ?, ?, ?, ?)", key)

    def replace_keys(self, keys: Sequence[StoredKey]) -> None:
        """Put ``keys`` in place of the data keys there are."""
        self.session.run(f"DELETE FROM {KEYS}")
        self.session.many(f"INSERT INTO {KEYS} ({_KEY}) VALUES (?, ?, ?, ?, ?)", keys)

    def _one(self, sql: str, values: Sequence[Any]) -> int | None:
        found = self.session.all(sql, values)
        return int(found[0][0]) if found else None


class Store(Protocol):
    """A database that keeps one log.

    Attributes
    ----------
    shown : where it is, without credentials.
    alone : whether every writer uses the same anchor, as on one machine.
    """

    shown: str
    alone: bool

    def exists(self) -> bool:
        """Return whether the tables are there."""
        ...

    def create(self) -> None:
        """Make the tables and their guards unless they are there."""
        ...

    def writing(self) -> AbstractContextManager[Ledger]:
        """Return a transaction that no other writer can be in at the same time; it is durable when it ends."""
        ...

    def reading(self) -> AbstractContextManager[Ledger]:
        """Return a transaction that sees one state of the log throughout."""
        ...

    def faults(self, ledger: Ledger, *, deep: bool = False) -> list[str]:
        """Return what is wrong with the tables and their guards, in words; ``deep`` reads every index too."""
        ...

    def close(self) -> None:
        """Let go of the connection that writes."""
        ...
