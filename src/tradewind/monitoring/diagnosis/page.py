"""A diagnosis as one page that somebody woken at night can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.core import page

if TYPE_CHECKING:
    from tradewind.monitoring.diagnosis.diagnosis import Diagnosis

MOST_FINDINGS = 40
MOST_SHIFTS = 10
MARKS = {"fine": "\N{CHECK MARK}", "at fault": "\N{BALLOT X}", "not known": "?"}


def render(diagnosis: Diagnosis) -> str:
    """Return the page: the headline, what speaks for it, the play-book, the rest; text from the data is escaped."""
    from tradewind.monitoring.diagnosis.diagnosis import sure
    from tradewind.monitoring.diagnosis.plots import belief_plot, timeline_plot, trace_plot

    return page.render(
        "tradewind.monitoring.diagnosis",
        "diagnosis.html.j2",
        diagnosis=diagnosis,
        trace=trace_plot(diagnosis),
        belief=belief_plot(diagnosis),
        timeline=timeline_plot(diagnosis),
        findings=diagnosis.findings[:MOST_FINDINGS],
        shifts=[one for one in diagnosis.shifts if one.contribution > 0.0][:MOST_SHIFTS],
        marks=MARKS,
        sure=sure,
    )
