"""The incident report: timeline, impact, cause and actions of one incident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tradewind.core import InputError
from tradewind.governance.pages import Block, Document, Items, Mark, Notice, Pairs, Section, Table, Text, Tone
from tradewind.governance.pages.numbers import DASH, count, day, instant, moment, number
from tradewind.governance.reports.incident_file import Incident
from tradewind.governance.reports.report import Report

SEVERITY: dict[str, Tone] = {"low": "soft", "medium": "warn", "high": "bad", "critical": "bad"}


def incident_report(incident: Incident, *, at: datetime, rows: Mapping[int, Mapping[str, Any]] | None = None) -> Report:
    """Return the report of ``incident`` as of ``at``.

    Parameters
    ----------
    rows : audit rows by number, to which the timeline's links are held; None leaves the links unchecked, and says so.

    Raises
    ------
    InputError : the timeline links a row that ``rows`` does not hold.
    """
    linked = [one.audit for one in incident.timeline if one.audit is not None]
    absent = [number for number in linked if rows is not None and number not in rows]
    if absent:
        raise InputError(
            f"the audit log has no row {absent[0]}, which the timeline names",
            field="timeline.audit",
            fix="give the number of the row that shows it (`tradewind audit query`), or leave it out",
        )
    late = incident.overdue(instant(at).date())
    lead = [incident.summary]
    tone = SEVERITY[incident.severity] if incident.open else "good"
    if late:
        lead.append(f"{len(late)} of {len(incident.actions)} actions are overdue.")
    return Report(
        name=f"incident-{incident.reference}",
        document=Document(
            kind="Incident report",
            title=f"{incident.reference}: {incident.title}",
            status=Mark(f"{incident.severity}, {incident.status}", tone),
            lead=tuple(lead),
            facts=(
                ("Models", ", ".join(incident.models)),
                ("Owner", incident.owner),
                ("Started", moment(incident.started)),
                ("Detected", f"{moment(incident.detected)}, after {span(incident.detected - incident.started)}"),
                ("Resolved", _resolved(incident)),
                ("Report of", moment(at)),
            ),
            sections=_sections(incident, at, rows),
            foot="Audit rows as tradewind audit query shows them; tradewind audit verify finds any change.",
        ),
        data={**incident.model_dump(mode="json"), "report_of": instant(at).isoformat(), "overdue_actions": len(late)},
    )


def _resolved(incident: Incident) -> str:
    if incident.resolved is None:
        return "not yet"
    return f"{moment(incident.resolved)}, after {span(incident.resolved - incident.started)}"


def span(length: timedelta) -> str:
    """Return a length of time in words: days and hours, or hours and minutes."""
    minutes = int(length.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    return f"{days} d {hours} h" if days else f"{hours} h {rest} min"


def _sections(incident: Incident, at: datetime, rows: Mapping[int, Mapping[str, Any]] | None) -> tuple[Section, ...]:
    impact = incident.impact
    money = DASH if impact.loss is None else f"{number(impact.loss, 2)} {impact.currency}"
    timeline = Table(
        ("when", "what", "by", "audit row"),
        tuple(
            (moment(one.at), one.what, one.by or DASH, DASH if one.audit is None else f"#{one.audit}")
            for one in incident.timeline
        ),
        left=4,
    )
    proof = _proof(incident, rows)
    lessons: Block = Items(incident.lessons) if incident.lessons else Notice("No lesson is written down.", "warn")
    return (
        Section("Timeline", "timeline", (timeline, *proof)),
        Section(
            "Impact",
            "impact",
            (Text(impact.words), Pairs((("Forecasts concerned", count(impact.forecasts)), ("Loss", money)))),
        ),
        Section("Cause", "cause", (Text(incident.cause),)),
        Section("Actions", "actions", (_actions(incident, at),)),
        Section("Lessons", "lessons", (lessons,)),
    )


def _proof(incident: Incident, rows: Mapping[int, Mapping[str, Any]] | None) -> tuple[Block, ...]:
    """Return the audit rows that the timeline links, each with the hash that the log proves."""
    linked = [one.audit for one in incident.timeline if one.audit is not None]
    if not linked:
        return ()
    if rows is None:
        return (Notice("The links to audit rows were not checked: no audit log was given.", "warn"),)
    found = tuple((f"#{n}", str(rows[n]["kind"]), moment(rows[n]["at"]), str(rows[n]["hash"])) for n in linked)
    return (Table(("audit row", "kind", "written", "hash"), found, left=4),)


def _actions(incident: Incident, at: datetime) -> Table:
    late = incident.overdue(instant(at).date())

    def state(action: object, done: object) -> Mark:
        if done is not None:
            return Mark(f"done {day(done)}", "good")
        return Mark("overdue", "bad") if action in late else Mark("open", "warn")

    rows = tuple((one.what, one.owner, day(one.due), state(one, one.done)) for one in incident.actions)
    return Table(("action", "owner", "due", "state"), rows, left=4)
