"""Operations of what-if: the real model, run again on a changed day while a slider moves."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.guard import Place
from tradewind.web.views.analyst.whatif_run import curve, moved
from tradewind.web.views.analyst.whatif_shapes import (
    WhatIfAnswer,
    WhatIfCurve,
    WhatIfCurveAsked,
    WhatIfMove,
    WhatIfStart,
)
from tradewind.web.views.analyst.whatif_start import start_of
from tradewind.web.views.analyst.why_explain_api import Day, ProjectName, SymbolName, desk_and_bar

router = APIRouter(prefix="/what-if")


@router.get("/start")
def what_if_start(place: Place, project: ProjectName, symbol: SymbolName, date: Day = None) -> WhatIfStart:
    """A forecast as it is, and what can be moved."""
    desk, asked = desk_and_bar(place, project, symbol, date)
    return start_of(desk, asked, project)


@router.post("/move")
def what_if_move(place: Place, body: WhatIfMove) -> WhatIfAnswer:
    """Run the model on a changed day."""
    desk, asked = desk_and_bar(place, body.project, body.symbol, body.date)
    return moved(desk, asked, body.values, body.scenarios, due=body.due)


@router.post("/curve")
def what_if_curve(place: Place, body: WhatIfCurveAsked) -> WhatIfCurve:
    """Run the model along one feature, everything else as it was changed."""
    desk, asked = desk_and_bar(place, body.project, body.symbol, body.date)
    return curve(desk, asked, body.feature, body.values, body.scenarios)
