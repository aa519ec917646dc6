"""Operations over alerts: list, look into, acknowledge, assign, resolve, silence."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from tradewind.core import Severity
from tradewind.core.clock import SystemClock
from tradewind.monitoring.alerts import AlertStore, SilenceOrder, acknowledge, outbox_rows, resolve, silence, unsilence
from tradewind.monitoring.alerts.matching import LABELS
from tradewind.monitoring.alerts.people import find
from tradewind.monitoring.alerts.settings import GRAVITY
from tradewind.monitoring.journal import Action, Journal
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.live import Live
from tradewind.web.views.oncall.alert_shapes import (
    Acknowledge,
    NewSilence,
    OncallAlerts,
    OncallFinding,
    OncallIncident,
    OncallIncidentDetail,
    OncallSilence,
    ResolveIncident,
    UndeliveredNote,
)
from tradewind.web.views.oncall.alerting import detail_of, finding_of, incidents_of, silences_of
from tradewind.web.views.oncall.places import alerts_of, journal_of, monitor_file, written_down
from tradewind.web.workspace import Workspace

router = APIRouter()
BEFORE = timedelta(days=30)
"""Findings that old before an incident opened may belong to it: it may have come back."""


@router.get("/alerts")
def oncall_alerts(place: Place) -> OncallAlerts:
    """Every incident that is kept, silences, and what was not delivered."""
    store, now = alerts_of(place), SystemClock().now()
    try:
        state, waiting = store.read(), outbox_rows(store.outbox)
    finally:
        store.close()
    incidents = incidents_of(state)
    return OncallAlerts(
        as_of=now.isoformat(),
        incidents=incidents,
        standings=dict(Counter(one.standing for one in incidents)),
        silences=silences_of(state, now),
        undelivered=[UndeliveredNote(**{name: row[name] for name in UndeliveredNote.model_fields}) for row in waiting],
        labels=sorted(LABELS),
        longest_silence_hours=monitor_file(place).alerts.longest_silence_days * 24,
    )


@router.get("/alerts/{incident}")
def oncall_incident(place: Place, incident: str) -> OncallIncidentDetail:
    """One incident: its alerts, what they explain, and what happened."""
    store = alerts_of(place)
    try:
        state = store.read()
    finally:
        store.close()
    found = find(state, incident)
    if not place.journal.is_dir():
        return detail_of(state, found, (), ())
    journal, since = Journal(place.journal), found.opened_at - BEFORE
    return detail_of(state, found, journal.findings(since), journal.actions(since))


@router.post("/alerts/{incident}/acknowledge")
def acknowledge_incident(
    request: Request, place: Place, user: CurrentUser, incident: str, body: Acknowledge
) -> OncallIncident:
    """Look at an incident, or give it to somebody: it is not told again unless it gets worse."""
    who = body.assignee or user.name
    note = body.note if who == user.name else f"given to {who} by {user.name}" + (f": {body.note}" if body.note else "")
    store = alerts_of(place)
    try:
        found = acknowledge(store, incident, who, SystemClock().now(), note=note)
        _told(request, place, "acknowledged", {"incident": found.id, "by": user.name, "to": who, "note": note})
        return _one(store, found.id)
    finally:
        store.close()


@router.post("/alerts/{incident}/resolve")
def resolve_incident(
    request: Request, place: Place, user: CurrentUser, incident: str, body: ResolveIncident
) -> OncallIncident:
    """Say that an incident is over; it opens again where the trouble goes on."""
    store = alerts_of(place)
    try:
        found = resolve(store, incident, user.name, SystemClock().now(), note=body.note)
        _told(request, place, "resolved", {"incident": found.id, "by": user.name, "note": body.note})
        return _one(store, found.id)
    finally:
        store.close()


@router.post("/silences")
def make_silence(request: Request, place: Place, user: CurrentUser, body: NewSilence) -> OncallSilence:
    """Silence the alerts that match: they are kept, and told when it ends if they are still there."""
    order = SilenceOrder(
        match=body.match,
        lasts=timedelta(hours=min(body.hours, 1e6)),
        author=user.name,
        reason=body.reason,
        critical=body.critical,
    )
    store, now = alerts_of(place), SystemClock().now()
    try:
        made = silence(store, order, now, monitor_file(place).alerts)
        state = store.read()
    finally:
        store.close()
    _told(request, place, "silenced", {"silence": made.id, "by": user.name, "match": made.match, "reason": made.reason})
    return next(one for one in silences_of(state, now) if one.id == made.id)


@router.delete("/silences/{silence_id}")
def end_silence(request: Request, place: Place, user: CurrentUser, silence_id: str) -> OncallSilence:
    """End a silence now."""
    store, now = alerts_of(place), SystemClock().now()
    try:
        ended = unsilence(store, silence_id, now)
        state = store.read()
    finally:
        store.close()
    _told(request, place, "silence ended", {"silence": ended.id, "by": user.name})
    return next(one for one in silences_of(state, now) if one.id == ended.id)


@router.get("/findings")
def oncall_findings(
    place: Place,
    days: Annotated[int, Query(ge=1, le=730)] = 60,
    severity: Severity | None = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> list[OncallFinding]:
    """What the watchers noticed in the newest ``days`` of the journal, the newest first; at least of ``severity``."""
    journal = journal_of(place)
    last = journal.last()
    if last is None:
        return []
    end: Any = last.item()
    least = GRAVITY[severity] if severity else 0
    found = [
        one
        for one in journal.findings(end.replace(tzinfo=UTC) - timedelta(days=days))
        if GRAVITY[one.severity] >= least
    ]
    return [finding_of(one) for one in reversed(found[-limit:])]


def _one(store: AlertStore, name: str) -> OncallIncident:
    return next(one for one in incidents_of(store.read()) if one.id == name)


def _told(request: Request, place: Workspace, kind: str, body: dict[str, Any]) -> None:
    """Keep what was done in the audit log and in the journal, and tell the open pages."""
    written_down(place, "alert", {"act": kind, **body})
    if place.journal.is_dir():
        Journal(place.journal).act(Action(kind=kind, at=datetime.now(UTC), details=body))
    live: Live = request.app.state.live
    live.tell("alerts", body)
