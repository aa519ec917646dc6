"""Operations that tell how background work of the compliance view goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from tradewind.core import Progress
from tradewind.web.access import User
from tradewind.web.problems import Problem
from tradewind.web.views.compliance.tasks import Task, Tasks

router = APIRouter()


class ComplianceTask(BaseModel):
    """A piece of background work."""

    id: str
    kind: str
    about: str
    by: str
    began: datetime
    ended: datetime | None
    state: Literal["running", "done", "failed"]
    stage: str
    done: int
    total: int = Field(description="Steps of the present stage; 0: not known.")
    problem: str | None
    result: dict[str, Any] | None


def tasks_of(request: Request) -> Tasks:
    """Return the tasks of this process, made at first use."""
    state = request.app.state
    if not hasattr(state, "compliance_tasks"):
        state.compliance_tasks = Tasks()
    found: Tasks = state.compliance_tasks
    return found


def shape_of(task: Task) -> ComplianceTask:
    """Return a task as the page sees it."""
    return ComplianceTask(**vars(task))


def begin(
    request: Request, user: User, kind: str, about: str, work: Callable[[Progress], dict[str, Any]]
) -> ComplianceTask:
    """Start ``work`` in the background; open pages are told when it ends."""

    def told(task: Task) -> None:
        request.app.state.live.tell("compliance", {"task": task.id, "kind": task.kind, "state": task.state})

    return shape_of(tasks_of(request).start(kind, about, user.name, work, told))


@router.get("/tasks/{task}")
def compliance_task(request: Request, task: str) -> ComplianceTask:
    """How one piece of background work goes."""
    found = tasks_of(request).get(task)
    if found is None:
        raise Problem(404, "This work is not known", "The dashboard was started anew since.", fix="start it again")
    return shape_of(found)


@router.get("/tasks")
def compliance_tasks(request: Request, kind: str | None = None) -> list[ComplianceTask]:
    """Background work, the newest first."""
    return [shape_of(task) for task in tasks_of(request).all(kind)]
