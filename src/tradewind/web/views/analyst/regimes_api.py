"""Operations of the regimes page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradewind.web.guard import Place
from tradewind.web.projects import open_project
from tradewind.web.views.analyst.regimes_market import regimes_of
from tradewind.web.views.analyst.regimes_shapes import RegimesView

router = APIRouter()


@router.get("/regimes/{project}")
def regimes_view(place: Place, project: str, states: Annotated[int, Query(ge=2, le=5)] = 3) -> RegimesView:
    """Regimes of a project's market, and how its forecasts did in each."""
    return regimes_of(open_project(place, project), states)
