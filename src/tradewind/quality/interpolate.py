"""Short gaps of an indicator: linear interpolation for study of the past, forward fill for everything causal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import LeakageError, Panel
from tradewind.core.arrays import BoolArray, FloatArray, TimeArray, as_time
from tradewind.quality.closures import forward_fill

LONGEST_GAP = 2
"""Sessions: a gap shorter than three days."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Interpolated:
    """An indicator with short gaps filled by looking at both sides of them.

    Attributes
    ----------
    time : (n,) times of the rows.
    values : (n,) NaN where a gap is too long or has only one side.
    filled : (n,) True where a value was interpolated.
    known_at : (n,) when each value could be known: for an interpolated one, when its gap had closed.
    """

    time: TimeArray
    values: FloatArray
    filled: BoolArray
    known_at: TimeArray

    def as_of(self, moment: np.datetime64 | str) -> FloatArray:
        """Return the (k,) values of the rows up to ``moment``, if all of them could be known by then.

        Raises
        ------
        LeakageError : ``moment`` lies inside a gap: an interpolated value of a row up to then used a later bar.
        """
        limit = as_time(moment)
        rows = self.time <= limit
        late = np.flatnonzero(rows & self.filled & (self.known_at > limit))
        if len(late):
            raise LeakageError(
                f"the value of {self.time[late[0]]} was interpolated from a bar known at {self.known_at[late[0]]}, "
                f"after {limit}; use causal_fill for values as of a moment"
            )
        return self.values[rows & (self.known_at <= limit)]


def interpolate_gaps(panel: Panel, values: FloatArray, *, longest: int = LONGEST_GAP) -> Interpolated:
    """Interpolate gaps of up to ``longest`` bars linearly over bars, within each symbol.

    Parameters
    ----------
    panel : gives symbols, times and ``known_at`` of the rows.
    values : (n,) an indicator with NaN where missing.
    longest : most bars in a gap; two are a gap shorter than three days.

    Notes
    -----
    The value uses the bar after the gap, so it is no point-in-time value of its own row: see ``known_at``.
    """
    first = panel.offsets[:-1][panel.symbol_code]
    stop = panel.offsets[1:][panel.symbol_code]
    row = np.arange(len(values))
    have = ~np.isnan(values)
    left = np.maximum.accumulate(np.where(have, row, -1)) if len(row) else row
    right = np.minimum.accumulate(np.where(have, row, len(row))[::-1])[::-1] if len(row) else row
    filled: BoolArray = ~have & (left >= first) & (right < stop) & (right - left - 1 <= longest)
    a, b = np.maximum(left, 0), np.minimum(right, max(len(row) - 1, 0))
    part = (row - a) / np.maximum(b - a, 1)
    line = values[a] + part * (values[b] - values[a])
    return Interpolated(
        time=panel.time,
        values=np.where(filled, line, values),
        filled=filled,
        known_at=np.where(filled, panel.known_at[b], panel.known_at),
    )


def causal_fill(panel: Panel, values: FloatArray, *, longest: int = LONGEST_GAP) -> FloatArray:
    """Carry values of (n,) ``values`` over gaps, at most ``longest`` bars far; nothing looks ahead.

    A longer gap stays open from its bar ``longest + 1`` on: at a bar nobody knows yet how long its gap will be.
    """
    return forward_fill(values, panel.offsets[:-1][panel.symbol_code], longest)
