"""How the served forecasts did by day, and when that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.core.plain import finite
from tradewind.monitoring.diagnosis.frame import Frame, day_mean

LEAST_DAYS = 20
PENALTY = 3.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """Accuracy by day.

    Attributes
    ----------
    times : (T,) of the slices, reference first; ``first`` of them are the reference.
    accuracy : (T,) share of right directions among the labels known by the end, NaN where none is.
    changes : when its level changed, by PELT; seen from the end of the period, so for looking back alone.
    usual, now : mean accuracy of the reference and of the period; NaN without labels.
    """

    times: TimeArray
    first: int
    accuracy: FloatArray
    changes: tuple[datetime, ...]
    usual: float
    now: float

    def to_dict(self) -> Mapping[str, Any]:
        """Return the means and the changes, JSON-ready."""
        changes = [one.isoformat() for one in self.changes]
        plain: Mapping[str, Any] = finite({"usual": self.usual, "now": self.now, "changes": changes})
        return plain


def performance_of(frame: Frame) -> Performance:
    """Return accuracy by day with the changes of its level (Killick, Fearnhead and Eckley 2012, through ruptures)."""
    accuracy = 1.0 - day_mean(frame.wrong)
    return Performance(
        times=frame.times,
        first=frame.first,
        accuracy=accuracy,
        changes=tuple(frame.moment(row) for row in level_changes(accuracy)),
        usual=_mean(accuracy[frame.usual]),
        now=_mean(accuracy[frame.period]),
    )


def level_changes(values: FloatArray) -> tuple[int, ...]:
    """Return the rows at which the level of (T,) ``values`` changes; NaN rows are passed over.

    PELT on values in units of their day-to-day deviation, with a penalty of three times the log of their number for
    each change (twice is Schwarz's criterion for a level and a date).
    """
    import ruptures

    rows = np.flatnonzero(np.isfinite(values))
    if len(rows) < LEAST_DAYS:
        return ()
    kept = values[rows]
    noise = float(np.median(np.abs(np.diff(kept)))) / (0.6745 * 2**0.5)
    if noise <= 0.0:
        return ()
    model = ruptures.Pelt(model="l2", min_size=5, jump=1).fit((kept / noise)[:, None])
    ends = model.predict(pen=PENALTY * float(np.log(len(kept))))
    return tuple(int(rows[end]) for end in ends[:-1])


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
