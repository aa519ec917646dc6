"""Who is told of an incident now, and why: opened, worse, back, not acknowledged, still there, over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewind.core import Severity
from tradewind.core.ids import content_id
from tradewind.monitoring.alerts.grouping import gravest
from tradewind.monitoring.alerts.records import Alert, Incident, Notification, Reason
from tradewind.monitoring.alerts.runbook import runbook
from tradewind.monitoring.alerts.settings import GRAVITY, AlertSettings

SHOWN = 8
"""Alerts that a notification names; the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class View:
    """An incident as it stands: its open alerts that may be told, all its alerts, and what those explain."""

    incident: Incident
    visible: Sequence[Alert]
    members: Sequence[Alert]
    explained: Sequence[Alert] = ()


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What to tell of an incident now, and the incident after it; ``reason`` None: nothing."""

    incident: Incident
    reason: Reason | None = None
    receivers: tuple[str, ...] = ()


def consider(view: View, now: datetime, settings: AlertSettings) -> Telling:
    """Return who must be told of an incident at ``now``."""
    incident = view.incident
    if not incident.open:
        return _ended(incident, settings)
    if not view.visible:
        return Telling(incident=incident)
    severity = gravest(list(view.visible))
    incident = replace(incident, severity=severity)
    ack = incident.acknowledged
    new = new_kinds(view)
    if ack is not None and (new or GRAVITY[severity] > GRAVITY[ack.severity]):
        incident, ack = replace(incident, acknowledged=None), None
    if incident.told_first is None or incident.told_resolved:
        reason: Reason = "opened" if incident.told_first is None else "reopened"
        fresh = replace(incident, told_first=now, told_resolved=False, told_kinds=(), step=-1)
        return _tell(view, _climb(fresh, now, settings), reason, now, settings)
    assert incident.told_at is not None
    assert incident.told_severity is not None
    if new or GRAVITY[severity] > GRAVITY[incident.told_severity]:
        return _tell(view, _climb(incident, now, settings), "raised", now, settings)
    if ack is not None:
        return Telling(incident=incident)
    higher = _climb(incident, now, settings)
    if higher.step > incident.step:
        told = _tell(view, higher, "escalated", now, settings)
        return told if told.receivers else Telling(incident=higher)
    if now - incident.told_at >= timedelta(hours=settings.repeat_hours[severity]):
        return _tell(view, incident, "repeated", now, settings)
    return Telling(incident=incident)


def new_kinds(view: View) -> list[str]:
    """Return the kinds of error that joined since people were told: another trouble, though it is one incident."""
    known, least = view.incident.told_kinds, GRAVITY[Severity.ERROR]
    return sorted({one.kind for one in view.visible if GRAVITY[one.severity] >= least} - set(known)) if known else []


def _climb(incident: Incident, now: datetime, settings: AlertSettings) -> Incident:
    """Return the incident at the highest step whose time has come; steps it is too light for are passed by."""
    assert incident.told_first is not None
    if incident.acknowledged is not None:
        return incident
    waited = now - incident.told_first
    passed = [n for n, step in enumerate(settings.chain) if waited >= timedelta(minutes=step.after_minutes)]
    return replace(incident, step=max(incident.step, passed[-1] if passed else 0))


def _ended(incident: Incident, settings: AlertSettings) -> Telling:
    if incident.told_first is None or incident.told_resolved:
        return Telling(incident=incident)
    # the settings may have changed while the incident was open
    wanted = tuple(one.name for one in settings.receivers if one.resolved and one.name in incident.told)
    return Telling(incident=replace(incident, told_resolved=True), reason="resolved", receivers=wanted)


def _tell(view: View, incident: Incident, reason: Reason, now: datetime, settings: AlertSettings) -> Telling:
    """Return the telling to everybody up to the incident's step; an escalation tells only the steps that are new."""
    first = view.incident.step + 1 if reason == "escalated" else 0
    names = [
        name
        for step in settings.chain[first : incident.step + 1]
        if GRAVITY[incident.severity] >= GRAVITY[step.least]
        for name in step.receivers
    ]
    areas = {alert.area for alert in view.visible}
    wanted = []
    for receiver in map(settings.receiver, dict.fromkeys(names)):
        grave = GRAVITY[incident.severity] >= GRAVITY[receiver.least]
        if grave and (not receiver.areas or areas & set(receiver.areas)):
            wanted.append(receiver.name)
    told = tuple(dict.fromkeys((*incident.told, *wanted)))
    kinds = tuple(sorted({*incident.told_kinds, *(alert.kind for alert in view.visible)}))
    after = replace(incident, told_at=now, told_severity=incident.severity, told=told, told_kinds=kinds)
    return Telling(incident=after, reason=reason, receivers=tuple(wanted))


def notification(view: View, telling: Telling, receiver: str, now: datetime) -> Notification:
    """Return what one receiver is told."""
    assert telling.reason is not None
    incident, shown = telling.incident, list(view.visible or view.members)
    lines = [f"{alert.severity.value}: {alert.message}" for alert in shown[:SHOWN]]
    if len(shown) > SHOWN:
        lines.append(f"and {len(shown) - SHOWN} more of {', '.join(sorted({alert.kind for alert in shown}))}")
    if view.explained:
        kinds = Counter(alert.kind for alert in view.explained)
        counted = ", ".join(f"{kind} ({n})" for kind, n in sorted(kinds.items()))
        lines.append(f"held back, since this explains them: {counted}")
    if telling.reason == "raised" and (new := new_kinds(view)):
        lines.append(f"new in this incident: {', '.join(new)}")
    if telling.reason == "escalated":
        lines.append("nobody has acknowledged it yet")
    return Notification(
        id=content_id(receiver, incident.id, telling.reason, now.isoformat()),
        receiver=receiver,
        reason=telling.reason,
        at=now,
        severity=incident.severity,
        title=title(shown),
        lines=tuple(lines),
        incidents=(incident.id,),
        members=len(shown),
        explained=len(view.explained),
        runbook=runbook(shown[0].kind) if shown else "",
    )


def title(alerts: Sequence[Alert]) -> str:
    """Return one line for alerts told together: ``feature_drift: 40 alerts, feed=primary``."""
    if not alerts:
        return "no alerts"
    first = alerts[0]
    if len(alerts) == 1:
        return f"{first.kind}: {first.about}"
    kinds = sorted({alert.kind for alert in alerts})
    shared = {
        key: value for key, value in first.subject.items() if all(one.subject.get(key) == value for one in alerts)
    }
    about = ", ".join(f"{key}={value}" for key, value in shared.items())
    named = ", ".join(kinds[:3]) + (f" and {len(kinds) - 3} more kinds" if len(kinds) > 3 else "")
    return f"{named}: {len(alerts)} alerts{', ' + about if about else ''}"
