"""Operations of the analyst view, under ``/api/analyst``."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.views.analyst.market_api import router as market
from tradewind.web.views.analyst.why_api import router as why

router = APIRouter()
router.include_router(market)
router.include_router(why)
