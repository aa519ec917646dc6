"""Bars that are twice there, on closed days, at odd hours, or not there."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import BoolArray, TimeArray
from tradewind.quality.bars import Bars
from tradewind.quality.checks.check import Check, Found
from tradewind.quality.settings import QualitySettings

DAY = np.timedelta64(1, "D")


def _duplicate(bars: Bars, _settings: QualitySettings) -> Found:
    same = np.zeros(len(bars), dtype=bool)
    same[1:] = bars.time[1:] == bars.time[:-1]
    rows = np.flatnonzero(same & bars.has_previous)
    return Found(rows=rows, evidence={"close": bars.close[rows], "close_before": bars.close[rows - 1]})


def _open_day(date: TimeArray, sessions: TimeArray | None) -> BoolArray:
    """(n,) True where ``date`` is a session, or a weekday where no calendar is given or it does not reach."""
    weekday: BoolArray = np.is_busday(date)
    if sessions is None or not len(sessions):
        return weekday
    at = np.minimum(np.searchsorted(sessions, date), len(sessions) - 1)
    known = (date >= sessions[0]) & (date <= sessions[-1])
    return np.where(known, sessions[at] == date, weekday)


def _closed_day(bars: Bars, settings: QualitySettings) -> Found:
    if not settings.daily:
        return Found(rows=np.empty(0, dtype=np.int64))
    rows = np.flatnonzero(~_open_day(bars.date, bars.sessions))
    return Found(rows=rows, field="time", evidence={"date": bars.date[rows]})


def _hour(bars: Bars, settings: QualitySettings) -> Found:
    if not settings.daily:
        return Found(rows=np.empty(0, dtype=np.int64))
    offset = bars.time - bars.date
    rows = np.flatnonzero(offset != np.timedelta64(0, "us"))
    hours = offset[rows] / np.timedelta64(1, "h")
    return Found(rows=rows, field="time", evidence={"hours": hours})


def _missing(bars: Bars, settings: QualitySettings) -> Found:
    """One finding per gap, known when the next bar comes; the time is that of the first session without a bar."""
    sessions = bars.sessions
    if not settings.daily or sessions is None or len(bars) < 2 or not len(sessions):
        return Found(rows=np.empty(0, dtype=np.int64))
    before = np.concatenate([bars.date[:1], bars.date[:-1]])
    start = np.searchsorted(sessions, before, side="right")
    count = np.searchsorted(sessions, bars.date) - start
    rows = np.flatnonzero((count > 0) & bars.has_previous)
    return Found(
        rows=rows,
        field="time",
        evidence={"sessions": count[rows], "until": sessions[start[rows] + count[rows] - 1]},
        when=sessions[np.minimum(start[rows], len(sessions) - 1)].astype("datetime64[us]"),
    )


CHECKS = (
    Check(
        kind="duplicate_bar",
        severity=Severity.ERROR,
        message="a second bar of the same time: close {close}, the one before {close_before}",
        find=_duplicate,
    ),
    Check(
        kind="closed_day",
        severity=Severity.ERROR,
        message="a bar is dated {date}, when the exchange is closed: a slip of time zone?",
        find=_closed_day,
    ),
    Check(
        kind="time_zone_slip",
        severity=Severity.ERROR,
        message="a daily bar lies {hours} hours after midnight: a slip of time zone?",
        find=_hour,
    ),
    Check(
        kind="missing_bar",
        severity=Severity.WARNING,
        message="{sessions} sessions without a bar, the last on {until}",
        find=_missing,
    ),
)
