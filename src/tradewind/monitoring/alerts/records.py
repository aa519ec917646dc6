"""What is kept of alerts: the alert, the incident it belongs to, silences, and what was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from tradewind.core import Severity
from tradewind.core.plain import finite
from tradewind.monitoring.finding import Area

Reason = Literal["opened", "raised", "reopened", "escalated", "repeated", "resolved", "summary", "test"]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One trouble, from when it was first seen until it was not seen for long enough.

    Attributes
    ----------
    fingerprint : that of its findings. ``kind``, ``area``, ``subject`` : of these too.
    severity : the gravest since it opened. ``message``, ``statistic``, ``threshold`` : of the newest finding.
    opened_at, last_seen, resolved_at : the manager's time (UTC); ``time``, ``known_at`` : the newest finding's.
    count : findings since it opened. ``flaps`` : times it came back soon after it was resolved.
    incident : id of the incident it is told with.
    inhibited_by : fingerprint of the alert that explains it; ``silenced_by`` : id of the silence; None: neither.
    """

    fingerprint: str
    kind: str
    area: Area
    severity: Severity
    message: str
    subject: dict[str, str]
    opened_at: datetime
    last_seen: datetime
    time: datetime
    known_at: datetime
    statistic: float | None = None
    threshold: float | None = None
    count: int = 1
    resolved_at: datetime | None = None
    flaps: int = 0
    incident: str = ""
    inhibited_by: str | None = None
    silenced_by: str | None = None

    @property
    def open(self) -> bool:
        """Whether it is not resolved."""
        return self.resolved_at is None

    @property
    def labels(self) -> dict[str, str]:
        """What rules and silences see of it."""
        return {**self.subject, "kind": self.kind, "area": self.area.value, "severity": self.severity.value}

    @property
    def about(self) -> str:
        """The subject in a few words."""
        return ", ".join(f"{key}={value}" for key, value in self.subject.items()) or "everything"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return _plain(self)


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """Somebody looks at it. It covers an incident up to ``severity``; if it gets worse, people are told again."""

    by: str
    at: datetime
    severity: Severity
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Alerts that are told of together.

    Attributes
    ----------
    id : 10 hex digits. ``key`` : what its alerts agree in.
    opened_at, joined_at, resolved_at : when it opened, its newest member joined, its last member was resolved.
    severity : the gravest of its members that may be told.
    told_at, told_first, told_severity : when people were last and first told, and of what severity; None: never.
    step : how far up the chain it is; -1: nobody was told.
    told : receivers who were told, or in whose summary it waits. ``told_kinds`` : kinds of alert they were told of.
    """

    id: str
    key: str
    opened_at: datetime
    joined_at: datetime
    severity: Severity = Severity.INFO
    resolved_at: datetime | None = None
    told_first: datetime | None = None
    told_at: datetime | None = None
    told_severity: Severity | None = None
    told_resolved: bool = False
    told_kinds: tuple[str, ...] = ()
    step: int = -1
    told: tuple[str, ...] = ()
    acknowledged: Acknowledgement | None = None

    @property
    def open(self) -> bool:
        """Whether one of its members is not resolved."""
        return self.resolved_at is None

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return _plain(self)


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Alerts that match are kept but not told until ``until``.

    ``critical``: whether critical alerts are silenced too; they are not unless somebody said so.
    """

    id: str
    match: dict[str, str]
    start: datetime
    until: datetime
    author: str
    reason: str
    critical: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return _plain(self)


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What one receiver is told once.

    Attributes
    ----------
    id : 16 hex digits, the same however often it is delivered.
    receiver : who. ``reason`` : why now. ``at`` : the manager's time (UTC).
    severity, title : gravest severity, one line. ``lines`` : more, one sentence each.
    incidents : ids it tells of: one, or in a summary all that were held back.
    members : alerts in them. ``explained`` : alerts held back because those explain them.
    runbook : ``docs/runbook.md#...``.
    """

    id: str
    receiver: str
    reason: Reason
    at: datetime
    severity: Severity
    title: str
    lines: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    members: int = 0
    explained: int = 0
    runbook: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return _plain(self)


@dataclass(frozen=True, kw_only=True)
class Held:
    """An incident that the limit kept from a receiver, until its summary."""

    incident: str
    reason: Reason
    severity: Severity
    kind: str
    title: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What one receiver was told in the last hour, and what waits for the summary.

    Attributes
    ----------
    sent : times of notifications other than the hourly summary, in order; ``summaries`` : of these.
    held : by incident.
    """

    receiver: str
    sent: tuple[datetime, ...] = ()
    summaries: tuple[datetime, ...] = ()
    held: dict[str, Held] = field(default_factory=dict)


def _plain(record: Any) -> dict[str, Any]:
    found: Mapping[str, Any] = msgspec.to_builtins(record)
    plain: dict[str, Any] = finite(found)
    return plain
