"""Alerts as the page shows them, from the store that the monitor writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tradewind.core import Severity
from tradewind.monitoring.alerts import Alert, AlertState, Incident
from tradewind.monitoring.alerts.manager import views
from tradewind.monitoring.alerts.settings import GRAVITY
from tradewind.monitoring.alerts.telling import View, title
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.journal import Action
from tradewind.web.views.oncall.alert_shapes import (
    OncallAlert,
    OncallFinding,
    OncallIncident,
    OncallIncidentDetail,
    OncallSilence,
    Standing,
    TimelineEntry,
)
from tradewind.web.views.oncall.places import number
from tradewind.web.views.oncall.runbook import anchor_of


def incidents_of(state: AlertState) -> list[OncallIncident]:
    """Return all incidents: those that are open first, then the gravest, then the newest."""
    found = [_incident(view) for view in views(state) if view.members]
    found.sort(key=lambda one: one.opened_at, reverse=True)
    return sorted(found, key=lambda one: (one.standing == "resolved", -GRAVITY[one.severity]))


def detail_of(
    state: AlertState, incident: Incident, findings: Iterable[Finding], actions: Iterable[Action]
) -> OncallIncidentDetail:
    """Return an incident with what happened to it, the newest first."""
    view = next(one for one in views(state) if one.incident.id == incident.id)
    prints = {one.fingerprint for one in view.members}
    told = [
        TimelineEntry(
            at=one.known_at.isoformat(),
            what="finding",
            severity=one.severity,
            text=one.message,
            statistic=number(one.statistic),
            threshold=number(one.threshold),
        )
        for one in findings
        if one.fingerprint in prints
    ]
    done = [
        TimelineEntry(at=one.at.isoformat(), what="action", severity=None, text=_words(one))
        for one in actions
        if one.details.get("incident") == incident.id
    ]
    entries = [*_history(incident), *told[-200:], *done]
    return OncallIncidentDetail(
        incident=_incident(view),
        members=[alert_of(one, state) for one in view.members],
        explained=[alert_of(one, state) for one in view.explained],
        timeline=sorted(entries, key=lambda one: one.at, reverse=True),
    )


def alert_of(alert: Alert, state: AlertState) -> OncallAlert:
    """Return one alert."""
    source = state.alerts.get(alert.inhibited_by or "")
    return OncallAlert(
        fingerprint=alert.fingerprint,
        kind=alert.kind,
        area=alert.area.value,
        severity=alert.severity,
        about=alert.about,
        subject=alert.subject,
        message=alert.message,
        statistic=number(alert.statistic),
        threshold=number(alert.threshold),
        count=alert.count,
        flaps=alert.flaps,
        opened_at=alert.opened_at.isoformat(),
        last_seen=alert.last_seen.isoformat(),
        resolved_at=_iso(alert.resolved_at),
        explained_by=f"{source.kind.replace('_', ' ')} ({source.about})" if source is not None else None,
        silenced_by=alert.silenced_by,
        runbook=anchor_of(alert.kind),
    )


def silences_of(state: AlertState, now: datetime) -> list[OncallSilence]:
    """Return the silences, the one that ends last first."""
    found = sorted(state.silences.values(), key=lambda one: one.until, reverse=True)
    return [
        OncallSilence(
            id=one.id,
            match=one.match,
            start=one.start.isoformat(),
            until=one.until.isoformat(),
            running=one.start <= now < one.until,
            author=one.author,
            reason=one.reason,
            critical=one.critical,
        )
        for one in found
    ]


def finding_of(one: Finding) -> OncallFinding:
    """Return one finding."""
    return OncallFinding(
        at=one.time.isoformat(),
        known_at=one.known_at.isoformat(),
        kind=one.kind,
        area=one.area.value,
        severity=one.severity,
        about=one.about,
        message=one.message,
        statistic=number(one.statistic),
        threshold=number(one.threshold),
        fingerprint=one.fingerprint,
        runbook=anchor_of(one.kind),
    )


def _incident(view: View) -> OncallIncident:
    incident, shown = view.incident, list(view.visible or view.members)
    ack = incident.acknowledged
    gravest: Severity = max((one.severity for one in view.members), key=GRAVITY.__getitem__)
    return OncallIncident(
        id=incident.id,
        standing=_standing(view),
        severity=gravest,
        title=title(shown),
        area=shown[0].area.value,
        kinds=sorted({one.kind for one in view.members}),
        grouped_by=_agreed(incident.key),
        opened_at=incident.opened_at.isoformat(),
        resolved_at=_iso(incident.resolved_at),
        alerts=len(view.members),
        explains=len(view.explained),
        acknowledged_by=ack.by if ack else None,
        acknowledged_at=_iso(ack.at if ack else None),
        note=ack.note if ack else "",
        told=list(incident.told),
        step=incident.step,
        runbook=anchor_of(shown[0].kind),
    )


def _standing(view: View) -> Standing:
    incident = view.incident
    if not incident.open:
        return "resolved"
    if incident.acknowledged is not None:
        return "acknowledged"
    if not view.visible:
        return "silenced" if any(one.silenced_by for one in view.members if one.open) else "held back"
    return "escalated" if incident.step > 0 else "open"


def _agreed(key: str) -> str:
    parts = [part for part in key.split("|")[1:] if not part.endswith("=")]
    return ", ".join(part.replace("=", " ") for part in parts) or "everything that came together"


def _history(incident: Incident) -> Iterable[TimelineEntry]:
    yield TimelineEntry(at=incident.opened_at.isoformat(), what="opened", severity=incident.severity, text="It opened.")
    if incident.told_at is not None:
        yield TimelineEntry(
            at=incident.told_at.isoformat(),
            what="told",
            severity=incident.told_severity,
            text=f"{', '.join(incident.told) or 'A receiver'} was told last.",
        )
    ack = incident.acknowledged
    if ack is not None:
        text = f"{ack.by}: {ack.note}" if ack.note else f"{ack.by} looks at it."
        yield TimelineEntry(at=ack.at.isoformat(), what="acknowledged", severity=ack.severity, text=text)
    if incident.resolved_at is not None:
        yield TimelineEntry(
            at=incident.resolved_at.isoformat(), what="resolved", severity=None, text="It was resolved."
        )


def _words(action: Action) -> str:
    details: Mapping[str, object] = action.details
    note = details.get("note") or details.get("reason")
    return f"{details.get('by', 'somebody')}: {action.kind}" + (f" ({note})" if note else "")


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
