"""No storm: how many notifications a receiver gets in an hour, and what becomes of the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewind.core import Severity
from tradewind.core.ids import content_id
from tradewind.monitoring.alerts.records import Held, Ledger, Notification
from tradewind.monitoring.alerts.runbook import SUMMARY
from tradewind.monitoring.alerts.settings import GRAVITY, Receiver

HOUR = timedelta(hours=1)
NAMED = 50
"""Critical incidents that a summary names in words; the ids of all are in its ``incidents``."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What one receiver may still be told, at one moment.

    Of ``per_hour`` slots in any 60 minutes one is the summary's and a quarter (at least one) takes nothing but what is
    critical, so that the first critical incident always goes out at once.
    """

    receiver: Receiver
    ledger: Ledger

    @classmethod
    def at(cls, receiver: Receiver, ledger: Ledger | None, now: datetime) -> Budget:
        """Return the budget at ``now``: what is older than an hour no longer counts.

        Where the clock was set back, what was marked later counts from now on: never more than the limit, and nothing
        blocked for longer than an hour.
        """
        known = ledger or Ledger(receiver=receiver.name)
        sent, summaries = (
            tuple(min(one, now) for one in marks if min(one, now) > now - HOUR)
            for marks in (known.sent, known.summaries)
        )
        held = {name: replace(one, at=min(one.at, now)) for name, one in known.held.items()}
        return cls(receiver=receiver, ledger=replace(known, sent=sent, summaries=summaries, held=held))

    def admits(self, severity: Severity) -> bool:
        """Return whether one more of ``severity`` may go out now."""
        most = self.receiver.per_hour - 1
        if severity is not Severity.CRITICAL:
            most -= max(1, self.receiver.per_hour // 4)
        return len(self.ledger.sent) < most

    def told(self, now: datetime) -> Budget:
        """Return the budget after one notification."""
        return replace(self, ledger=replace(self.ledger, sent=(*self.ledger.sent, now)))

    def hold(self, item: Held) -> Budget:
        """Return the budget with ``item`` waiting for the summary; the gravest word on an incident stays."""
        held = dict(self.ledger.held)
        before = held.get(item.incident)
        if before is not None:
            graver = max(before, item, key=lambda one: GRAVITY[one.severity])
            item = replace(graver, at=before.at)
        held[item.incident] = item
        return replace(self, ledger=replace(self.ledger, held=held))

    def summary(self, now: datetime, gather: timedelta) -> tuple[Budget, Notification | None]:
        """Return the summary that is due, None where none is, and the budget after it."""
        held = self.ledger.held
        if not held or now - min(one.at for one in held.values()) < gather:
            return self, None
        critical = any(one.severity is Severity.CRITICAL for one in held.values())
        if not self.ledger.summaries:
            ledger = replace(self.ledger, summaries=(now,), held={})
        elif critical and self.admits(Severity.CRITICAL):
            ledger = replace(self.ledger, sent=(*self.ledger.sent, now), held={})
        else:
            return self, None
        return replace(self, ledger=ledger), _summary(self.receiver.name, list(held.values()), now)


def _summary(receiver: str, held: list[Held], now: datetime) -> Notification:
    held = sorted(held, key=lambda one: (-GRAVITY[one.severity], one.at, one.incident))
    critical = [one for one in held if one.severity is Severity.CRITICAL]
    lines = [f"critical, {one.reason}: {one.title} (incident {one.incident})" for one in critical[:NAMED]]
    if len(critical) > NAMED:
        lines.append(f"and {len(critical) - NAMED} more critical incidents: tradewind alerts list --severity critical")
    counted = Counter((one.severity, one.kind) for one in held if one.severity is not Severity.CRITICAL)
    for (severity, kind), n in sorted(counted.items(), key=lambda row: (-GRAVITY[row[0][0]], -row[1], row[0][1])):
        lines.append(f"{severity.value}: {kind}, {n} incident{'s' * (n > 1)}")
    ids = tuple(one.incident for one in held)
    title = f"{len(held)} incidents were held back by the limit of notifications, {len(critical)} of them critical"
    return Notification(
        id=content_id(receiver, "summary", now.isoformat(), ids),
        receiver=receiver,
        reason="summary",
        at=now,
        severity=held[0].severity,
        title=title,
        lines=tuple(lines),
        incidents=ids,
        runbook=SUMMARY,
    )
