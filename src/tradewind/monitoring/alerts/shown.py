"""Alerts as rows for people and programs, and a trial of receivers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tradewind.core import InputError, Severity, UsageError
from tradewind.monitoring.alerts.channels.build import channel_of
from tradewind.monitoring.alerts.channels.protocol import DeliveryError
from tradewind.monitoring.alerts.manager import trial_notification, views
from tradewind.monitoring.alerts.outbox import Outbox
from tradewind.monitoring.alerts.people import find
from tradewind.monitoring.alerts.records import Alert
from tradewind.monitoring.alerts.runbook import runbook
from tradewind.monitoring.alerts.settings import GRAVITY, AlertSettings
from tradewind.monitoring.alerts.state import AlertState
from tradewind.monitoring.alerts.telling import View, title


def incident_rows(state: AlertState, *, every: bool = False, least: str | None = None) -> list[dict[str, Any]]:
    """Return the open incidents (``every``: all), the gravest and oldest first, at least of severity ``least``."""
    try:
        floor = GRAVITY[Severity(least)] if least is not None else 0
    except ValueError as error:
        raise UsageError(f"{least!r} is no severity", fix=f"write one of {', '.join(Severity)}") from error
    found = [view for view in views(state) if every or view.incident.open]
    rows = [_row(view) for view in found if GRAVITY[_gravest(view)] >= floor]
    return sorted(rows, key=lambda row: (-GRAVITY[Severity(row["severity"])], row["opened"]))


def _gravest(view: View) -> Severity:
    return max((one.severity for one in view.members), key=GRAVITY.__getitem__, default=view.incident.severity)


def _row(view: View) -> dict[str, Any]:
    incident, shown = view.incident, list(view.visible or view.members)
    return {
        "id": incident.id,
        "severity": _gravest(view).value,
        "what": _line(title(shown)),
        "opened": f"{incident.opened_at:%Y-%m-%d %H:%M}",
        "alerts": len(view.members),
        "explains": len(view.explained),
        "state": _standing(view),
    }


def _standing(view: View) -> str:
    incident = view.incident
    if not incident.open:
        return "over"
    if incident.acknowledged is not None:
        return f"acknowledged by {incident.acknowledged.by}"
    if not view.visible:
        held = [one for one in view.members if one.open]
        return "silenced" if any(one.silenced_by for one in held) else "held back"
    return "escalated" if incident.step > 0 else "open"


def incident_details(state: AlertState, name: str) -> dict[str, Any]:
    """Return an incident, its alerts and those that they explain, JSON-ready; UsageError where there is none."""
    wanted = find(state, name)
    view = next(one for one in views(state) if one.incident.id == wanted.id)
    row = _row(view)
    ack = wanted.acknowledged
    row |= {
        "told": ", ".join(wanted.told) or "nobody yet",
        "note": ack.note if ack is not None else "",
        "runbook": runbook(view.members[0].kind) if view.members else "",
    }
    return {
        "incident": row,
        "alerts": [_alert(one) for one in view.members],
        "explained": [_alert(one) for one in view.explained],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "severity": alert.severity.value,
        "kind": alert.kind,
        "about": _line(alert.about),
        "count": alert.count,
        "first": f"{alert.opened_at:%Y-%m-%d %H:%M}",
        "last": f"{alert.last_seen:%Y-%m-%d %H:%M}",
        "message": _line(alert.message),
    }


def _line(text: str) -> str:
    """Return ``text`` without what would steer a terminal or break the line."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def silence_rows(state: AlertState, now: datetime) -> list[dict[str, Any]]:
    """Return the silences, the one that ends last first."""
    return [
        {
            "id": one.id,
            "match": ", ".join(f"{name}={value}" for name, value in one.match.items()),
            "until": f"{one.until:%Y-%m-%d %H:%M}",
            "running": "yes" if one.start <= now < one.until else "no",
            "critical too": "yes" if one.critical else "no",
            "author": one.author,
            "reason": one.reason,
        }
        for one in sorted(state.silences.values(), key=lambda one: one.until, reverse=True)
    ]


def outbox_rows(outbox: Outbox) -> list[dict[str, Any]]:
    """Return what waits or was given up, the oldest first."""
    names = ("id", "receiver", "state", "attempts", "reason", "severity", "title", "error")
    return [{name: row[name] for name in names} for row in outbox.list() if row["state"] != "sent"]


def try_receivers(settings: AlertSettings, names: tuple[str, ...], now: datetime) -> list[dict[str, Any]]:
    """Tell each named receiver (none named: all) that this is a test, and return what became of it."""
    known = {receiver.name: receiver for receiver in settings.receivers}
    strange = [name for name in names if name not in known]
    if strange:
        raise UsageError(f"{strange[0]!r} is no receiver", fix=f"name one of {', '.join(known)}")
    rows = []
    for name in names or tuple(known):
        error = ""
        try:
            channel_of(known[name]).send(trial_notification(name, now), now)
        except (DeliveryError, InputError) as problem:
            error = str(problem)
        rows.append({"receiver": name, "channel": known[name].channel, "taken": not error, "error": error})
    return rows
