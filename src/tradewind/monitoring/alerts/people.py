"""What people do to alerts: acknowledge, resolve, silence, lift a silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewind.core import UsageError
from tradewind.core.ids import content_id
from tradewind.monitoring.alerts.manager import require_aware
from tradewind.monitoring.alerts.matching import LABELS, unknown
from tradewind.monitoring.alerts.records import Acknowledgement, Incident, Silence
from tradewind.monitoring.alerts.settings import AlertSettings
from tradewind.monitoring.alerts.state import AlertState, StateStore


@dataclass(frozen=True, kw_only=True)
class SilenceOrder:
    """What shall be silenced: which alerts, for how long, by whom and why; critical ones only if it says so."""

    match: Mapping[str, str]
    lasts: timedelta
    author: str
    reason: str
    critical: bool = False


def find(state: AlertState, name: str) -> Incident:
    """Return the incident with the id ``name``, or the one of the alert with that fingerprint; a unique start will do.

    Raises
    ------
    UsageError : there is none, or more than one.
    """
    found = {incident for incident in state.incidents if incident.startswith(name)} if name else set()
    found |= {alert.incident for alert in state.alerts.values() if name and alert.fingerprint.startswith(name)}
    if len(found) != 1:
        raise UsageError(
            f"{len(found) or 'no'} incidents or alerts have an id that begins with {name!r}",
            fix="take an id from `tradewind alerts list`",
        )
    return state.incidents[found.pop()]


def acknowledge(store: StateStore, name: str, by: str, now: datetime, *, note: str = "") -> Incident:
    """Say that ``by`` looks at an incident: it is not told again, nor escalated, unless it gets worse.

    Raises
    ------
    UsageError : there is no such incident, it is over, or ``by`` is empty.
    """
    require_aware(now)
    _named(by, "an acknowledgement needs the name of who looks at it")
    with store.change() as state:
        incident = find(state, name)
        if not incident.open:
            raise UsageError(f"incident {incident.id} is over", fix="acknowledge one that is open")
        ack = Acknowledgement(by=by.strip(), at=now, severity=incident.severity, note=note)
        after = state.incidents[incident.id] = replace(incident, acknowledged=ack)
    return after


def resolve(store: StateStore, name: str, by: str, now: datetime, *, note: str) -> Incident:
    """Say that an incident is over, before the quiet time has shown it; where the trouble goes on, it opens again.

    Raises
    ------
    UsageError : there is no such incident, it is over already, or ``by`` or ``note`` is empty.
    """
    require_aware(now)
    _named(by, "a resolution needs the name of who says so")
    _named(note, "a resolution needs a note of what was done")
    with store.change() as state:
        incident = find(state, name)
        if not incident.open:
            raise UsageError(f"incident {incident.id} is over", fix="resolve one that is open")
        for alert in [one for one in state.alerts.values() if one.incident == incident.id and one.open]:
            state.alerts[alert.fingerprint] = replace(alert, resolved_at=now, inhibited_by=None, silenced_by=None)
        ack = Acknowledgement(by=by.strip(), at=now, severity=incident.severity, note=f"resolved: {note.strip()}")
        after = state.incidents[incident.id] = replace(incident, acknowledged=ack, resolved_at=now)
    return after


def silence(store: StateStore, order: SilenceOrder, now: datetime, settings: AlertSettings) -> Silence:
    """Silence alerts from ``now`` on.

    Raises
    ------
    UsageError : no label is named or one that does not exist, nobody or no reason is, or it lasts too long.
    """
    require_aware(now)
    _named(order.author, "a silence needs an author")
    _named(order.reason, "a silence needs a reason")
    strange = unknown(order.match)
    if not order.match or strange:
        problem = f"{strange[0]!r} is no label of an alert" if strange else "a silence of everything is none"
        raise UsageError(problem, fix=f"name one or more of {', '.join(sorted(LABELS))}")
    longest = timedelta(days=settings.longest_silence_days)
    if not timedelta(0) < order.lasts <= longest:
        raise UsageError(
            f"a silence of {order.lasts} cannot be", fix=f"let it last above 0 and at most {longest.days} days"
        )
    made = Silence(
        id=content_id(dict(order.match), order.author, now.isoformat())[:10],
        match=dict(order.match),
        start=now,
        until=now + order.lasts,
        author=order.author.strip(),
        reason=order.reason.strip(),
        critical=order.critical,
    )
    with store.change() as state:
        state.silences[made.id] = made
    return made


def unsilence(store: StateStore, name: str, now: datetime) -> Silence:
    """End a silence at ``now``; it stays on record.

    Raises
    ------
    UsageError : there is no such silence, or it is over.
    """
    require_aware(now)
    with store.change() as state:
        found = [one for one in state.silences.values() if name and one.id.startswith(name)]
        if len(found) != 1 or found[0].until <= now:
            problem = "is over" if len(found) == 1 else "is no single silence"
            raise UsageError(f"{name!r} {problem}", fix="take an id from `tradewind alerts list --silences`")
        ended = state.silences[found[0].id] = replace(found[0], until=max(now, found[0].start))
    return ended


def _named(text: str, problem: str) -> None:
    if not text.strip():
        raise UsageError(problem, fix="give it")
