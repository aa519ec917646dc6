"""Operations over bars and forecasts: candles, features, regimes, the backtest explorer."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.guard import Place
from tradewind.web.projects import open_project
from tradewind.web.views.analyst.backtest_api import router as backtest
from tradewind.web.views.analyst.features_api import router as features
from tradewind.web.views.analyst.market import bars_of, overview_of
from tradewind.web.views.analyst.market_shapes import MarketOverview, SymbolBars
from tradewind.web.views.analyst.regimes_api import router as regimes

router = APIRouter()
router.include_router(features)
router.include_router(regimes)
router.include_router(backtest)


@router.get("/market/{project}")
def market_overview(place: Place, project: str) -> MarketOverview:
    """The symbols of a project, and what its forecasts were worth."""
    return overview_of(open_project(place, project))


@router.get("/market/{project}/bars/{symbol:path}")
def market_bars(place: Place, project: str, symbol: str) -> SymbolBars:
    """The bars of a symbol, with what was forecast at them and what came."""
    return bars_of(open_project(place, project), symbol)
