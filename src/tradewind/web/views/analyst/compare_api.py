"""Operations that compare models: all of a project beside each other, and any two bar by bar."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Query

from tradewind.web.guard import Place
from tradewind.web.problems import Problem
from tradewind.web.projects import Project, open_project
from tradewind.web.views.analyst.compare_forecasts import SideBySide, side_by_side
from tradewind.web.views.analyst.compare_models import kinds_of, models_of
from tradewind.web.views.analyst.compare_pair import Side, compare
from tradewind.web.views.analyst.compare_shapes import CompareModels, ComparePair
from tradewind.web.views.analyst.why_explain_api import ProjectName

router = APIRouter(prefix="/compare")


@router.get("/models")
def compare_models(place: Place, project: ProjectName) -> CompareModels:
    """Every model of a project's evaluation: what it is, how it did, what it costs."""
    one = open_project(place, project)
    one.metrics()
    return models_of(one, _pairs(one))


def _pairs(project: Project) -> SideBySide | None:
    """Return the forecasts bar by bar; None where they are not kept and too many to make again."""
    try:
        return side_by_side(project)
    except Problem as problem:
        if problem.shape.status != 404:
            raise
        return None


@router.get("/pair")
def compare_pair(
    place: Place,
    project: ProjectName,
    first: Annotated[str, Query(description="A model of the project.")],
    second: Annotated[str, Query(description="A model of the project, or of the other one.")],
    other: Annotated[str | None, Query(description="The project of the second; the same one if absent.")] = None,
) -> ComparePair:
    """Two models on the bars that both forecast, of one project or of two with the same bars."""
    one = open_project(place, project)
    two = one if other is None else open_project(place, other)
    files = tuple(
        path
        for each in (one, two)
        for path in (each.evaluation_folder / "models.parquet", each.model_folder / "model.json")
    )
    key = f"pair {first} {two.name} {second}"
    return one.derived(key, files, lambda: _compare(one, two, first, second))


def _compare(one: Project, two: Project, first: str, second: str) -> ComparePair:
    apart = one.name != two.name
    own, others = side_by_side(one), side_by_side(two)
    source = own.source if not apart else f"{one.name}: {own.source}; {two.name}: {others.source}"
    return compare(_side(one, own, first, apart=apart), _side(two, others, second, apart=apart), source)


def _side(project: Project, found: SideBySide, name: str, *, apart: bool) -> Side:
    if name not in found.names:
        raise Problem(
            404,
            "There is no such model",
            f"No forecasts of {name!r} are kept in the project {project.name}.",
            fix=f"choose among {', '.join(found.names)}",
        )
    return Side(
        name=f"{name} of {project.name}" if apart else name,
        kind=kinds_of(project).get(name, "rule"),
        table=found.table.select("symbol", "date", "label", pl.col(name).alias("probability")),
    )
