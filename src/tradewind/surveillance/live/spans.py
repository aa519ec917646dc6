"""When a market is open: from the times of a file in one pass, from an exchange's calendar, or from daily hours."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.sessions import HOUR, Sessions

AUTO = "auto"
_MINUTE = HOUR // 60
_EARLIEST, _LATEST = -2_208_988_800_000_000_000, 7_258_118_400_000_000_000
_FIX = "write 09:30-16:00@America/New_York"
_HOURS = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)(?:@(.+))?")


class SessionCutter:
    """Collects times in any order, in memory bounded by the minutes they span; equals :meth:`Sessions.of_times`."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}

    def add(self, time: IntArray) -> None:
        """Take times in; those before 1900 or after 2200 are no times."""
        time = time[(time >= _EARLIEST) & (time <= _LATEST)]
        if not len(time):
            return
        minute = time // _MINUTE
        order = np.argsort(minute, kind="stable")
        keys, starts = np.unique(minute[order], return_index=True)
        lows, highs = np.minimum.reduceat(time[order], starts), np.maximum.reduceat(time[order], starts)
        for key, low, high in zip(keys.tolist(), lows.tolist(), highs.tolist(), strict=True):
            self._first[key] = min(low, self._first.get(key, low))
            self._last[key] = max(high, self._last.get(key, high))

    def sessions(self) -> Sessions:
        """Return the sessions of all times so far."""
        ends = [end for key in sorted(self._first) for end in (self._first[key], self._last[key])]
        return Sessions.of_times(np.array(ends, dtype=np.int64))


def named_sessions(name: str, first: date, last: date) -> Sessions:
    """Return the sessions of ``first`` to ``last``.

    Parameters
    ----------
    name : an exchange's calendar, such as ``XNYS``; or daily hours, such as ``09:30-16:00@America/New_York`` (UTC
        where no zone is named), on every day of the week.

    Raises
    ------
    UsageError : there is no such calendar or zone, or the hours end before they begin.
    """
    hours = _HOURS.fullmatch(name)
    return _daily(hours, first, last) if hours is not None else _exchange(name, first, last)


def _daily(hours: re.Match[str], first: date, last: date) -> Sessions:
    a, b, c, d, zone = hours.groups()
    try:
        begin, end, where = time(int(a), int(b)), time(int(c), int(d)), ZoneInfo(zone) if zone else UTC
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise UsageError(f"{hours.group()!r} are no hours ({error})", fix=_FIX) from error
    if begin >= end:
        raise UsageError(f"{hours.group()!r} end before they begin", fix=_FIX)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    opens = [int(datetime.combine(day, begin, where).timestamp()) for day in days]
    closes = [int(datetime.combine(day, end, where).timestamp()) for day in days]
    return Sessions(np.array(opens, np.int64) * 1_000_000_000, np.array(closes, np.int64) * 1_000_000_000)


def _exchange(name: str, first: date, last: date) -> Sessions:
    from tradewind.data.calendar import session_hours

    opens, closes = session_hours(first, last, name)
    return Sessions(opens.astype("datetime64[ns]").astype(np.int64), closes.astype("datetime64[ns]").astype(np.int64))
