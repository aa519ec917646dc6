"""When a report is due: dates by rule, moments in UTC."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from tradewind.governance.schedule.settings import WEEKDAYS, ScheduledReport


def dates(report: ScheduledReport, first: date) -> Iterator[date]:
    """Yield the days on which ``report`` is due, from ``first`` on, in order and without end."""
    if report.every in {"daily", "weekly"}:
        step = 1 if report.every == "daily" else 7
        day = first
        if report.every == "weekly":
            day += timedelta(days=(WEEKDAYS.index(report.on) - first.weekday()) % 7)
        while True:
            yield day
            day += timedelta(days=step)
    months = 1 if report.every == "monthly" else 3
    year, month = first.year, first.month - (first.month - 1) % months
    while True:
        day = date(year, month, min(report.day, monthrange(year, month)[1]))
        if day >= first:
            yield day
        year, month = (year, month + months) if month + months <= 12 else (year + 1, month + months - 12)


def moments(report: ScheduledReport, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield the moments (UTC) strictly after ``after`` at which ``report`` is due, in order and without end.

    A time of day that the zone skips in spring is due as much later as the clock jumped; one that it has twice in
    autumn is due at its first.
    """
    begin = after.astimezone(zone).date() - timedelta(days=1)
    for day in dates(report, max(begin, report.start or begin)):
        moment = datetime.combine(day, report.at, tzinfo=zone).astimezone(UTC)
        if moment > after:  # two days share a moment where a zone skips a whole day (Samoa, 2011)
            after = moment
            yield moment


def due(report: ScheduledReport, zone: ZoneInfo, after: datetime, now: datetime) -> list[datetime]:
    """Return the moments (UTC) after ``after`` and not after ``now`` at which ``report`` was due, in order."""
    return list(takewhile(lambda moment: moment <= now, moments(report, zone, after)))


def next_due(report: ScheduledReport, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first moment (UTC) after ``after`` at which ``report`` is due."""
    return next(moments(report, zone, after))
