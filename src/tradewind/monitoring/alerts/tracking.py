"""From findings to alerts: opened, seen again, resolved by themselves, and back again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tradewind.monitoring.alerts.records import Alert, Incident
from tradewind.monitoring.alerts.settings import GRAVITY, AlertSettings
from tradewind.monitoring.alerts.state import AlertState
from tradewind.monitoring.finding import Finding


def track(state: AlertState, findings: Sequence[Finding], now: datetime, settings: AlertSettings) -> None:
    """Fold ``findings`` into the alerts of ``state`` and resolve those not seen for long enough.

    Hysteresis: opening takes one finding, resolving takes the whole quiet time; an alert that returns within
    ``flap_hours`` of its end is the same one, in the same incident, and is the slower to be resolved.
    """
    for finding in findings:
        fingerprint = finding.fingerprint
        state.alerts[fingerprint] = _seen(state.alerts.get(fingerprint), finding, now, settings)
    for alert in list(state.alerts.values()):
        quiet = settings.resolve_after(alert.kind, alert.area, alert.flaps)
        if alert.open and now - alert.last_seen >= quiet:
            state.alerts[alert.fingerprint] = replace(alert, resolved_at=now, inhibited_by=None, silenced_by=None)


def set_back(state: AlertState, now: datetime) -> None:
    """Where the clock was set back, let what was marked later count from now on: nothing waits for the old time."""
    for alert in list(state.alerts.values()):
        if late := _later(alert, ("opened_at", "last_seen", "resolved_at"), now):
            state.alerts[alert.fingerprint] = replace(alert, **late)
    for incident in list(state.incidents.values()):
        if late := _later(incident, ("opened_at", "joined_at", "told_first", "told_at", "resolved_at"), now):
            state.incidents[incident.id] = replace(incident, **late)


def _later(record: Alert | Incident, names: Sequence[str], now: datetime) -> dict[str, Any]:
    return {name: now for name in names if (at := getattr(record, name)) is not None and at > now}


def _seen(known: Alert | None, finding: Finding, now: datetime, settings: AlertSettings) -> Alert:
    fresh = Alert(
        fingerprint=finding.fingerprint if known is None else known.fingerprint,
        kind=finding.kind,
        area=finding.area,
        severity=finding.severity,
        message=_sendable(finding.message),
        subject=dict(finding.subject),
        opened_at=now,
        last_seen=now,
        time=finding.time,
        known_at=finding.known_at,
        statistic=finding.statistic if math.isfinite(finding.statistic) else None,
        threshold=finding.threshold if math.isfinite(finding.threshold) else None,
    )
    if known is None:
        return fresh
    if known.open:
        gravest = max(known.severity, finding.severity, key=GRAVITY.__getitem__)
        return replace(
            fresh,
            severity=gravest,
            opened_at=known.opened_at,
            count=known.count + 1,
            flaps=known.flaps,
            incident=known.incident,
            inhibited_by=known.inhibited_by,
            silenced_by=known.silenced_by,
        )
    assert known.resolved_at is not None
    if now - known.resolved_at <= timedelta(hours=settings.flap_hours):
        return replace(fresh, flaps=known.flaps + 1, incident=known.incident)
    return fresh


def _sendable(text: str) -> str:
    """Return ``text`` as UTF-8 can hold it: a name of a file in an error's words may have halves of characters."""
    return text.encode("utf-8", "replace").decode()


def forget(state: AlertState, now: datetime, settings: AlertSettings) -> None:
    """Drop alerts, incidents and silences that ended more than ``kept_days`` ago."""
    before = now - timedelta(days=settings.kept_days)
    for alert in [one for one in state.alerts.values() if one.resolved_at is not None and one.resolved_at < before]:
        del state.alerts[alert.fingerprint]
    living = {alert.incident for alert in state.alerts.values()}
    for incident in list(state.incidents.values()):
        if incident.resolved_at is not None and incident.resolved_at < before and incident.id not in living:
            del state.incidents[incident.id]
    for silence in [one for one in state.silences.values() if one.until < before]:
        del state.silences[silence.id]
