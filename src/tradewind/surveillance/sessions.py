"""Trading sessions: when a market was open, from a calendar or from the gaps in its events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray

HOUR = 3_600_000_000_000
"""Nanoseconds of an hour."""


@dataclass(frozen=True)
class Sessions:
    """Opening and closing times, sorted; nanoseconds since 1970-01-01 UTC, ``opens[i] < closes[i] <= opens[i + 1]``."""

    opens: IntArray
    closes: IntArray

    def index(self, time: IntArray) -> IntArray:
        """Return for each time its session, or the last one begun before it; -1 before the first."""
        return np.searchsorted(self.opens, time, side="right").astype(np.int64) - 1

    def to_close(self, time: IntArray) -> IntArray:
        """Return the nanoseconds from each time to its session's close; negative after it."""
        where = self.index(time)
        known = where >= 0
        closes = np.full(len(time), 0, dtype=np.int64)
        if len(self.closes):
            closes = self.closes[np.maximum(where, 0)]
        return np.where(known & (len(self.closes) > 0), closes - time, 24 * HOUR)

    @classmethod
    def of_times(cls, time: IntArray, gap: int = 2 * HOUR) -> Sessions:
        """Cut sessions where nothing happened for ``gap`` nanoseconds; the close is the last event, to the next second.

        For a file that was recorded whole: the schedule of a past day is not a secret. A live market takes its
        sessions from a calendar.
        """
        if not len(time):
            return cls(np.empty(0, np.int64), np.empty(0, np.int64))
        ordered = np.sort(np.asarray(time, dtype=np.int64))
        breaks = np.flatnonzero(np.diff(ordered) > gap)
        opens = ordered[np.concatenate([[0], breaks + 1])]
        closes = ordered[np.concatenate([breaks, [len(ordered) - 1]])]
        second = 1_000_000_000
        return cls(opens, np.maximum(-(-closes // second) * second, opens + 1))
