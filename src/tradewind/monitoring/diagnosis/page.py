"""A diagnosis as one page that somebody woken at night can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.core import page

if TYPE_CHECKING:
    from tradewind.monitoring.diagnosis.diagnosis import Diagnosis


def render(diagnosis: Diagnosis) -> str:
    """Return the page; text from the data is escaped."""
    return page.render("tradewind.monitoring.diagnosis", "diagnosis.html.j2", diagnosis=diagnosis)
