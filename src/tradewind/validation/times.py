"""Label times: which labels overlap, how far an embargo reaches, and how months are counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeAlias

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, BoolArray, IntArray, TimeArray, as_time

Embargo: TypeAlias = int | timedelta | np.timedelta64
When: TypeAlias = str | date | np.datetime64

_DAY = np.timedelta64(1, "D")
_WIDE_UNITS = {"Y", "M", "W", "D"}


def check_times(start: AnyArray, end: AnyArray) -> tuple[TimeArray, TimeArray]:
    """Return ``start`` and ``end`` (n,) as ``datetime64[us]``.

    Raises
    ------
    UsageError : lengths differ, a start is NaT, or a label ends before it starts.
    """
    first: TimeArray = np.asarray(start).astype("datetime64[us]")
    last: TimeArray = np.asarray(end).astype("datetime64[us]")
    if first.ndim != 1 or first.shape != last.shape:
        raise UsageError(
            f"label starts have shape {first.shape} and ends {last.shape}",
            field="end",
            fix="give one start and one end per row",
        )
    if np.isnat(first).any():
        row = int(np.flatnonzero(np.isnat(first))[0])
        raise UsageError("a label has no start", row=row + 1, field="start", fix="give every row a time")
    backwards = last < first
    if backwards.any():
        row = int(np.flatnonzero(backwards)[0])
        raise UsageError(
            f"a label ends at {last[row]}, before it starts at {first[row]}",
            row=row + 1,
            field="end",
            fix="give the time at which the label is known",
        )
    return first, last


def _check_embargo(embargo: Embargo) -> None:
    zero = 0 if isinstance(embargo, int) else np.timedelta64(0, "us")
    length = embargo if isinstance(embargo, int) else np.timedelta64(embargo)
    if not length >= zero:
        raise UsageError(f"the embargo is {embargo}", field="embargo", fix="give a span of zero or more")


def _shift_sessions(moments: TimeArray, start: TimeArray, count: int) -> TimeArray:
    """Move ``moments`` by ``count`` sessions of the panel's own calendar (the distinct days of ``start``)."""
    days = np.unique(start.astype("datetime64[D]"))
    day = moments.astype("datetime64[D]")
    at = np.searchsorted(days, day, side="right") - 1 + count
    inside = np.clip(at, 0, len(days) - 1)
    # Beyond the calendar there are no rows; calendar days keep the order right there.
    moved = days[inside] + (at - inside) * _DAY
    shifted: TimeArray = moved.astype("datetime64[us]") + (moments - day)
    return shifted


def later(moments: TimeArray, embargo: Embargo, start: TimeArray) -> TimeArray:
    """Return ``moments`` moved later by ``embargo``; an ``int`` counts sessions among the days of ``start``."""
    _check_embargo(embargo)
    if isinstance(embargo, int):
        return _shift_sessions(moments, start, embargo) if embargo else moments
    moved: TimeArray = moments + np.timedelta64(embargo)
    return moved


def earlier(moment: np.datetime64, embargo: Embargo, start: TimeArray) -> np.datetime64:
    """Return ``moment`` moved earlier by ``embargo``; an ``int`` counts sessions among the days of ``start``."""
    _check_embargo(embargo)
    if isinstance(embargo, int):
        moments = np.array([moment], dtype="datetime64[us]")
        return np.datetime64(_shift_sessions(moments, start, -embargo)[0]) if embargo else moment
    return as_time(moment - np.timedelta64(embargo))


def overlaps(
    start: TimeArray, end: TimeArray, test: IntArray, embargo: Embargo = 0, *, closed: bool = True
) -> BoolArray:
    """(n,) True where the label interval of a row meets that of any ``test`` row, or its embargo.

    Intervals are closed, ``[start, end]``, and a test interval reaches ``embargo`` further: a label that is settled at
    the very bar on which a test forecast is made counts as overlapping. A row without ``end`` (NaT) is the point
    ``start``. With ``closed=False`` intervals are open at their start, ``(start, end]``, so that touching is no
    overlap: that a label is settled at a bar is known when that bar's forecast is made.
    O(n log n): test intervals are sorted by start, with the running maximum of their ends.
    Source: Lopez de Prado, Advances in Financial Machine Learning, 2018, snippets 7.1 and 7.2.
    """
    known = np.where(np.isnat(end), start, end)
    if len(test) == 0:
        return np.zeros(len(start), dtype=bool)
    order = np.argsort(start[test], kind="stable")
    starts = start[test][order]
    reach = np.maximum.accumulate(later(known[test], embargo, start)[order].astype(np.int64)).astype("datetime64[us]")
    # How many test labels start by (or, open, before) the end of each label, and how far those reach.
    before = np.searchsorted(starts, known, side="right" if closed else "left")
    last = reach[np.maximum(before - 1, 0)]
    mask: BoolArray = (before > 0) & ((last >= start) if closed else (last > start))
    return mask


def add_months(day: np.datetime64, months: int) -> np.datetime64:
    """Return ``day`` moved by whole months; the 31st of a shorter month is its last day."""
    month = day.astype("datetime64[M]")
    into = (day.astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int)
    target = month + np.timedelta64(months, "M")
    length = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(int)
    moved = target.astype("datetime64[D]") + min(int(into), int(length) - 1)
    return as_time(moved)


def day_of(value: When, field: str) -> np.datetime64:
    """Return ``value`` as a moment; a day or month is its first moment; UsageError when it is no time."""
    return as_time(_parse(value, field))


def end_of(value: When, field: str) -> np.datetime64:
    """Return the moment after ``value``: a day or a month given without a time of day counts whole."""
    moment = _parse(value, field)
    if np.datetime_data(moment.dtype)[0] in _WIDE_UNITS:
        return as_time(moment + 1)
    return as_time(moment) + np.timedelta64(1, "us")


def _parse(value: When, field: str) -> np.datetime64:
    try:
        moment = np.datetime64(value)
    except ValueError as error:
        raise UsageError(f"{value!r} is not a date", field=field, fix="write it as 2015-10-01") from error
    if np.isnat(moment):
        raise UsageError(f"{value!r} is not a date", field=field, fix="write it as 2015-10-01")
    return moment


def time_blocks(start: TimeArray, count: int, field: str) -> IntArray:
    """(n,) number of the block, 0 to ``count - 1``, of each row: contiguous spans of equally many distinct times.

    All rows of one time share a block. As in scikit-learn's KFold, the first blocks hold the times left over.

    Raises
    ------
    UsageError : ``count`` is less than 2 or more than the number of distinct times.
    """
    times, code = np.unique(start, return_inverse=True)
    if not 2 <= count <= len(times):
        raise UsageError(
            f"{count} blocks cannot be cut from {len(times)} distinct times",
            field=field,
            fix=f"give a number from 2 to {max(len(times), 2)}",
        )
    sizes = np.full(count, len(times) // count)
    sizes[: len(times) % count] += 1
    block: IntArray = np.repeat(np.arange(count), sizes)[code].astype(np.int64)
    return block
