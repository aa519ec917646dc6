"""Operations of the executive view, under ``/api/executive``."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from tradewind.web.guard import Place
from tradewind.web.projects import open_project
from tradewind.web.views.executive.champion import ExecutiveInService, in_service
from tradewind.web.views.executive.shapes import ExecutiveSummary
from tradewind.web.views.executive.summary import summary_bytes

router = APIRouter()


@router.get("/summary/{project}", response_model=ExecutiveSummary)
def executive_summary(place: Place, project: str) -> Response:
    """What the model of a project says now, whether it showed skill, how it did and what to keep in mind."""
    return Response(summary_bytes(open_project(place, project)), media_type="application/json")


@router.get("/champion/{project}")
def executive_champion(place: Place, project: str) -> ExecutiveInService:
    """Which version is in service, since when and by whose decision, and whether this project's forecasts are its."""
    return in_service(place, open_project(place, project))
