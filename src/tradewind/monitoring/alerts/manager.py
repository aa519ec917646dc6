"""The one door from findings to people: few notifications, each of them once, and none of them lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from tradewind.core import Severity, UsageError
from tradewind.core.ids import content_id
from tradewind.monitoring.alerts.budget import Budget
from tradewind.monitoring.alerts.grouping import group
from tradewind.monitoring.alerts.inhibition import hold_back
from tradewind.monitoring.alerts.records import Alert, Held, Incident, Notification
from tradewind.monitoring.alerts.settings import GRAVITY, AlertSettings
from tradewind.monitoring.alerts.state import AlertState, MemoryAlertStore, StateStore
from tradewind.monitoring.alerts.telling import Telling, View, consider, notification
from tradewind.monitoring.alerts.tracking import forget, set_back, track
from tradewind.monitoring.finding import Finding


class AlertManager:
    """Folds findings into alerts and incidents, and says who is to be told what.

    It reads no clock: the time is given with every call. Equal settings, findings and times give equal notifications.
    All of a call is kept, with its notifications, or nothing of it. Several processes may share one store.
    """

    def __init__(self, settings: AlertSettings | None = None, store: StateStore | None = None) -> None:
        self.settings = settings or AlertSettings()
        self.store: StateStore = store or MemoryAlertStore()

    def take(self, findings: Sequence[Finding], now: datetime) -> Sequence[Notification]:
        """Take in what watchers noticed up to ``now`` and return what must be told.

        Call it without findings too, about once a minute: alerts resolve, escalate and leave summaries by time alone.

        Raises
        ------
        UsageError : ``now`` has no zone, or a finding is known only later.
        """
        require_aware(now)
        latest = now + timedelta(minutes=self.settings.clock_tolerance_minutes)
        for finding in findings:
            if finding.known_at > latest:
                raise UsageError(
                    f"the finding {finding.kind!r} about {finding.about} is known at {finding.known_at.isoformat()}, "
                    f"after the time given, {now.isoformat()}",
                    fix="give findings when they are known, and set the machine's clock",
                )
        with self.store.change() as state:
            set_back(state, now)
            track(state, findings, now, self.settings)
            forget(state, now, self.settings)
            group(state, now, self.settings)
            hold_back(state, now, self.settings)
            found = self._tell(state, now)
            state.outgoing.extend(found)
        return tuple(found)

    def _tell(self, state: AlertState, now: datetime) -> list[Notification]:
        tellings: list[tuple[View, Telling]] = []
        for view in views(state):
            telling = consider(view, now, self.settings)
            if telling.incident is not state.incidents[view.incident.id]:
                state.incidents[view.incident.id] = telling.incident
            if telling.reason is not None:
                tellings.append((view, telling))
        tellings.sort(key=lambda pair: (-GRAVITY[_urgency(pair[1])], pair[1].incident.opened_at, pair[1].incident.id))
        found: list[Notification] = []
        for receiver in self.settings.receivers:
            budget = Budget.at(receiver, state.ledgers.get(receiver.name), now)
            for view, telling in tellings:
                if receiver.name not in telling.receivers:
                    continue
                one = notification(view, telling, receiver.name, now)
                if budget.admits(_urgency(telling)):
                    budget = budget.told(now)
                    found.append(one)
                else:
                    budget = budget.hold(_held(view, telling, one))
            budget, summary = budget.summary(now, timedelta(minutes=self.settings.summary_after_minutes))
            if summary is not None:
                found.append(summary)
            if budget.ledger != state.ledgers.get(receiver.name):
                state.ledgers[receiver.name] = budget.ledger
        return found


def require_aware(now: datetime) -> None:
    """UsageError where ``now`` has no zone."""
    if now.tzinfo is None:
        raise UsageError(f"the time {now.isoformat()} has no zone", fix="give an aware time, in UTC")


def views(state: AlertState) -> list[View]:
    """Return every incident with its alerts and with what these explain, in the order in which they opened."""
    members: dict[str, list[Alert]] = defaultdict(list)
    explained: dict[str, list[Alert]] = defaultdict(list)
    for alert in state.alerts.values():
        members[alert.incident].append(alert)
        source = state.alerts.get(alert.inhibited_by or "")
        if source is not None:
            explained[source.incident].append(alert)
    found = []
    for incident in sorted(state.incidents.values(), key=lambda one: (one.opened_at, one.id)):
        ranked = sorted(members[incident.id], key=lambda one: (-GRAVITY[one.severity], one.opened_at, one.fingerprint))
        visible = [one for one in ranked if one.open and one.inhibited_by is None and one.silenced_by is None]
        found.append(View(incident=incident, visible=visible, members=ranked, explained=explained[incident.id]))
    return found


def _urgency(telling: Telling) -> Severity:
    """Return what counts against the limit: news of a critical incident is critical, its repetition or end is not."""
    if telling.reason in {"repeated", "resolved"}:
        return min(telling.incident.severity, Severity.ERROR, key=GRAVITY.__getitem__)
    return telling.incident.severity


def _held(view: View, telling: Telling, one: Notification) -> Held:
    incident: Incident = telling.incident
    kind = (view.visible or view.members)[0].kind if view.members else ""
    return Held(
        incident=incident.id, reason=one.reason, severity=_urgency(telling), kind=kind, title=one.title, at=one.at
    )


def trial_notification(receiver: str, now: datetime) -> Notification:
    """Return a notification that says it is a test."""
    require_aware(now)
    return Notification(
        id=content_id(receiver, "test", now.isoformat()),
        receiver=receiver,
        reason="test",
        at=now,
        severity=Severity.INFO,
        title="a test of this receiver: nothing is wrong",
        lines=("If you can read this, alerts reach you.",),
    )
