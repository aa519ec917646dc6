"""A project in one line: what it holds, and how far it is."""

from __future__ import annotations

import polars as pl

from tradewind.core.errors import InputError
from tradewind.web.jobs.state import state_of
from tradewind.web.projects.project import Project
from tradewind.web.projects.shapes import ProjectBars, ProjectBrief


def summary_of(project: Project) -> ProjectBrief:
    """Return the line of ``project``; what is missing or cannot be read is told as absent."""
    about = project.about
    return ProjectBrief(
        name=project.name,
        title=str(about.get("title") or project.name),
        created=str(about["created"]) if "created" in about else None,
        bars=bars_of(project),
        trained=project.model_folder.is_dir(),
        evaluated=(project.evaluation_folder / "metrics.json").exists(),
        skill=_skill(project),
        job=state_of(project.folder),
    )


def bars_of(project: Project) -> ProjectBars | None:
    """Return what the bars span, from the file's columns of symbols and times alone; None where there are none."""
    path = project.prices_file
    return project.derived("bars in short", (path,), lambda: _span(project)) if path.exists() else None


def _span(project: Project) -> ProjectBars | None:
    try:
        table = pl.scan_parquet(project.prices_file)
        names = table.collect_schema().names()
        time = "timestamp" if "timestamp" in names else "date"
        row = table.select(
            pl.col("symbol").n_unique().alias("symbols"),
            pl.len().alias("bars"),
            pl.col(time).min().alias("first"),
            pl.col(time).max().alias("last"),
        ).collect()
    except (pl.exceptions.PolarsError, OSError):  # a file put there by hand: the list is shown all the same
        return None
    symbols, bars, first, last = row.row(0)
    daily = time == "date"
    return ProjectBars(
        symbols=symbols, bars=bars, first=_text(first, daily=daily), last=_text(last, daily=daily), daily=daily
    )


def _text(moment: object, *, daily: bool) -> str:
    text = str(moment).replace(" ", "T")
    return text[:10] if daily else text


def _skill(project: Project) -> bool | None:
    if not (project.evaluation_folder / "metrics.json").exists():
        return None
    try:
        verdict = project.metrics().get("verdict") or {}
    except InputError:  # half a file of an older kind: the list does not fail for it
        return None
    skill = verdict.get("skill")
    return bool(skill) if skill is not None else None
