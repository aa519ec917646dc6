"""A market fear index (such as VIX) beside the bars, as it was known at each bar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.core.clock import Clock, SystemClock
from tradewind.data.calendar import DEFAULT_CALENDAR, session_closes
from tradewind.data.cells import read_number, read_time
from tradewind.data.faults import FaultLog
from tradewind.data.schema import FEAR, check_columns
from tradewind.data.tables import load_table

STALE_AFTER = np.timedelta64(10, "D")
"""A reading older than this says nothing of today: the value is NaN."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FearIndex:
    """Closing values of the index.

    Attributes
    ----------
    known_at : (k,) ``datetime64[us]`` UTC, rising; the close of the session of each value.
    value : (k,) float64.
    """

    known_at: TimeArray
    value: FloatArray

    def at(self, moments: TimeArray) -> FloatArray:
        """Return (n,) the last value known at each moment; NaN before the first and ten days after the last."""
        place = np.searchsorted(self.known_at, moments, side="right") - 1
        safe = np.maximum(place, 0)
        fresh = (place >= 0) & (moments - self.known_at[safe] <= STALE_AFTER)
        values: FloatArray = np.where(fresh, self.value[safe], np.nan)
        return values


def read_fear(path: str | Path, *, calendar: str | None = DEFAULT_CALENDAR, clock: Clock | None = None) -> FearIndex:
    """Read ``date, close`` from CSV or Parquet; other columns are ignored.

    Raises
    ------
    InputError : the file cannot be read, lacks a column, or a row has no date, a date that is there twice or in the
        future, or a close that is not a number above zero; the message names the row.
    """
    table = load_table(path)
    check_columns(table, FEAR)
    log = FaultLog(table)
    date, close = FEAR.columns
    days = read_time(table, date, log, (clock or SystemClock()).now())
    values = read_number(table, close, log)
    order = np.argsort(days, kind="stable")
    again = np.zeros(len(days), dtype=bool)
    again[order[1:]] = days[order[1:]] == days[order[:-1]]
    log.add(again, "date", "is here twice", "keep one row per date")
    log.settle(None)
    return FearIndex(known_at=session_closes(days[order], calendar), value=values[order])
