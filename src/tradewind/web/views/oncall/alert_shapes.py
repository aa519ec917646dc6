"""Shapes of alerts: incidents, their alerts, silences, and what people do to them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from tradewind.core import Severity

Standing = Literal["open", "escalated", "acknowledged", "silenced", "held back", "resolved"]


class OncallAlert(BaseModel):
    """One trouble within an incident."""

    fingerprint: str
    kind: str
    area: str
    severity: Severity
    about: str
    subject: dict[str, str]
    message: str
    statistic: float | None
    threshold: float | None
    count: int = Field(description="Findings since it opened.")
    flaps: int = Field(description="Times it came back soon after it was resolved.")
    opened_at: str
    last_seen: str
    resolved_at: str | None
    explained_by: str | None = Field(description="The alert that explains it, in words; null: none.")
    silenced_by: str | None
    runbook: str = Field(description="Anchor of the run-book's section.")


class OncallIncident(BaseModel):
    """Alerts that are told of together."""

    id: str
    standing: Standing
    severity: Severity
    title: str
    area: str
    kinds: list[str]
    grouped_by: str = Field(description="What its alerts agree in.")
    opened_at: str
    resolved_at: str | None
    alerts: int
    explains: int
    acknowledged_by: str | None
    acknowledged_at: str | None
    note: str
    told: list[str]
    step: int = Field(description="How far up the chain it is; -1: nobody was told.")
    runbook: str


class OncallSilence(BaseModel):
    """Alerts that are kept but not told for a while."""

    id: str
    match: dict[str, str]
    start: str
    until: str
    running: bool
    author: str
    reason: str
    critical: bool


class UndeliveredNote(BaseModel):
    """A notification that did not reach its receiver."""

    id: str
    receiver: str
    state: str
    attempts: int
    severity: str
    title: str
    error: str


class OncallAlerts(BaseModel):
    """All that is known of alerts, the gravest that are open first."""

    as_of: str
    incidents: list[OncallIncident]
    standings: dict[str, int] = Field(description="Incidents by standing, over all.")
    silences: list[OncallSilence]
    undelivered: list[UndeliveredNote]
    labels: list[str] = Field(description="Labels that a silence may match.")
    longest_silence_hours: float


class TimelineEntry(BaseModel):
    """Something that happened with an incident."""

    at: str
    what: Literal["opened", "told", "acknowledged", "resolved", "finding", "action"]
    severity: Severity | None
    text: str
    statistic: float | None = None
    threshold: float | None = None


class OncallIncidentDetail(BaseModel):
    """An incident with its alerts, what they explain, and what happened."""

    incident: OncallIncident
    members: list[OncallAlert]
    explained: list[OncallAlert]
    timeline: list[TimelineEntry]


class OncallFinding(BaseModel):
    """What a watcher noticed."""

    at: str
    known_at: str
    kind: str
    area: str
    severity: Severity
    about: str
    message: str
    statistic: float | None
    threshold: float | None
    fingerprint: str
    runbook: str


class Acknowledge(BaseModel):
    """Somebody looks at an incident: the one who says so, or the one it is given to."""

    note: str = Field(default="", max_length=2000)
    assignee: str | None = Field(default=None, min_length=1, max_length=100)


class ResolveIncident(BaseModel):
    """An incident is over, and what was done."""

    note: str = Field(min_length=1, max_length=2000)


class NewSilence(BaseModel):
    """What shall not be told for a while: patterns by label, such as ``kind: feature_*``."""

    match: dict[str, str] = Field(min_length=1)
    hours: float = Field(gt=0)
    reason: str = Field(min_length=1, max_length=2000)
    critical: bool = False
