"""Outliers of returns by two rules, against the trailing window of the same symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tradewind.core import Panel
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.quality.bars import Bars
from tradewind.quality.settings import QualitySettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Outliers:
    """(n,) marks each: beyond the quartiles by ``outlier_iqr`` times their distance, beyond 3 standard deviations."""

    iqr: BoolArray
    deviation: BoolArray

    @property
    def either(self) -> BoolArray:
        """(n,) True where one of the two rules marks the row."""
        return self.iqr | self.deviation


def mark_outliers(panel: Panel, settings: QualitySettings | None = None, *, keep: BoolArray | None = None) -> Outliers:
    """Mark outliers of adjusted log returns; rows where ``keep`` (n,) holds (events) are never marked.

    A row is judged by the ``outlier_window`` returns of its symbol before it, so a mark is known with its bar. NaN
    returns are left out of windows and never marked; a window of fewer than half its returns marks nothing. Source:
    Tukey (1977), fences at 1.5 interquartile ranges; the three-sigma rule with the sample standard deviation.
    """
    return mark_bars(Bars.of_panel(panel), settings or QualitySettings(), keep=keep)


def mark_bars(bars: Bars, settings: QualitySettings, *, keep: BoolArray | None = None) -> Outliers:
    """Mark outliers of ``bars``; see :func:`mark_outliers`."""
    iqr, deviation = _marks(
        bars.adjusted_return, bars.first, settings.outlier_window, settings.outlier_iqr, settings.outlier_sigma
    )
    if keep is not None:
        iqr, deviation = iqr & ~keep, deviation & ~keep
    return Outliers(iqr=iqr, deviation=deviation)


@njit(cache=True)
def _quantile(ordered: FloatArray, count: int, q: float) -> float:
    """Linear quantile (type 7) of the first ``count`` values."""
    place = q * (count - 1)
    low = int(place)
    high = min(low + 1, count - 1)
    value: float = ordered[low] + (place - low) * (ordered[high] - ordered[low])
    return value


@njit(cache=True)
def _marks(values: FloatArray, first: IntArray, width: int, fence: float, sigmas: float) -> tuple[BoolArray, BoolArray]:
    n = len(values)
    iqr, deviation = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    ordered, count = np.empty(width + 1), 0
    for i in range(n):
        if first[i] == i:
            count = 0
        value = values[i]
        if count >= max(width // 2, 2) and not np.isnan(value):
            mean = 0.0
            for j in range(count):
                mean += ordered[j]
            mean /= count
            square = 0.0
            for j in range(count):
                square += (ordered[j] - mean) ** 2
            spread = np.sqrt(square / (count - 1))
            deviation[i] = abs(value - mean) > sigmas * spread
            low, high = _quantile(ordered, count, 0.25), _quantile(ordered, count, 0.75)
            room = fence * (high - low)
            iqr[i] = value < low - room or value > high + room
        if not np.isnan(value):
            j = count
            while j > 0 and ordered[j - 1] > value:
                ordered[j] = ordered[j - 1]
                j -= 1
            ordered[j] = value
            count += 1
        gone = i - width
        if gone >= first[i] and not np.isnan(values[gone]):
            j = 0
            while ordered[j] != values[gone]:
                j += 1
            count -= 1
            for k in range(j, count):
                ordered[k] = ordered[k + 1]
    return iqr, deviation
