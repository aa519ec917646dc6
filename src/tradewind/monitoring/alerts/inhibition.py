"""What is kept but not told: alerts that another explains, and alerts somebody silenced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from tradewind.core import Severity
from tradewind.monitoring.alerts.matching import matches
from tradewind.monitoring.alerts.records import Alert, Silence
from tradewind.monitoring.alerts.rules import InhibitionRule
from tradewind.monitoring.alerts.settings import GRAVITY, AlertSettings
from tradewind.monitoring.alerts.state import AlertState


def hold_back(state: AlertState, now: datetime, settings: AlertSettings) -> None:
    """Mark every open alert with what holds it back, and unmark it when nothing does any more."""
    running = [silence for silence in state.silences.values() if silence.start <= now < silence.until]
    found: dict[str, str] = {}
    for rule in settings.inhibition:
        _apply(rule, state, now, found)
    for alert in list(state.alerts.values()):
        if not alert.open:
            continue
        source = found.get(alert.fingerprint)
        silence = next((one.id for one in running if silenced(alert, one)), None)
        if source != alert.inhibited_by or silence != alert.silenced_by:
            state.alerts[alert.fingerprint] = replace(alert, inhibited_by=source, silenced_by=silence)


def silenced(alert: Alert, silence: Silence) -> bool:
    """Return whether ``silence`` means ``alert``; a critical one only where the silence says so."""
    if alert.severity is Severity.CRITICAL and not silence.critical:
        return False
    return matches(alert.labels, silence.match)


def _apply(rule: InhibitionRule, state: AlertState, now: datetime, found: dict[str, str]) -> None:
    """Add to ``found`` the targets of one rule with the fingerprint of their source."""
    held = timedelta(hours=rule.hold_hours)
    sources = _distinct(
        alert
        for alert in state.alerts.values()
        if (alert.resolved_at is None or now - alert.resolved_at < held)
        and alert.fingerprint not in found
        and matches(alert.labels, rule.source)
    )
    if not sources:
        return
    explained: dict[tuple[object, ...], str | None] = {}
    for alert in state.alerts.values():
        if not alert.open or alert.fingerprint in found or not matches(alert.labels, rule.target):
            continue
        # thousands of alerts share few signatures: each is compared with the sources once
        signature = (alert.severity, *(alert.subject.get(name) for name in (*rule.agree, *rule.narrow)))
        if signature not in explained:
            fits = (one.fingerprint for one in sources if explains(rule, one, alert))
            explained[signature] = next(fits, None)
        source = explained[signature]
        if source is not None and source != alert.fingerprint:
            found[alert.fingerprint] = source


def _distinct(alerts: Iterable[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda one: (-GRAVITY[one.severity], one.opened_at, one.fingerprint))


def explains(rule: InhibitionRule, source: Alert, target: Alert) -> bool:
    """Return whether ``source`` holds back ``target`` by ``rule``, given that each matches its side."""
    if GRAVITY[source.severity] < GRAVITY[target.severity]:
        return False
    for name in rule.agree:
        if name in source.subject and name in target.subject and source.subject[name] != target.subject[name]:
            return False
    return all(source.subject[name] == target.subject.get(name) for name in rule.narrow if name in source.subject)
