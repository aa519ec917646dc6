"""What the on-call view works out before it is asked for: its longest answers, about the newest sessions."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import State

from tradewind.web.views.oncall.diagnosis_api import REFERENCE, diagnoses_of
from tradewind.web.views.oncall.drift_api import SESSIONS, drifting_of
from tradewind.web.views.oncall.places import journal_of
from tradewind.web.workspace import Workspace


def steps_of(state: State, place: Workspace) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Return what the pages ask for first, by name."""
    return (
        ("drift", lambda: drifting_of(state, place).map("excess", "week", SESSIONS)),
        ("diagnosis", lambda: diagnoses_of(state, place).of(journal_of(place), None, None, REFERENCE)),
    )
