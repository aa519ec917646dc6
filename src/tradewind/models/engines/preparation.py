"""From raw windows to the columns members see, in one compiled pass; equal to training's own preparation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Preparation:
    """Selection, winsorisation, imputation with flags and scaling as arrays.

    Attributes
    ----------
    column : (p,) int64 raw column of each prepared one.
    low, high : (p,) float32 bounds of winsorisation; infinite where there is none.
    median : (p,) float32 what is put for a missing value. empty : (p,) bool, columns that are always missing.
    flag : (p,) int64 place of the column's missing flag among the q prepared ones, -1 without one.
    mean, scale : (q,) float32.
    """

    column: IntArray
    low: Float32Array
    high: Float32Array
    median: Float32Array
    empty: BoolArray
    flag: IntArray
    mean: Float32Array
    scale: Float32Array

    @classmethod
    def of(cls, state: Mapping[str, Any], column: IntArray) -> Self:
        """Return the preparation of a ``Preprocessor.to_dict``, with ``column`` (p,) the places of its raw features."""
        winsor, imputer = state["winsoriser"], state["imputer"]
        flagged = np.array(state["flagged"], dtype=np.int64)
        flag = np.full(len(column), -1, dtype=np.int64)
        flag[flagged] = len(column) + np.arange(len(flagged))
        return cls(
            column=column,
            low=np.array([-np.inf if x is None else x for x in winsor["low"]], dtype=np.float64).astype(np.float32),
            high=np.array([np.inf if x is None else x for x in winsor["high"]], dtype=np.float64).astype(np.float32),
            median=np.array(imputer["median"], dtype=np.float64).astype(np.float32),
            empty=np.array(imputer["empty"], dtype=np.bool_),
            flag=flag,
            mean=np.array(state["mean"], dtype=np.float64).astype(np.float32),
            scale=np.array(state["scale"], dtype=np.float64).astype(np.float32),
        )

    @property
    def width(self) -> int:
        """Number of prepared columns, q."""
        return len(self.mean)

    def windows(self, history: Float32Array, count: IntArray, occasion: BoolArray, length: int) -> Float32Array:
        """Return (m, length, q) prepared windows that start at their first bar, as nets read them.

        ``history``, ``count``, ``occasion`` are those of the rows to forecast. A row with fewer bars than ``length``
        stands before the end, at :func:`places`, and is repeated after it.
        """
        windows: Float32Array = _windows(
            history,
            count,
            occasion,
            length,
            self.column,
            self.low,
            self.high,
            self.median,
            self.empty,
            self.flag,
            self.mean,
            self.scale,
        )
        return windows

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the arrays by name."""
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """Return the preparation of :meth:`to_arrays`."""
        return cls(**arrays)


def places(count: IntArray, bars: int, length: int) -> IntArray:
    """Return (m,) int64 place of each row in its window of ``length``, given ``bars`` of history."""
    found: IntArray = np.minimum(count, min(bars, length)) - 1
    return found


@njit(cache=True, nogil=True)
def _windows(  # noqa: PLR0913
    history: Any,
    count: Any,
    occasion: Any,
    length: int,
    column: Any,
    low: Any,
    high: Any,
    median: Any,
    empty: Any,
    flag: Any,
    mean: Any,
    scale: Any,
) -> Any:
    rows, bars = history.shape[0], history.shape[1]
    p, q = len(column), len(mean)
    out = np.empty((rows, length, q), dtype=np.float32)
    one, zero = np.float32(1.0), np.float32(0.0)
    for i in range(rows):
        have = min(count[i], bars, length)
        for t in range(have):
            source = bars - have + t
            kept = occasion[i, source]
            for j in range(p):
                value = history[i, source, column[j]]
                if not kept:  # comparisons with NaN are false: it stays
                    if value < low[j]:
                        value = low[j]
                    if value > high[j]:
                        value = high[j]
                missing = empty[j] or not np.isfinite(value)
                if missing:
                    value = median[j]
                out[i, t, j] = (value - mean[j]) / scale[j]
                f = flag[j]
                if f >= 0:
                    out[i, t, f] = ((one if missing else zero) - mean[f]) / scale[f]
        for t in range(have, length):
            for j in range(q):
                out[i, t, j] = out[i, have - 1, j]
    return out
