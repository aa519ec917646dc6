"""Operations of explanations: one forecast told in four layers, what would have turned it, and both to take away."""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Response

from tradewind.core import TradewindError
from tradewind.core.arrays import as_time
from tradewind.web.guard import Place
from tradewind.web.problems import Problem
from tradewind.web.projects import Project, open_project
from tradewind.web.views.analyst.why_desk import Asked, Desk, desk_of
from tradewind.web.views.analyst.why_shapes import WhyBars, WhyExplanation, WhySymbol, WhyTurned
from tradewind.web.views.analyst.why_view import explained, outcome_of, turned_by_bar, turned_by_features
from tradewind.web.workspace import Workspace

_LOG = logging.getLogger("tradewind.web")
router = APIRouter(prefix="/why")
ProjectName = Annotated[str, Query(description="Name of the project.")]
SymbolName = Annotated[str, Query(description="Whose forecast.")]
Day = Annotated[
    str | None,
    Query(
        pattern=r"^\d{4}-\d{2}-\d{2}$", description="The bar of that day or the last before it; the newest if absent."
    ),
]


@router.get("/bars")
def why_bars(place: Place, project: ProjectName) -> WhyBars:
    """Which forecasts of a project can be explained; getting ready to explain them begins."""
    one = open_project(place, project)
    model, panel = one.model(), one.panel()
    learned = as_time(model.record["trained_until"])
    symbols = []
    for code, symbol in enumerate(panel.symbols):
        days = panel.time[panel.offsets[code] : panel.offsets[code + 1]]
        first = int(np.searchsorted(days, learned))
        if first < len(days):
            symbols.append(WhySymbol(symbol=symbol, first=str(days[first])[:10], last=str(days[-1])[:10]))
    one.derived("readying", (one.model_folder, one.prices_file), lambda: _ready(one))
    return WhyBars(
        project=project, trained_until=str(learned)[:10], symbols=symbols, members=list(model.ensemble.members)
    )


def _ready(project: Project) -> threading.Thread:
    """Compute the project's features beside the request, then explain its newest bars when nobody asks."""

    def begin() -> None:
        try:
            desk_of(project).explain_ahead()
        except (Problem, TradewindError) as error:  # whoever asks for an explanation is told the same
            _LOG.warning("explanations of project %s cannot be made: %s", project.name, error)

    thread = threading.Thread(target=begin, name="ready-to-explain", daemon=True)
    thread.start()
    return thread


def desk_and_bar(place: Workspace, project: str, symbol: str, day: str | None) -> tuple[Desk, Asked]:
    """Return the desk of a project and the bar that is asked about.

    Raises
    ------
    Problem : the project, its model, the symbol or the bar is not there, or the model learned from the bar.
    """
    desk = desk_of(open_project(place, project))
    return desk, desk.asked(symbol, day)


@router.get("/explanation")
def why_explanation(place: Place, project: ProjectName, symbol: SymbolName, date: Day = None) -> WhyExplanation:
    """One forecast explained, in four layers; kept once it is made."""
    desk, asked = desk_and_bar(place, project, symbol, date)
    began = time.perf_counter()
    found = desk.explanation(asked)
    return explained(found, project, outcome_of(desk.data, asked.row), time.perf_counter() - began)


@router.get("/turned")
def why_turned(place: Place, project: ProjectName, symbol: SymbolName, date: Day = None) -> WhyTurned:
    """What would have turned the forecast: the model is run on some thousand variants of the bar and its features."""
    from tradewind.explain.counterfactual import (
        BarSettings,
        FeatureSettings,
        bar_counterfactuals,
        feature_counterfactuals,
    )

    desk, asked = desk_and_bar(place, project, symbol, date)

    def search() -> WhyTurned:
        began = time.perf_counter()
        replay = desk.whole_replay(asked)
        searches = [
            turned_by_bar(bar_counterfactuals(replay, BarSettings(wanted=1))),
            turned_by_features(feature_counterfactuals(replay, FeatureSettings(wanted=1))),
        ]
        return WhyTurned(probability=replay.probability, searches=searches, seconds=time.perf_counter() - began)

    found: WhyTurned = desk.searched.get(asked.row, search)
    return found


@router.get("/record", response_class=Response, responses={200: {"content": {"application/json": {}}}})
def why_record(place: Place, project: ProjectName, symbol: SymbolName, date: Day = None) -> Response:
    """The whole explanation with every fact and its source, as ``tradewind explain`` writes it."""
    desk, asked = desk_and_bar(place, project, symbol, date)
    text = json.dumps(desk.explanation(asked).to_dict(), indent=1, allow_nan=False) + "\n"
    return _download(text, "application/json", f"explanation-{asked.symbol}-{asked.day}.json")


@router.get("/page", response_class=Response, responses={200: {"content": {"text/html": {}}}})
def why_page(place: Place, project: ProjectName, symbol: SymbolName, date: Day = None) -> Response:
    """The explanation as one HTML page that needs no other file, as ``tradewind explain`` writes it."""
    from tradewind.explain.page import render_explanation

    desk, asked = desk_and_bar(place, project, symbol, date)
    name = f"explanation-{asked.symbol}-{asked.day}.html"
    return _download(render_explanation(desk.explanation(asked)), "text/html; charset=utf-8", name)


def _download(text: str, kind: str, name: str) -> Response:
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "_" for c in name)
    return Response(text, media_type=kind, headers={"content-disposition": f'attachment; filename="{safe}"'})
