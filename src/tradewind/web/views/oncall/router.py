"""Operations of the on-call view, under ``/api/oncall``."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.views.oncall.alerts_api import router as alerts
from tradewind.web.views.oncall.at_work import router as progress
from tradewind.web.views.oncall.diagnosis_api import router as diagnosis
from tradewind.web.views.oncall.drift_api import router as drift
from tradewind.web.views.oncall.health_api import router as health
from tradewind.web.views.oncall.jobs_api import router as jobs
from tradewind.web.views.oncall.rollout_api import router as rollout

router = APIRouter()
for part in (health, drift, alerts, rollout, diagnosis, jobs, progress):
    router.include_router(part)
