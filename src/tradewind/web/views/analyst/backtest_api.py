"""Operations of the backtest explorer."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from tradewind.web.guard import Place
from tradewind.web.projects import open_project
from tradewind.web.views.analyst.backtest_explorer import explore
from tradewind.web.views.analyst.backtest_shapes import BacktestControls, BacktestView
from tradewind.web.views.analyst.backtest_tries import BacktestTries
from tradewind.web.views.analyst.market_track import tables_of

router = APIRouter()


@lru_cache(maxsize=4)
def _tries(path: Path) -> BacktestTries:
    return BacktestTries(path)


@router.get("/backtest/{project}")
def backtest_view(place: Place, project: str, controls: Annotated[BacktestControls, Query()]) -> BacktestView:
    """Trade a project's forecasts out of sample as ``controls`` say; looking counts as a try, once for each variant."""
    found = open_project(place, project)
    tables_of(found)  # what cannot be traded is no try
    return explore(found, controls, _tries(place.store).add(found.name, controls.key))
