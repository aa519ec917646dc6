"""Operations of projects: the list that every view chooses from, new ones, and their jobs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from tradewind.core.errors import UsageError
from tradewind.web.access import User
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.intake.drafts import (
    EXTRAS,
    Draft,
    Kind,
    drop_draft,
    file_name,
    new_draft,
    open_draft,
)
from tradewind.web.intake.spans import spans_of
from tradewind.web.jobs.start import resume_job, start_job, stop_job
from tradewind.web.problems import Problem, absent
from tradewind.web.projects import Project, list_projects, open_project
from tradewind.web.projects.describe import detail_of, draft_shape
from tradewind.web.projects.make import make_project, remove_project, write_about
from tradewind.web.projects.plan import CHOICES, Asked, steps_of
from tradewind.web.projects.shapes import DraftChange, DraftShape, JobOrder, NewProject, ProjectBrief, ProjectDetail
from tradewind.web.projects.summary import summary_of
from tradewind.web.projects.watch import watch_jobs
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

router = APIRouter(prefix="/api", tags=["projects"])
CHANGES = frozenset({Role.analyst, Role.admin})
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILES = {
    "report.html": ("evaluation/report.html", "text/html"),
    "left-out.csv": ("left-out.csv", "text/csv"),
    "explanations.html": ("forecast/explanations.html", "text/html"),
}


def changes(user: CurrentUser) -> User:
    """Let through who may make projects."""
    if not user.roles & CHANGES:
        raise Problem(
            403, "You may look, not change", "Projects are made by analysts.", fix="ask an analyst or an administrator"
        )
    return user


Changer = Annotated[User, Depends(changes)]


@router.get("/projects")
def projects(request: Request, _: CurrentUser, place: Place) -> list[ProjectBrief]:
    """Every project, by name."""
    found = [summary_of(project) for project in list_projects(place)]
    if any(one.job in {"waiting", "running"} for one in found):  # a job that was there before the dashboard
        watch_jobs(place, request.app.state.live)
    return found


@router.get("/projects/{name}")
def project_detail(user: CurrentUser, place: Place, name: str) -> ProjectDetail:
    """One project with its job."""
    return _detail(open_project(place, name), user)


@router.post("/projects", status_code=201)
def make_new_project(request: Request, user: Changer, place: Place, body: NewProject) -> ProjectDetail:
    """Make a project of a given table and start its job."""
    draft = open_draft(place, body.draft, user.name)
    panel = draft.reading().panel
    if panel is None:
        raise UsageError("these prices cannot be used yet", fix="mend what stands against them first")
    spans = spans_of(panel, body.test_start)
    asked = Asked(models=_known(body.models), train_end=spans.train_end, test_start=spans.test_start)
    project = make_project(place, draft, title=body.title, asked=asked)
    drop_draft(draft)
    _start(request, place, project, asked, user)
    return _detail(project, user)


@router.delete("/projects/{name}", status_code=204)
def delete_project(request: Request, _: Changer, place: Place, name: str) -> None:
    """Remove a project with all that was made of it."""
    remove_project(open_project(place, name))
    request.app.state.live.tell("jobs", {"project": name})


@router.post("/projects/{name}/job")
def start_project_job(request: Request, user: Changer, place: Place, name: str, body: JobOrder) -> ProjectDetail:
    """Train, evaluate, forecast and explain anew."""
    project = open_project(place, name)
    spans = spans_of(project.panel(), body.test_start)
    asked = Asked(models=_known(body.models), train_end=spans.train_end, test_start=spans.test_start)
    _start(request, place, project, asked, user)
    about = {key: value for key, value in project.about.items() if key != "asked"}
    write_about(project.folder, about, asked)
    return _detail(project, user)


@router.post("/projects/{name}/job/resume")
def resume_project_job(request: Request, user: Changer, place: Place, name: str) -> ProjectDetail:
    """Go on with a job that failed, was cancelled or cut off."""
    project = open_project(place, name)
    resume_job(project.folder)
    watch_jobs(place, request.app.state.live)
    return _detail(project, user)


@router.post("/projects/{name}/job/cancel")
def cancel_project_job(request: Request, user: Changer, place: Place, name: str) -> ProjectDetail:
    """Ask a job to stop."""
    project = open_project(place, name)
    stop_job(project.folder)
    watch_jobs(place, request.app.state.live)
    return _detail(project, user)


@router.get("/projects/{name}/files/{file}", response_class=FileResponse)
def project_file(_: CurrentUser, place: Place, name: str, file: str) -> FileResponse:
    """A file that the commands wrote: the report, the explanations, the rows that were left out."""
    project = open_project(place, name)
    found = _FILES.get(file)
    if found is None or not (project.folder / found[0]).exists():
        raise absent(f"{file} in this project", "It was not made yet.", "run the job of the project")
    return FileResponse(project.folder / found[0], media_type=found[1], filename=f"{name}-{file}")


@router.post("/project-drafts", status_code=201, openapi_extra=_BODY)
async def give_prices(request: Request, user: Changer, place: Place, filename: str) -> DraftShape:
    """Give a table of prices (CSV or Parquet) as the body; it is looked at, and nothing else."""
    name = file_name(filename)
    draft = await run_in_threadpool(new_draft, place, user.name)
    await _take(request, draft, "prices", name)
    return await run_in_threadpool(lambda: draft_shape(draft.changed(files={"prices": name})))


@router.get("/project-drafts/{draft}")
def given_prices(user: Changer, place: Place, draft: str) -> DraftShape:
    """What was understood of a given table."""
    return draft_shape(open_draft(place, draft, user.name))


@router.patch("/project-drafts/{draft}")
def settle_draft(user: Changer, place: Place, draft: str, body: DraftChange) -> DraftShape:
    """Say whose bars a table holds, or whether to go on without its faulty rows."""
    said = body.model_dump(exclude_none=True)
    if "symbol" in said:
        said["symbol"] = said["symbol"].strip() or None
    return draft_shape(open_draft(place, draft, user.name).changed(**said))


@router.put("/project-drafts/{draft}/files/{kind}", openapi_extra=_BODY)
async def give_extra(
    request: Request, user: Changer, place: Place, draft: str, kind: Kind, filename: str
) -> DraftShape:
    """Give news, a universe or a fear index beside the prices, as the body."""
    found = await run_in_threadpool(open_draft, place, draft, user.name)
    name = file_name(filename)
    await _take(request, found, kind, name)
    return await run_in_threadpool(lambda: draft_shape(found.changed(files={**found.files, kind: name})))


@router.delete("/project-drafts/{draft}/files/{kind}")
def drop_extra(user: Changer, place: Place, draft: str, kind: Kind) -> DraftShape:
    """Take a file beside the prices away again."""
    found = open_draft(place, draft, user.name)
    if kind not in EXTRAS:
        raise UsageError("a project needs prices", fix="give another table instead")
    return draft_shape(found.changed(files={key: name for key, name in found.files.items() if key != kind}))


async def _take(request: Request, draft: Draft, kind: Kind, name: str) -> None:
    """Write the body of ``request`` as a file of ``draft``, no longer than is allowed."""
    most: int = request.app.state.settings.max_upload
    folder = draft.folder / kind
    folder.mkdir(exist_ok=True)
    taken = 0
    with (folder / name).open("wb") as file:
        async for chunk in request.stream():
            taken += len(chunk)
            if taken > most:
                break
            await run_in_threadpool(file.write, chunk)
    if taken > most:
        (folder / name).unlink()
        raise Problem(
            413,
            "The file is too large",
            f"It has more than {most // 2**20} MiB.",
            fix="give it as Parquet, or put it in a project's folder by hand",
        )


def _detail(project: Project, user: User) -> ProjectDetail:
    return detail_of(project, may_change=bool(user.roles & CHANGES))


def _known(models: list[str]) -> tuple[str, ...]:
    for name in models:
        if name not in CHOICES:
            raise UsageError(f"there is no model {name!r}", field="models", fix=f"choose from {', '.join(CHOICES)}")
    return tuple(dict.fromkeys(models))


def _start(request: Request, place: Workspace, project: Project, asked: Asked, user: User) -> None:
    start_job(project.folder, steps_of(project, asked, place), by=user.name)
    watch_jobs(place, request.app.state.live)
