"""Operations of projects: the list that every view chooses from, new ones, and their jobs."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.guard import CurrentUser, Place
from tradewind.web.projects import list_projects
from tradewind.web.projects.shapes import ProjectBrief
from tradewind.web.projects.summary import summary_of

router = APIRouter(prefix="/api/projects", tags=["projects"])


@router.get("")
def projects(_: CurrentUser, place: Place) -> list[ProjectBrief]:
    """Every project, by name."""
    return [summary_of(project) for project in list_projects(place)]
