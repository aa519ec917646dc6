"""Operations that say why: explanations, what would change them, how they compare."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.views.analyst.compare_api import router as compare
from tradewind.web.views.analyst.whatif_api import router as what_if
from tradewind.web.views.analyst.why_explain_api import router as why

router = APIRouter()
router.include_router(why)
router.include_router(what_if)
router.include_router(compare)
