"""The incident report: timeline, impact, cause and actions of one incident."""

from __future__ import annotations

from datetime import datetime, timedelta

from tradewind.governance.pages import Block, Document, Items, Mark, Notice, Pairs, Section, Table, Text, Tone
from tradewind.governance.pages.numbers import DASH, count, day, instant, moment, number
from tradewind.governance.reports.incident_file import Incident
from tradewind.governance.reports.report import Report

SEVERITY: dict[str, Tone] = {"low": "soft", "medium": "warn", "high": "bad", "critical": "bad"}


def incident_report(incident: Incident, *, at: datetime) -> Report:
    """Return the report of ``incident`` as of ``at``."""
    late = incident.overdue(instant(at).date())
    lead = [incident.summary]
    tone = SEVERITY[incident.severity] if incident.open else "good"
    if late:
        lead.append(f"{len(late)} of {len(incident.actions)} actions are overdue.")
    return Report(
        name=f"incident-{incident.id}",
        document=Document(
            kind="Incident report",
            title=f"{incident.id}: {incident.title}",
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
            sections=_sections(incident, at),
            foot="Audit rows are those of `tradewind audit query`; `tradewind audit verify` finds any change.",
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


def _sections(incident: Incident, at: datetime) -> tuple[Section, ...]:
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
    lessons: Block = Items(incident.lessons) if incident.lessons else Notice("No lesson is written down.", "warn")
    return (
        Section("Timeline", "timeline", (timeline,)),
        Section(
            "Impact",
            "impact",
            (Text(impact.words), Pairs((("Forecasts concerned", count(impact.forecasts)), ("Loss", money)))),
        ),
        Section("Cause", "cause", (Text(incident.cause),)),
        Section("Actions", "actions", (_actions(incident, at),)),
        Section("Lessons", "lessons", (lessons,)),
    )


def _actions(incident: Incident, at: datetime) -> Table:
    late = incident.overdue(instant(at).date())

    def state(action: object, done: object) -> Mark:
        if done is not None:
            return Mark(f"done {day(done)}", "good")
        return Mark("overdue", "bad") if action in late else Mark("open", "warn")

    rows = tuple((one.what, one.owner, day(one.due), state(one, one.done)) for one in incident.actions)
    return Table(("action", "owner", "due", "state"), rows, left=4)
