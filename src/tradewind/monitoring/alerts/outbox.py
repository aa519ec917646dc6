"""Notifications on their way: on the disk until the receiver has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tradewind.monitoring.alerts.database import Database
from tradewind.monitoring.alerts.records import Notification

FIRST_PAUSE, LONGEST_PAUSE = 30.0, 1800.0
"""Seconds between two deliveries that failed: doubled each time, up to half an hour."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A notification that its claimant must deliver, and how often that was tried."""

    notification: Notification
    attempts: int
    owner: str


class Outbox:
    """Delivery at least once: a parcel leaves when it was delivered, or given up for a fault that time does not mend.

    A parcel is claimed for a stated time, so that several couriers do not deliver it at once; that of a courier that
    died is free again when the time is over. Receivers recognise a second delivery by the notification's id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def put(db: sqlite3.Connection, notifications: Sequence[Notification]) -> None:
        """Add notifications within a transaction; one that is there already is not added again."""
        db.executemany(
            "INSERT OR IGNORE INTO outbox (id, receiver, body, state, attempts, next_at, claimed_until, owner, error)"
            " VALUES (?, ?, ?, 'waiting', 0, 0, 0, '', '')",
            [(one.id, one.receiver, msgspec.json.encode(one)) for one in notifications],
        )

    def add(self, notification: Notification) -> None:
        """Add one notification."""
        with self._database.transaction() as db:
            self.put(db, [notification])

    def claim(self, receiver: str, owner: str, now: datetime, lease: timedelta) -> Parcel | None:
        """Return the oldest notification of ``receiver`` that is due and free, claimed until ``now + lease``."""
        at = now.timestamp()
        with self._database.transaction() as db:
            row = db.execute(
                "SELECT n, body, attempts FROM outbox WHERE state = 'waiting' AND receiver = ?"
                # what reaches further ahead than it ever does was written before the clock was set back
                " AND (next_at <= ? OR next_at > ?) AND (claimed_until <= ? OR claimed_until > ?) ORDER BY n LIMIT 1",
                (receiver, at, at + LONGEST_PAUSE, at, at + lease.total_seconds()),
            ).fetchone()
            if row is None:
                return None
            db.execute(
                "UPDATE outbox SET claimed_until = ?, owner = ?, attempts = attempts + 1 WHERE n = ?",
                (at + lease.total_seconds(), owner, row[0]),
            )
        notification = msgspec.json.decode(row[1], type=Notification)
        return Parcel(notification=notification, attempts=row[2] + 1, owner=owner)

    def delivered(self, parcel: Parcel, now: datetime) -> None:
        """Say that a parcel is delivered."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE outbox SET state = 'sent', sent_at = ?, claimed_until = 0, error = '' WHERE id = ?",
                (now.timestamp(), parcel.notification.id),
            )

    def failed(self, parcel: Parcel, now: datetime, error: str, *, final: bool) -> None:
        """Say that a delivery failed: tried again after a pause, or given up where ``final``."""
        pause = min(FIRST_PAUSE * 2 ** min(parcel.attempts - 1, 10), LONGEST_PAUSE)
        with self._database.transaction() as db:
            db.execute(
                "UPDATE outbox SET state = ?, next_at = ?, claimed_until = 0, error = ?"
                " WHERE id = ? AND owner = ? AND state = 'waiting'",
                (
                    "failed" if final else "waiting",
                    now.timestamp() + pause,
                    error[:500],
                    parcel.notification.id,
                    parcel.owner,
                ),
            )

    def list(self, state: str | None = None) -> list[dict[str, Any]]:
        """Return the notifications, the oldest first: of one state (``waiting``, ``sent``, ``failed``) or all."""
        rows = self._database.rows(
            "SELECT body, state, attempts, error FROM outbox WHERE ?1 IS NULL OR state = ?1 ORDER BY n", (state,)
        )
        found = []
        for body, now_is, attempts, error in rows:
            notification = msgspec.json.decode(body, type=Notification)
            found.append({**notification.to_dict(), "state": now_is, "attempts": attempts, "error": error})
        return found

    def resend(self) -> int:
        """Let what was given up be tried again, after its fault was mended, and return how many there are."""
        with self._database.transaction() as db:
            done = db.execute(
                "UPDATE outbox SET state = 'waiting', attempts = 0, next_at = 0, claimed_until = 0"
                " WHERE state = 'failed'"
            )
            return done.rowcount

    def forget(self, before: datetime) -> int:
        """Drop what was delivered before ``before``, and return how many there were."""
        with self._database.transaction() as db:
            done = db.execute("DELETE FROM outbox WHERE state = 'sent' AND sent_at < ?", (before.timestamp(),))
            return done.rowcount
