"""Exchange sessions: which days an exchange is open and when a daily bar becomes known.

Hours and holidays come from ``exchange_calendars``, which is slow to import and is therefore imported on first use.
"""

from __future__ import annotations

import warnings
from difflib import get_close_matches
from functools import lru_cache

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import TimeArray, as_time

DEFAULT_CALENDAR = "XNYS"
FALLBACK_CLOSE = np.timedelta64(21, "h")
"""UTC hour at which a bar of a day that is no session counts as known: New York's close in winter."""

_US = "datetime64[us]"
_EARLIEST_YEAR, _USUAL_YEAR = 1900, 1990


def session_closes(dates: TimeArray, calendar: str | None = DEFAULT_CALENDAR) -> TimeArray:
    """Return when the bars of ``dates`` could be known.

    Parameters
    ----------
    dates : (n,) datetime64; the hour is ignored.
    calendar : ISO market identifier such as ``XNYS`` or ``XLON``; None for no calendar.

    Returns
    -------
    (n,) ``datetime64[us]`` UTC: the close of the session (early on half days), and 21:00 UTC of a date that is
    not a session, or of every date when ``calendar`` is None; NaT stays NaT.

    Raises
    ------
    UsageError : ``calendar`` is not known.
    """
    days = np.asarray(dates).astype("datetime64[D]")
    fallback = np.asarray(days.astype(_US) + FALLBACK_CLOSE, dtype=_US)
    known = days[~np.isnat(days)]
    if calendar is None or not len(known):
        if calendar is not None:
            _check_name(calendar)
        return fallback
    opens, closes = _sessions(calendar, *_span(known.min(), known.max()))
    at = np.minimum(np.searchsorted(opens, days), len(opens) - 1)
    result: TimeArray = np.where(opens[at] == days, closes[at], fallback)
    return result


def sessions(start: object, end: object, calendar: str = DEFAULT_CALENDAR) -> TimeArray:
    """Return the (k,) session dates from ``start`` to ``end``, both included, as ``datetime64[us]`` midnights.

    Raises
    ------
    UsageError : ``calendar`` is not known.
    """
    first, last = as_time(start).astype("datetime64[D]"), as_time(end).astype("datetime64[D]")
    days, _ = _sessions(calendar, *_span(first, max(first, last)))
    result: TimeArray = days[(days >= first) & (days <= last)].astype(_US)
    return result


def _span(first: np.datetime64, last: np.datetime64) -> tuple[int, int]:
    """Whole decades, so that files of nearly the same years share one cached table."""
    low = int(first.astype("datetime64[Y]").astype(int)) + 1970
    high = int(last.astype("datetime64[Y]").astype(int)) + 1970
    start = _USUAL_YEAR if low >= _USUAL_YEAR else max(_EARLIEST_YEAR, low // 10 * 10)
    return start, max(start, high // 10 * 10 + 10)


@lru_cache(maxsize=16)
def _sessions(calendar: str, start_year: int, end_year: int) -> tuple[TimeArray, TimeArray]:
    """Session days and their closes in UTC, clipped to what the calendar knows."""
    import exchange_calendars

    _check_name(calendar)
    start, end = f"{start_year}-01-01", f"{end_year}-12-31"
    with warnings.catch_warnings():
        # exchange_calendars 4.13 uses what pandas 3.1 deprecates; nothing a user of ours could act on
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        try:
            closes = exchange_calendars.get_calendar(calendar, start=start, end=end).closes
        except ValueError:  # some calendars know only some decades
            kind = type(exchange_calendars.get_calendar(calendar))
            low, high = kind.bound_min(), kind.bound_max()
            start = start if low is None else max(start, str(low.date()))
            end = end if high is None else min(end, str(high.date()))
            closes = exchange_calendars.get_calendar(calendar, start=start, end=end).closes
    days = closes.index.to_numpy().astype("datetime64[D]")
    return days, closes.dt.tz_convert(None).to_numpy().astype(_US)


@lru_cache(maxsize=64)
def _check_name(calendar: str) -> None:
    import exchange_calendars

    known = exchange_calendars.get_calendar_names()
    if calendar not in known:
        near = get_close_matches(calendar.upper(), known, n=3)
        hint = f"use one of {', '.join(near)}" if near else "use a market identifier such as XNYS"
        raise UsageError(f"there is no exchange calendar {calendar!r}", fix=hint)


def session_hours(start: object, end: object, calendar: str = DEFAULT_CALENDAR) -> tuple[TimeArray, TimeArray]:
    """Return when each session from ``start`` to ``end`` (dates, both included) opens and closes.

    Returns
    -------
    Two (k,) ``datetime64[us]`` arrays, UTC.

    Raises
    ------
    UsageError : ``calendar`` is not known.
    """
    import exchange_calendars

    days, closes = _sessions(calendar, *_span(*(as_time(one).astype("datetime64[D]") for one in (start, end))))
    first, last = as_time(start).astype("datetime64[D]"), as_time(end).astype("datetime64[D]")
    wanted = (days >= first) & (days <= last)
    if not wanted.any():
        return np.empty(0, dtype=_US), np.empty(0, dtype=_US)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # as in _sessions
        exchange = exchange_calendars.get_calendar(calendar, start=str(days[wanted][0]), end=str(days[wanted][-1]))
        opens = exchange.opens.dt.tz_convert(None).to_numpy().astype(_US)
    return opens, closes[wanted]
