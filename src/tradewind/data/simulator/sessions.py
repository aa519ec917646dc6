"""The days on which the simulated market trades, and when each closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import TimeArray
from tradewind.data.calendar import session_closes
from tradewind.data.calendar import sessions as exchange_sessions


@dataclass(frozen=True, kw_only=True, eq=False)
class Sessions:
    """Sessions in order: ``day`` and ``close`` are (T,) ``datetime64[us]``, the close in UTC."""

    day: TimeArray
    close: TimeArray


def draw_sessions(calendar: str | None, start: date, count: int) -> Sessions:
    """Return the first ``count`` sessions from ``start`` on; every weekday where ``calendar`` is None.

    Raises
    ------
    UsageError : the calendar is unknown or does not reach that far.
    """
    if calendar is None:
        first = np.busday_offset(np.datetime64(start, "D"), 0, roll="forward")
        day = np.busday_offset(first, np.arange(count)).astype("datetime64[us]")
    else:
        day = exchange_sessions(start, start + timedelta(days=int(count * 1.6) + 60), calendar)[:count]
        if len(day) < count:
            raise UsageError(
                f"calendar {calendar!r} has only {len(day)} sessions from {start} on",
                field="n_days",
                fix="ask for fewer days or an earlier start",
            )
    return Sessions(day=day, close=session_closes(day, calendar))
