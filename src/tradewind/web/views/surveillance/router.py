"""Operations of the surveillance view, under ``/api/surveillance``."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.views.surveillance import case_api, evidence_api, file_api, queue_api, replay_api

router = APIRouter()
for part in (queue_api, case_api, evidence_api, replay_api, file_api):
    router.include_router(part.router)
