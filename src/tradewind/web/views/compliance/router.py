"""Operations of the compliance view, under ``/api/compliance``."""

from __future__ import annotations

from fastapi import APIRouter

from tradewind.web.views.compliance.approvals_api import router as approvals
from tradewind.web.views.compliance.audit_api import router as audit
from tradewind.web.views.compliance.fairness_api import router as fairness
from tradewind.web.views.compliance.incidents_api import router as incidents
from tradewind.web.views.compliance.models_api import router as models
from tradewind.web.views.compliance.reports_api import router as reports
from tradewind.web.views.compliance.tasks_api import router as tasks

router = APIRouter()
for part in (models, approvals, audit, fairness, reports, incidents, tasks):
    router.include_router(part)
