"""Operations on governance reports: those that were made, making one, and what is due when."""

from __future__ import annotations

import mimetypes
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from tradewind.core import InputError, Progress
from tradewind.core.clock import SystemClock
from tradewind.core.files import read_json
from tradewind.governance.reports import Quarter, Report
from tradewind.governance.reports.gathering import QuarterRequest, compliance_of, inventory_of, quarterly_of
from tradewind.governance.reports.scheduled import read_schedule, scheduler_of
from tradewind.governance.schedule import ReportSchedule, ReportState, next_due
from tradewind.governance.schedule.scheduler import STATE
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import Problem, absent
from tradewind.web.projects import open_project
from tradewind.web.views.compliance.places import reading, schedule_of, sources_of, tell_log
from tradewind.web.views.compliance.tasks_api import ComplianceTask, begin
from tradewind.web.workspace import Workspace

router = APIRouter(prefix="/reports")
Kind = Literal["inventory", "quarterly", "compliance"]
BY_HAND = "by-hand"
_FORMS = (".html", ".pdf", ".json", ".md")
_LOCKED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"


class ReportFile(BaseModel):
    """A file of a report."""

    form: str = Field(description="html, pdf, json or md.")
    path: str = Field(description="Below the folder of reports; ask for it with /reports/file/PATH.")
    size: int


class MadeReport(BaseModel):
    """A report that was made."""

    name: str
    folder: str = Field(description="Below the folder of reports: by hand, or the name in the schedule, and when.")
    kind: str
    at: datetime
    status: str = Field(description="What it came to, where it comes to something.")
    by_hand: bool
    files: list[ReportFile]


class DueReport(BaseModel):
    """A report of the schedule."""

    name: str
    kind: str
    every: str
    next: datetime
    last: datetime | None
    error: str = Field(description="Why the last run failed; empty where it did not.")


class Reports(BaseModel):
    """The reports, the newest first, and the schedule."""

    place: str
    made: list[MadeReport]
    schedule_file: str
    schedule: list[DueReport]
    schedule_problem: str = Field(description="Why the schedule cannot be shown; empty where it can, or is absent.")


class NewReport(BaseModel):
    """What report to make."""

    kind: Kind
    quarter: str | None = Field(default=None, description="Such as 2026Q3; null: the last whole one.")
    project: str | None = Field(
        default=None, description="A project whose bars reach past the quarter, to judge forecasts by."
    )
    model: str | None = Field(
        default=None, description="NAME/VERSION whose forecasts are those of the project; null: the audit log's."
    )
    pdf: bool = False


@router.get("")
def reports(place: Place) -> Reports:
    """The reports that were made, and what is due when."""
    due, problem = _schedule(place)
    return Reports(
        place=str(place.reports),
        made=_made(place.reports),
        schedule_file=str(schedule_of(place)),
        schedule=due,
        schedule_problem=problem,
    )


@router.post("", status_code=202)
def make_report(request: Request, place: Place, user: CurrentUser, body: NewReport) -> ComplianceTask:
    """Make a report in the background; the audit log tells of it."""
    reading(place)
    if body.quarter:
        Quarter.parse(body.quarter)
    if body.project:
        open_project(place, body.project)
    return begin(request, user, "report", body.kind, lambda progress: make(place, user.name, body, progress))


@router.post("/due", status_code=202)
def make_due_reports(request: Request, place: Place, user: CurrentUser) -> ComplianceTask:
    """Make what the schedule says is due, once each, in the background."""
    path = schedule_of(place)
    if not path.exists():
        raise absent("schedule of reports", f"{path} is missing.", f"write {path}; see `tradewind report schedule`")
    schedule = read_schedule(path)

    def work(_: Progress) -> dict[str, Any]:
        return {"ticks": [tick.to_dict() for tick in scheduler_of(schedule).tick()]}

    return begin(request, user, "scheduled reports", "due", work)


@router.get("/file/{path:path}", response_class=FileResponse)
def report_file(place: Place, path: str, inline: bool = False) -> FileResponse:
    """A file of a report; ``inline`` shows it in the browser, with nothing in it allowed to run."""
    root = place.reports.resolve()
    wanted = (root / path).resolve()
    if not wanted.is_relative_to(root) or wanted.suffix not in _FORMS or not wanted.is_file() or _hidden(wanted, root):
        raise Problem(404, "There is no such report", f"{path} is not among the reports.", fix="see the list")
    kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
    shown = "inline" if inline else "attachment"
    headers = {"content-security-policy": _LOCKED} if wanted.suffix == ".html" else {}
    return FileResponse(wanted, filename=wanted.name, media_type=kind, content_disposition_type=shown, headers=headers)


def make(place: Workspace, by: str, asked: NewReport, progress: Progress) -> dict[str, Any]:
    """Make a report into a folder of its own and return which files were written."""
    at = SystemClock().now()
    report = _report(place, asked, at, progress)
    progress.update("write", 0, 1)
    folder = place.reports / BY_HAND / f"{at:%Y-%m-%dT%H%M%SZ}"
    files = report.write(folder, pdf=asked.pdf)
    names = [str(file.relative_to(place.reports)) for file in files]
    tell_log(place, "report", {"by": by, "title": report.document.title, "report": asked.kind, "files": names})
    return {"name": report.name, "files": names}


def _report(place: Workspace, asked: NewReport, at: datetime, progress: Progress) -> Report:
    if asked.kind == "inventory":
        return inventory_of(sources_of(place), at)
    if asked.kind == "compliance":
        return compliance_of(sources_of(place), at, progress)
    project = open_project(place, asked.project) if asked.project else None
    prices = None if project is None else project.prices_file
    universe = None if project is None else project.optional("universe.csv")
    forecasts = {}
    if project is not None and asked.model:
        project.predictions()  # says what to do where there are none
        forecasts = {asked.model: project.evaluation_folder / "predictions.parquet"}
    request = QuarterRequest(
        quarter=Quarter.parse(asked.quarter) if asked.quarter else Quarter.of(at.date()).previous,
        predictions=forecasts,
    )
    return quarterly_of(sources_of(place, prices=prices, universe=universe), request, at)


def _made(root: Path) -> list[MadeReport]:
    if not root.is_dir():
        return []
    pages = [path for path in root.rglob("*.html") if not _hidden(path, root)]
    return sorted((_one(path, root) for path in pages), key=lambda report: report.at, reverse=True)


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _one(page: Path, root: Path) -> MadeReport:
    facts = page.with_suffix(".json")
    told = read_json(facts, what="the facts of a report") if facts.exists() else {}
    files = [page.with_suffix(form) for form in _FORMS]
    folder = page.parent.relative_to(root)
    return MadeReport(
        name=page.stem,
        folder=str(folder),
        kind=str(told.get("kind") or page.stem.split("-")[0]),
        at=datetime.fromtimestamp(page.stat().st_mtime, UTC),
        status=str(told.get("status") or ""),
        by_hand=folder.parts[:1] == (BY_HAND,),
        files=[
            ReportFile(form=file.suffix[1:], path=str(file.relative_to(root)), size=file.stat().st_size)
            for file in files
            if file.exists()
        ],
    )


def _schedule(place: Workspace) -> tuple[list[DueReport], str]:
    path = schedule_of(place)
    if not path.exists():
        return [], ""
    try:
        schedule = read_schedule(path)
        return _due(schedule), ""
    except InputError as error:
        return [], str(error)


def _due(schedule: ReportSchedule) -> list[DueReport]:
    now, found = SystemClock().now(), []
    for report in schedule.reports:
        state = ReportState.read(schedule.out / STATE / f"{report.name}.json")
        failed = None if state is None else state.failed
        found.append(
            DueReport(
                name=report.name,
                kind=report.kind,
                every=report.every,
                next=next_due(report, schedule.zone, now if state is None else max(state.since, now)),
                last=datetime.fromisoformat(state.made[-1]["made"]) if state is not None and state.made else None,
                error="" if failed is None else str(failed["error"]),
            )
        )
    return found
