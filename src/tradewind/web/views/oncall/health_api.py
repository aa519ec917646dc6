"""Operations that say how the service does, and what the run-book says about it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from tradewind.web.guard import Place
from tradewind.web.problems import absent
from tradewind.web.views.oncall.health import Health
from tradewind.web.views.oncall.health_shapes import OncallHealth
from tradewind.web.views.oncall.held import held
from tradewind.web.views.oncall.runbook import RunbookSection, anchor_of, sections

router = APIRouter()


@router.get("/health")
def oncall_health(request: Request, place: Place) -> OncallHealth:
    """How the service does now, the worst first; a server that is down is a state, not a failure."""
    return held(request, Health, lambda: Health(place)).now()


@router.get("/runbook")
def runbook_sections() -> list[RunbookSection]:
    """The run-book, section by section."""
    return list(sections().values())


@router.get("/runbook/{section}")
def runbook_section(section: str) -> RunbookSection:
    """One section, by its anchor or by the kind of an alert."""
    found = sections()
    for name in (section, anchor_of(section)):
        if name in found:
            return found[name]
    raise absent(f"section {section!r} of the run-book", "It has no such anchor.", "see /api/oncall/runbook")
