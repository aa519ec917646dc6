"""From alerts to incidents: what is told together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

from tradewind.core import Severity
from tradewind.core.ids import content_id
from tradewind.monitoring.alerts.matching import matches
from tradewind.monitoring.alerts.records import Alert, Incident
from tradewind.monitoring.alerts.settings import GRAVITY, AlertSettings
from tradewind.monitoring.alerts.state import AlertState


def group(state: AlertState, now: datetime, settings: AlertSettings) -> None:
    """Give every alert without an incident one, and open or end incidents as their members do."""
    current = _open_by_key(state)
    for alert in list(state.alerts.values()):
        if alert.open and alert.incident not in state.incidents:
            incident = _join(state, current, alert, now, settings)
            state.alerts[alert.fingerprint] = replace(alert, incident=incident.id)
    members: dict[str, list[Alert]] = defaultdict(list)
    for alert in state.alerts.values():
        members[alert.incident].append(alert)
    for incident in list(state.incidents.values()):
        alive = any(alert.open for alert in members[incident.id])
        if incident.open and not alive:
            state.incidents[incident.id] = replace(incident, resolved_at=now)
        elif alive and not incident.open:
            state.incidents[incident.id] = replace(incident, resolved_at=None, joined_at=now, acknowledged=None)


def _open_by_key(state: AlertState) -> dict[str, Incident]:
    found: dict[str, Incident] = {}
    for incident in state.incidents.values():
        held = found.get(incident.key)
        if incident.open and (held is None or held.joined_at <= incident.joined_at):
            found[incident.key] = incident
    return found


def _join(
    state: AlertState, current: dict[str, Incident], alert: Alert, now: datetime, settings: AlertSettings
) -> Incident:
    labels = alert.labels
    rule, n = next((one, i) for i, one in enumerate(settings.grouping) if matches(labels, one.match))
    key = "|".join([str(n), *(f"{name}={labels.get(name, '')}" for name in rule.by)])
    incident = current.get(key)
    if incident is None or now - incident.joined_at > timedelta(hours=rule.within_hours):
        name = content_id(key, now.isoformat())[:10]
        while name in state.incidents:  # the clock was set back, or ten digits were too few
            name = content_id(key, name)[:10]
        incident = Incident(id=name, key=key, opened_at=now, joined_at=now)
    elif incident.joined_at != now:
        incident = replace(incident, joined_at=now)
    current[key] = state.incidents[incident.id] = incident
    return incident


def gravest(alerts: list[Alert]) -> Severity:
    """Return the gravest severity among ``alerts``; INFO where there is none."""
    return max((alert.severity for alert in alerts), key=GRAVITY.__getitem__, default=Severity.INFO)
