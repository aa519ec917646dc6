"""Alerts arriving at the store, one after another, within one transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from tradewind.surveillance.alert import Alert
from tradewind.surveillance.cases.acting import Acting, number_of, read_case
from tradewind.surveillance.cases.intake import (
    Ingested,
    IntakeSettings,
    belongs,
    best,
    grown,
    meets,
    named,
    opened,
    parties,
    surpasses,
)
from tradewind.surveillance.cases.records import Case, CaseState, Doing, alert_body, digest
from tradewind.surveillance.hands import Hands

MOST_LOOKED_AT = 200
"""Cases of the same accounts among which one is looked for, the latest first."""


class Arrival:
    """Puts alerts into cases.

    Parameters
    ----------
    db : connection inside a write transaction; ``acting`` writes to it.
    """

    def __init__(
        self, db: sqlite3.Connection, acting: Acting, hands: Hands, settings: IntakeSettings, now: datetime
    ) -> None:
        self._db, self._acting, self._hands, self._settings, self._now = db, acting, hands, settings, now
        self._new = self._revised = self._unchanged = 0
        self._opened: dict[str, None] = {}
        self._joined: dict[str, None] = {}

    def outcome(self, alerts: int) -> Ingested:
        """Return what became of all taken so far."""
        return Ingested(
            alerts=alerts,
            new=self._new,
            revised=self._revised,
            unchanged=self._unchanged,
            opened=tuple(self._opened),
            joined=tuple(case for case in self._joined if case not in self._opened),
        )

    def take(self, alert: Alert, run: str) -> None:
        """Put one alert where it belongs."""
        body = alert_body(alert)
        known = self._db.execute(
            "SELECT n, revision, run, body FROM alerts WHERE id = ? ORDER BY n DESC LIMIT 1", (alert.id,)
        ).fetchone()
        if known is None:
            self._new += 1
            self._place(alert, body, run, follows=None)
            return
        number, revision, told_by, before = known
        stale = alert.revision < revision if told_by == run else False
        if stale or bytes(before) == body:
            self._unchanged += 1
            return
        self._revised += 1
        case = self._case(number)
        if case.open:
            self._keep(case, alert, body, run, Doing.REVISE)
        elif surpasses(alert, case):
            self._place(alert, body, run, follows=case)
        else:
            after = {"alerts": {alert.id: digest(body)}}
            self._write(self._acting.by_alerts(Doing.REVISE, case, after), alert, body, run)

    def _place(self, alert: Alert, body: bytes, run: str, follows: Case | None) -> None:
        near = [case for case in self._near(alert, open_ones=True) if meets(alert, case, self._hands, self._settings)]
        case = best(alert, near, self._hands, self._settings)
        if case is not None:
            self._keep(case, alert, body, run, Doing.EXTEND)
            self._joined[case.id] = None
            return
        before = [follows] if follows is not None else self._closed(alert)
        made = opened(self._acting.next_id(), alert, digest(body), run, self._now)
        whole = {**made.to_dict(), "follows": named(c.id for c in before), "related": named(c.id for c in near)}
        case = self._acting.by_alerts(Doing.OPEN, None, whole)
        self._write(case, alert, body, run)
        self._opened[case.id] = None

    def _keep(self, case: Case, alert: Alert, body: bytes, run: str, doing: Doing) -> None:
        after = grown(case, alert, digest(body), run, self._now)
        self._write(self._acting.by_alerts(doing, case, after), alert, body, run)

    def _write(self, case: Case, alert: Alert, body: bytes, run: str) -> None:
        row = (alert.id, number_of(case.id), alert.revision, run, body)
        self._db.execute("INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?, ?)", row)

    def _closed(self, alert: Alert) -> list[Case]:
        cases = self._near(alert, open_ones=False)
        return [case for case in cases if belongs(alert, case, self._hands, self._settings)]

    def _near(self, alert: Alert, *, open_ones: bool) -> list[Case]:
        keys = sorted(parties(self._hands.all_of(alert.accounts), (alert.symbol,)))
        marks = ", ".join("?" * len(keys))
        sign = "<>" if open_ones else "="
        rows = self._db.execute(
            f"SELECT n, body FROM cases WHERE n IN (SELECT n FROM parties WHERE party IN ({marks}))"
            f" AND state {sign} ? ORDER BY n DESC LIMIT ?",
            (*keys, CaseState.CLOSED.value, MOST_LOOKED_AT),
        )
        return [read_case(body, number) for number, body in rows]

    def _case(self, number: int) -> Case:
        body = self._db.execute("SELECT body FROM cases WHERE n = ?", (number,)).fetchone()[0]
        return read_case(body, number)
