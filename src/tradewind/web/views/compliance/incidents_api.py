"""Operations on incidents: the files that ``tradewind report incident`` reads, told to the audit log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, ValidationError

from tradewind.core.clock import SystemClock
from tradewind.governance.pages import to_html
from tradewind.governance.reports import Incident, incident_report
from tradewind.web.access import User
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import Problem
from tradewind.web.views.compliance.incident_store import (
    Filed,
    change_incident,
    file_incident,
    filed_incidents,
    find_incident,
    next_reference,
)
from tradewind.web.views.compliance.places import has_log, incidents_of, open_log, tell_log
from tradewind.web.workspace import Workspace

router = APIRouter(prefix="/incidents")
Severity = Literal["low", "medium", "high", "critical"]


class IncidentMoment(BaseModel):
    """What happened at one moment."""

    at: datetime
    what: str = Field(min_length=1)
    by: str | None = None
    audit: int | None = Field(default=None, ge=0, description="Row of the audit log that shows it.")


class IncidentAction(BaseModel):
    """What must be done, by whom, until when."""

    what: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    due: date
    done: date | None = None


class IncidentImpact(BaseModel):
    """What it cost."""

    words: str = Field(min_length=1)
    forecasts: int | None = Field(default=None, ge=0)
    loss: float | None = None
    currency: str = "USD"


class IncidentShape(BaseModel):
    """One incident; moments are UTC."""

    reference: str
    title: str = Field(min_length=1)
    severity: Severity
    status: Literal["open", "contained", "closed"]
    models: list[str] = Field(min_length=1)
    owner: str = Field(min_length=1)
    started: datetime
    detected: datetime
    resolved: datetime | None = None
    summary: str = Field(min_length=1)
    cause: str = Field(min_length=1)
    impact: IncidentImpact
    lessons: list[str] = []
    timeline: list[IncidentMoment] = Field(min_length=1)
    actions: list[IncidentAction] = Field(min_length=1)


class FiledIncident(BaseModel):
    """An incident in its file; ``incident`` is null where people left the file unfinished."""

    name: str
    file: str
    revision: str = Field(description="Send it back with a change.")
    incident: IncidentShape | None
    problem: str
    overdue: int = Field(description="Actions whose day has passed undone.")


class IncidentList(BaseModel):
    """The incidents, the newest first."""

    place: str
    next: str = Field(description="Reference that a new one gets.")
    incidents: list[FiledIncident]


class ChangedIncident(BaseModel):
    """An incident as it shall be, and the revision that was changed."""

    revision: str
    incident: IncidentShape


@router.get("")
def incidents(place: Place) -> IncidentList:
    """Every incident, those that are open first, then the newest."""
    found = [_shape(filed) for filed in filed_incidents(place)]
    return IncidentList(
        place=str(incidents_of(place)),
        next=next_reference(place, SystemClock().now()),
        incidents=sorted(found, key=_order),
    )


@router.get("/{reference}")
def incident(place: Place, reference: str) -> FiledIncident:
    """One incident."""
    return _shape(find_incident(place, reference))


@router.post("", status_code=201)
def record_incident(request: Request, place: Place, user: CurrentUser, body: IncidentShape) -> FiledIncident:
    """Record a new incident; the audit log tells of it."""
    made = _checked(place, body)
    _tell(place, user, made, "recorded")
    filed = file_incident(place, made)
    request.app.state.live.tell("compliance", {"incident": made.reference})
    return _shape(filed)


@router.put("/{reference}")
def update_incident(
    request: Request, place: Place, user: CurrentUser, reference: str, body: ChangedIncident
) -> FiledIncident:
    """Change an incident: its timeline, actions, cause; close it. The audit log tells of it."""
    before, made = find_incident(place, reference).incident, _checked(place, body.incident)
    filed = change_incident(place, reference, body.revision, made)
    closed = before is not None and before.open and not made.open
    _tell(place, user, made, "closed" if closed else "changed")
    request.app.state.live.tell("compliance", {"incident": reference})
    return _shape(filed)


@router.get("/{reference}/report.html", response_class=Response)
def incident_page(place: Place, reference: str) -> Response:
    """The incident report as a page of its own; links of its timeline are held to the audit log."""
    found = find_incident(place, reference).incident
    assert found is not None  # find_incident refuses one that cannot be read
    rows = None
    linked = [one.audit for one in found.timeline if one.audit is not None]
    if linked and has_log(place):
        with open_log(place) as log:
            held = {seq: log.entry(seq) for seq in linked}
        rows = {seq: entry.to_dict() for seq, entry in held.items() if entry is not None}
    page = to_html(incident_report(found, at=SystemClock().now(), rows=rows).document)
    headers = {"content-disposition": f'attachment; filename="incident-{reference}.html"'}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


def _checked(place: Workspace, body: IncidentShape) -> Incident:
    """Return the incident as governance checks it.

    Raises
    ------
    Problem : a field is not filled in or out of order, or a linked row of the audit log is not there (422).
    """
    try:
        found = Incident.model_validate(body.model_dump())
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'incident'}: {str(one['msg']).removeprefix('Value error, ')}"
            for one in error.errors()
        )
        raise Problem(422, "The incident is not complete", f"{said}.", fix="fill these fields in") from error
    linked = [one.audit for one in found.timeline if one.audit is not None]
    if linked:
        with open_log(place) as log:
            absent = [seq for seq in linked if log.entry(seq) is None]
        if absent:
            raise Problem(
                422, "There is no such row", f"The audit log has no row {absent[0]}.", fix="give another, or none"
            )
    return found


def _tell(place: Workspace, user: User, made: Incident, what: str) -> None:
    body: dict[str, Any] = {
        "incident": made.reference,
        "what": f"{what}: {made.title}",
        "status": made.status,
        "severity": made.severity,
        "models": list(made.models),
        "by": user.name,
    }
    if not made.open:
        body["cause"] = made.cause
    tell_log(place, "incident", body)


def _shape(filed: Filed) -> FiledIncident:
    held = filed.incident
    return FiledIncident(
        name=filed.path.stem if held is None else held.reference,
        file=filed.path.name,
        revision=filed.revision,
        incident=None if held is None else IncidentShape.model_validate(held.model_dump()),
        problem=filed.problem,
        overdue=0 if held is None else len(held.overdue(SystemClock().now().date())),
    )


def _order(filed: FiledIncident) -> tuple[bool, float]:
    found = filed.incident
    if found is None:
        return (False, float("-inf"))
    return (found.status == "closed", -found.started.timestamp())
