"""Every check, one family a file, found through two tuples."""

from tradewind.quality.checks import adjustment, dates, fields, jumps, marks, ranges, stale, volume
from tradewind.quality.checks.across import PANEL_CHECKS, PanelCheck
from tradewind.quality.checks.check import Check, Found, to_events

BAR_CHECKS: tuple[Check, ...] = (
    *fields.CHECKS,
    *ranges.CHECKS,
    *dates.CHECKS,
    *stale.CHECKS,
    *volume.CHECKS,
    *jumps.CHECKS,
    *adjustment.CHECKS,
    *marks.CHECKS,
)

__all__ = [
    "BAR_CHECKS",
    "PANEL_CHECKS",
    "Check",
    "Found",
    "PanelCheck",
    "to_events",
]
