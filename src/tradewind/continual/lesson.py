"""What a learner reads of an experience: rows of finite inputs in one scale, whose outcome is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core import InputError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray

FAR = 6.0  # standard deviations; a value beyond tells no more than one there


@dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """Rows in the order of time.

    Attributes
    ----------
    inputs : (m, p) finite.
    rose : (m,) 1 rise, 0 fall.
    weight : (m,) not negative, not all 0.
    day : (m,) not falling number of the day within the experience.
    regimes : (m, K) filtered probabilities as known at the row, or None.
    """

    inputs: AnyArray
    rose: FloatArray
    weight: FloatArray
    day: IntArray
    regimes: FloatArray | None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rose)

    def select(self, rows: AnyArray) -> Lesson:
        """Return some rows, a mask or positions."""
        return Lesson(
            inputs=self.inputs[rows],
            rose=self.rose[rows],
            weight=self.weight[rows],
            day=self.day[rows],
            regimes=None if self.regimes is None else self.regimes[rows],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Scale:
    """Centres and scales of the first experience; fixed from then on, so that what was learned stays true.

    Attributes
    ----------
    centre, spread : (p,) mean and standard deviation of the values known; 0 and 1 where none was.
    """

    centre: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, features: AnyArray) -> Scale:
        """Measure ``features`` (m, p) or (m, w, p); NaN is left out."""
        table = flat(features)
        known = np.isfinite(table)
        count = np.maximum(known.sum(axis=0), 1)
        values = np.where(known, table, 0.0)
        centre = values.sum(axis=0) / count
        spread = np.sqrt((np.where(known, table - centre, 0.0) ** 2).sum(axis=0) / count)
        return cls(centre=centre, spread=np.where(spread > 1e-9, spread, 1.0))

    def apply(self, features: AnyArray) -> AnyArray:
        """(m, p) float32 within 6 standard deviations; 0, the centre, where a value is not known.

        Raises
        ------
        InputError : another number of features than was measured.
        """
        table = flat(features)
        if table.shape[1] != len(self.centre):
            raise InputError(
                f"rows have {table.shape[1]} values, {len(self.centre)} were learned from",
                field="features",
                fix="give the features that were learned from, in their order",
            )
        scaled = np.clip((table - self.centre) / self.spread, -FAR, FAR)
        return np.where(np.isfinite(scaled), scaled, 0.0).astype(np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"centre": self.centre.tolist(), "spread": self.spread.tolist()}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Scale:
        """Read what :meth:`to_dict` wrote."""
        return cls(centre=np.asarray(row["centre"]), spread=np.asarray(row["spread"]))


def flat(features: AnyArray) -> FloatArray:
    """(m, p) float64 of ``features`` (m, p), or (m, w * p) of windows (m, w, p)."""
    table = np.asarray(features, dtype=np.float64)
    return table.reshape(len(table), int(np.prod(table.shape[1:])))


def known_outcome(direction: AnyArray) -> BoolArray:
    """(m,) True where the direction is told."""
    told: BoolArray = np.isfinite(np.asarray(direction, dtype=np.float64))
    return told


def day_numbers(time: AnyArray) -> IntArray:
    """(m,) number of the day of each row of ``time`` (m,) datetime64, from 0, by first appearance."""
    _, numbers = np.unique(np.asarray(time).astype("datetime64[D]"), return_inverse=True)
    days: IntArray = numbers.astype(np.int64)
    return days
