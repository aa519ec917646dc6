"""Structured events that parts raise and others show, store or route."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How soon somebody must look."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One finding: what was seen, where, how bad, and the evidence.

    ``kind`` is a stable snake_case name (``stale_price``); ``event_time`` is when the thing happened in the
    market and ``known_at`` when it could be known; both UTC or naive session dates.
    """

    kind: str
    severity: Severity
    message: str
    symbol: str | None = None
    event_time: datetime | None = None
    known_at: datetime | None = None
    field: str | None = None
    evidence: dict[str, Any] = dataclass_field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        row = asdict(self)
        for key in ("event_time", "known_at"):
            row[key] = row[key].isoformat() if row[key] is not None else None
        return row
