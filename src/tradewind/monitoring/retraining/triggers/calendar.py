"""Retrain as the calendar says, whatever was noticed."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings
from tradewind.monitoring.retraining.triggers.state import TriggerFired, TriggerState


class CalendarSettings(Settings):
    """``months`` : whole months from one retraining to the next. ``day`` : day of the month from which it is due."""

    months: int = Field(default=1, ge=1)
    day: int = Field(default=1, ge=1, le=28)


class CalendarTrigger:
    """Fires from ``day`` of a month on in which no retraining has begun, ``months`` after the month of the last."""

    name = "calendar"

    def __init__(self, settings: CalendarSettings | None = None) -> None:
        self.settings = settings or CalendarSettings()

    def consider(self, state: TriggerState) -> TriggerFired | None:
        """See :class:`~tradewind.monitoring.retraining.triggers.state.Trigger`."""
        s, last = self.settings, state.last_started
        if state.now.day < s.day:
            return None
        if last is not None and _month(state.now.year, state.now.month) - _month(last.year, last.month) < s.months:
            return None
        before = "none has been made" if last is None else f"the last began on {last:%Y-%m-%d}"
        return TriggerFired(
            trigger=self.name,
            at=state.now,
            reason=f"a retraining is due every {s.months} month(s) from day {s.day} on, and {before}",
            evidence={"last": None if last is None else last.isoformat()},
        )


def _month(year: int, month: int) -> int:
    return 12 * year + month
