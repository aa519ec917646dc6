"""Calendar: what the date alone tells. Weekdays stand for sessions, so that no future session has to be known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features.kernels import lag
from tradewind.features.registry import REGISTRY, FeatureContext, Group

_FRENCH = "French 1980, Stock Returns and the Weekend Effect"


def _day(context: FeatureContext) -> IntArray:
    """(n,) days since 1970-01-01."""
    result: IntArray = context.once("calendar.day", lambda: context.panel.time.astype("datetime64[D]").astype(np.int64))
    return result


def _each_day(context: FeatureContext, value: Callable[[AnyArray], AnyArray]) -> FloatArray:
    """(n,) ``value`` of each row's date, worked out once per date between the first and the last."""
    day = _day(context)
    if not len(day):
        return np.empty(0)
    first = int(day.min())
    span = np.arange(first, int(day.max()) + 1).astype("datetime64[D]")
    out: FloatArray = value(span).astype(np.float64)[day - first]
    return out


@REGISTRY.own_bars("day_of_week_1", group=Group.CALENDAR, window=1, source=_FRENCH)
def day_of_week(context: FeatureContext) -> FloatArray:
    """Day of the week, 0 on Monday to 6 on Sunday."""
    out: FloatArray = ((_day(context) + 3) % 7).astype(np.float64)  # 1970-01-01 was a Thursday
    return out


def month_turns(days: AnyArray) -> AnyArray:
    """(n,) bool, whether each ``datetime64[D]`` is the last weekday of a month or one of the first three."""
    month = days.astype("datetime64[M]")
    passed = np.busday_count(month.astype("datetime64[D]"), days)
    left = np.busday_count(days, (month + 1).astype("datetime64[D]"))
    return (passed < 3) | (left <= 1)


@REGISTRY.own_bars(
    "month_turn_1",
    group=Group.CALENDAR,
    window=1,
    source="Lakonishok and Smidt 1988, Are Seasonal Anomalies Real? The last weekday of a month and the first three",
)
def month_turn(context: FeatureContext) -> FloatArray:
    """1 on the last weekday of a month and the first three of the next, else 0."""
    return _each_day(context, month_turns)


@REGISTRY.own_bars("days_since_bar_1", group=Group.CALENDAR, window=2, source=_FRENCH)
def days_since_bar(context: FeatureContext) -> FloatArray:
    """Calendar days since the symbol's bar before: 3 after a weekend, more after a holiday or a halt."""
    day = _day(context).astype(np.float64)
    return day - lag(day, context.panel.offsets, 1)


@REGISTRY.own_bars(
    "month_of_year_1",
    group=Group.CALENDAR,
    window=1,
    source="Rozeff and Kinney 1976, Capital Market Seasonality; Heston and Sadka 2008",
)
def month_of_year(context: FeatureContext) -> FloatArray:
    """Month of the year, 1 to 12."""
    return _each_day(context, lambda days: days.astype("datetime64[M]").astype(np.int64) % 12 + 1)
