"""Everything a manager remembers, and the protocol of what keeps it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from tradewind.monitoring.alerts.records import Alert, Incident, Ledger, Notification, Silence


@dataclass(kw_only=True)
class AlertState:
    """The memory, by id. Records are replaced, never changed.

    ``outgoing`` : notifications to be delivered, kept in the same transaction as what they tell of.
    """

    alerts: dict[str, Alert] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    silences: dict[str, Silence] = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    outgoing: list[Notification] = field(default_factory=list)

    def copy(self) -> AlertState:
        """Return a state whose changes do not touch this one."""
        return AlertState(
            alerts=dict(self.alerts),
            incidents=dict(self.incidents),
            silences=dict(self.silences),
            ledgers=dict(self.ledgers),
        )

    def members(self, incident: str) -> list[Alert]:
        """Return the alerts of an incident, the gravest and oldest first."""
        from tradewind.monitoring.alerts.settings import GRAVITY

        found = [alert for alert in self.alerts.values() if alert.incident == incident]
        return sorted(found, key=lambda one: (-GRAVITY[one.severity], one.opened_at, one.fingerprint))


class StateStore(Protocol):
    """Keeps the memory: all of a change or nothing of it."""

    def change(self) -> AbstractContextManager[AlertState]:
        """Yield the state to change; kept when the block ends, dropped when it raises. One writer at a time."""
        ...

    def read(self) -> AlertState:
        """Return the state as it is."""
        ...


class MemoryAlertStore:
    """The memory of one process, for replays and tests. ``delivered`` holds all notifications, in order."""

    def __init__(self) -> None:
        self._state, self._lock = AlertState(), threading.RLock()
        self.delivered: list[Notification] = []

    @contextmanager
    def change(self) -> Iterator[AlertState]:
        """Yield the state to change; dropped when the block raises."""
        with self._lock:
            draft = self._state.copy()
            yield draft
            self.delivered.extend(draft.outgoing)
            draft.outgoing = []
            self._state = draft

    def read(self) -> AlertState:
        """Return a copy of the state."""
        with self._lock:
            return self._state.copy()

    def notifications(self) -> Sequence[Notification]:
        """Return everything that was told so far, in order."""
        return tuple(self.delivered)
