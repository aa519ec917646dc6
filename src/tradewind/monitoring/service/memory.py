"""Memory that grows without end."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Slope per slice (Theil 1950, Sen 1968), in bytes, growth over the window as a share, chance (Kendall's tau)."""

    slope: float
    growth: float
    p_value: float
    lasting: bool


class MemoryTrend:
    """The trend of resident memory over the last ``window`` slices."""

    def __init__(self, *, window: int) -> None:
        self._values: deque[float] = deque(maxlen=window)

    def add(self, value: float) -> None:
        """Take in a value; NaN is left out. A fall by a third is a restart: the trend begins anew."""
        if not math.isfinite(value):
            return
        if self._values and value < 2 / 3 * max(self._values):
            self._values.clear()
        self._values.append(value)

    @property
    def trend(self) -> Trend | None:
        """Return the trend of a full window; None before. It is ``lasting`` where both halves rise too."""
        from scipy import stats  # takes a second to import

        n = self._values.maxlen or 0
        if len(self._values) < n:
            return None
        values, steps = np.asarray(self._values), np.arange(float(n))
        slope = float(stats.theilslopes(values, steps).slope)
        half = n // 2
        halves = [stats.theilslopes(part, np.arange(float(len(part)))).slope for part in (values[:half], values[half:])]
        varies = float(np.ptp(values)) > 0
        chance = float(stats.kendalltau(steps, values).pvalue) if varies else 1.0
        return Trend(
            slope=slope,
            growth=slope * (n - 1) / float(np.median(values)),
            p_value=chance if slope > 0 else 1.0,
            lasting=min(halves) > 0,
        )
