"""The durable memory of alerts: records as JSON in SQLite, notifications in the same transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import msgspec

from tradewind.core import InputError
from tradewind.monitoring.alerts.database import Database
from tradewind.monitoring.alerts.outbox import Outbox
from tradewind.monitoring.alerts.records import Alert, Incident, Ledger, Silence
from tradewind.monitoring.alerts.state import AlertState

_KINDS: dict[str, type[Any]] = {"alerts": Alert, "incidents": Incident, "silences": Silence, "ledgers": Ledger}


class AlertStore:
    """Keeps alerts in a SQLite file that survives the end of any process, and that several may use.

    Notifications of a change go into :attr:`outbox` in the same transaction: an alert that says it was told has its
    notification on the disk.
    """

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self._database = Database(path, create=create)
        self.path, self.outbox = Path(path), Outbox(self._database)
        self._cached, self._version = AlertState(), -1

    @contextmanager
    def change(self) -> Iterator[AlertState]:
        """Yield the state to change; kept when the block ends, dropped when it raises.

        Raises
        ------
        OutputError : the file cannot be written. InputError : it holds what is no record.
        """
        with self._database.transaction() as db:
            before = self._load(db)
            draft = before.copy()
            yield draft
            changed = self._write(db, before, draft)
            self.outbox.put(db, draft.outgoing)
            draft.outgoing = []
            if changed:
                db.execute("UPDATE version SET n = n + 1")
            # another transaction cannot have come between: this one still holds the write lock
            after, version = draft.copy(), self._version + int(changed)
        self._cached, self._version = after, version

    def read(self) -> AlertState:
        """Return the state as it is now."""
        with self._database.transaction() as db:
            return self._load(db).copy()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _load(self, db: sqlite3.Connection) -> AlertState:
        """Return the state; read anew only where another process has written since."""
        version = db.execute("SELECT n FROM version").fetchone()[0]
        if version == self._version:
            return self._cached
        found: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
        for kind, name, body in db.execute("SELECT kind, id, body FROM records ORDER BY kind, id"):
            try:
                found[kind][name] = msgspec.json.decode(body, type=_KINDS[kind])
            except (msgspec.MsgspecError, KeyError) as error:
                raise InputError(
                    f"holds a record that cannot be read ({kind} {name}: {error})",
                    file=self.path,
                    fix="restore it from a copy, or remove it: alerts then begin anew",
                ) from error
        self._cached, self._version = AlertState(**cast("Any", found)), version
        return self._cached

    @staticmethod
    def _write(db: sqlite3.Connection, before: AlertState, after: AlertState) -> bool:
        changed = False
        for kind in _KINDS:
            old = cast("dict[str, Any]", getattr(before, kind))
            new = cast("dict[str, Any]", getattr(after, kind))
            rows = [(kind, name, msgspec.json.encode(one)) for name, one in new.items() if old.get(name) is not one]
            gone = [(kind, name) for name in old if name not in new]
            db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
            db.executemany("DELETE FROM records WHERE kind = ? AND id = ?", gone)
            changed = changed or bool(rows or gone)
        return changed
