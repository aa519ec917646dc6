"""Projects, jobs and given tables in the shapes that the page is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tradewind.core import InputError, Panel
from tradewind.web.intake.drafts import EXTRAS, Draft
from tradewind.web.intake.spans import ENOUGH, spans_of
from tradewind.web.jobs.state import Job, read_job
from tradewind.web.projects.plan import CHOICES, QUICK, Asked, shown
from tradewind.web.projects.project import Project
from tradewind.web.projects.shapes import (
    AskedShape,
    DraftShape,
    FaultShape,
    FileProblem,
    GivenFile,
    JobProgress,
    JobShape,
    ModelChoice,
    ProjectBars,
    ProjectDetail,
    SpansShape,
    StepShape,
)
from tradewind.web.projects.summary import summary_of


def detail_of(project: Project, *, may_change: bool) -> ProjectDetail:
    """Return a project with its job."""
    about, job, asked = project.about, read_job(project.folder), asked_of(project.about)
    given = {"news": "news.parquet", "universe": "universe.csv", "fear": "fear.csv"}
    brief = summary_of(project)
    return ProjectDetail(
        **brief.model_dump(),
        by=about.get("by"),
        source=about.get("source"),
        understood=list(about.get("understood", ())),
        left_out=int(about.get("left_out", 0)),
        extras=[kind for kind, name in given.items() if project.optional(name)],
        asked=AskedShape(models=list(asked.models), train_end=asked.train_end, test_start=asked.test_start)
        if asked
        else None,
        work=job_shape(job) if job else None,
        verdict=project.metrics()["verdict"]["words"] if brief.skill is not None else None,
        may_change=may_change,
    )


def asked_of(about: Mapping[str, Any]) -> Asked | None:
    """Return what ``project.toml`` says the job was asked for, None where it says nothing."""
    said = about.get("asked")
    if not said:
        return None
    return Asked(models=tuple(said["models"]), train_end=str(said["train_end"]), test_start=str(said["test_start"]))


def job_shape(job: Job) -> JobShape:
    """Return a job as the page is told of it."""
    return JobShape(
        state=job.state,
        created=job.created,
        ended=job.ended,
        by=job.by,
        steps=[
            StepShape(
                name=step.name,
                command=shown(step),
                state=step.state,
                began=step.began,
                ended=step.ended,
                output=list(step.output),
            )
            for step in job.steps
        ],
        progress=JobProgress(stage=job.progress.stage, done=job.progress.done, total=job.progress.total)
        if job.progress
        else None,
        problem=job.problem,
    )


def draft_shape(draft: Draft) -> DraftShape:
    """Return a given table as the page is told of it."""
    reading = draft.reading()
    found, panel = reading.recognised, reading.panel
    spans, against = None, None
    if panel is not None:
        try:
            plain = spans_of(panel)
            spans = SpansShape(
                train_end=plain.train_end,
                test_start=plain.test_start,
                train_days=plain.train_days,
                test_days=plain.test_days,
                few=plain.test_days < ENOUGH,
            )
        except InputError as error:
            against = problem_of(error)
    return DraftShape(
        id=draft.id,
        file=draft.files["prices"],
        header=list(found.header) if found else [],
        first=[list(row) for row in found.first] if found else [],
        understood=list(found.notes) if found else [],
        needs_symbol=bool(found and found.table is None) or draft.symbol is not None,
        symbol=draft.symbol,
        suggested=found.suggested if found else None,
        leave_out=draft.leave_out,
        problem=problem_of(reading.problem),
        faults=[FaultShape(row=one.row, column=one.column, why=one.problem, fix=one.fix) for one in reading.faults],
        bad_rows=reading.bad_rows,
        bars=_bars(panel),
        some=list(panel.symbols[:12]) if panel else [],
        short=list(reading.short),
        extras={
            kind: GivenFile(name=draft.files[kind], problem=problem_of(draft.fault_of(kind)))
            for kind in EXTRAS
            if kind in draft.files
        },
        spans=spans,
        spans_problem=against,
        choices=[ModelChoice(name=name, words=words, quick=name in QUICK) for name, words in CHOICES.items()],
    )


def problem_of(error: InputError | None) -> FileProblem | None:
    """Return an error as the page is told of it: where, what, and what to do."""
    if error is None:
        return None
    place = ", ".join(
        part
        for part in (
            f"Row {error.row}" if error.row is not None else "",
            f"column {error.field!r}" if error.field is not None else "",
        )
        if part
    )
    detail = f"{place}: {error.problem}" if place else error.problem
    return FileProblem(detail=f"{detail[:1].upper()}{detail[1:]}.", fix=error.fix)


def _bars(panel: Panel | None) -> ProjectBars | None:
    if panel is None:
        return None
    daily = bool(np.all(panel.time == panel.time.astype("datetime64[D]")))
    first, last = (str(moment.astype("datetime64[s]")) for moment in (panel.times[0], panel.times[-1]))
    return ProjectBars(
        symbols=panel.n_symbols,
        bars=len(panel),
        first=first[:10] if daily else first,
        last=last[:10] if daily else last,
        daily=daily,
    )
