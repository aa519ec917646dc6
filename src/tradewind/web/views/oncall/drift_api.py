"""Operations over drift: the map, one cell of it, the reports of the job."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.datastructures import State

from tradewind.core.files import read_json
from tradewind.web.guard import Place
from tradewind.web.problems import absent
from tradewind.web.views.oncall.at_work import AtWork
from tradewind.web.views.oncall.drift_shapes import DriftCell, DriftEvery, DriftMap, DriftReportEntry, Measure
from tradewind.web.views.oncall.drifting import Drifting
from tradewind.web.views.oncall.held import held_by
from tradewind.web.workspace import Workspace

router = APIRouter()
SESSIONS = 80
"""Newest sessions of the map where nothing is asked."""


@router.get("/drift")
def drift_map(
    request: Request,
    place: Place,
    measure: Measure = "excess",
    every: DriftEvery = "week",
    sessions: Annotated[int, Query(ge=1, le=520)] = SESSIONS,
) -> DriftMap:
    """How far each feature lies from what the model was trained on, window by window."""
    return drifting_of(request.app.state, place).map(measure, every, sessions)


@router.get("/drift/cell")
def drift_cell(request: Request, place: Place, feature: str, end: date) -> DriftCell:
    """One feature in the window that ends on ``end``: its distribution beside the reference."""
    return drifting_of(request.app.state, place).cell(feature, np.datetime64(end, "us"))


@router.get("/drift/reports")
def drift_reports(place: Place) -> list[DriftReportEntry]:
    """The reports of the drift job, the newest first."""
    paths = sorted(place.drift.glob("*/drift.json"), reverse=True)[:60] if place.drift.is_dir() else []
    if not paths:
        raise absent(
            "report of the drift job", f"{place.drift} holds none.", "tradewind monitor run --settings monitor.toml"
        )
    return [_entry(path.parent.name, read_json(path, what="a report of drift")) for path in paths]


def drifting_of(state: State, place: Workspace) -> Drifting:
    """Return what the application of ``state`` compares with."""
    return held_by(state, Drifting, lambda: Drifting(place, held_by(state, AtWork, AtWork)))


def _entry(day: str, row: dict[str, Any]) -> DriftReportEntry:
    features = row.get("features", [])
    return DriftReportEntry(
        day=day,
        start=str(row["start"]),
        end=str(row["end"]),
        drift=bool(row["drift"]),
        drifted=list(row["drifted"]),
        textbook=sum(bool(one.get("textbook")) for one in features),
        features=len(features),
    )
