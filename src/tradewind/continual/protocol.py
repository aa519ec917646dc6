"""What every continual learner is shown and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np

from tradewind.core import InputError
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """What is known of the market at the rows that are forecast.

    Attributes
    ----------
    time : (m,) ``datetime64[us]`` of each row.
    regimes : (m, K) filtered regime probabilities as known at the row, or None.
    """

    time: TimeArray
    regimes: FloatArray | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Experience:
    """Rows to learn from, in the order of time.

    Attributes
    ----------
    name : of the period, for people.
    features : (m, p) or (m, w, p) float32; NaN where a feature is not defined.
    direction : (m,) 1 rise, 0 fall, NaN where not told.
    time : (m,) ``datetime64[us]`` of the forecast, not falling. ``known_at`` : (m,) when the direction is known.
    regimes : (m, K) filtered regime probabilities as known at the row, never smoothed, or None.
    weight : (m,) sample weights or None for equal ones.
    """

    name: str
    features: AnyArray
    direction: FloatArray
    time: TimeArray
    known_at: TimeArray
    regimes: FloatArray | None = None
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse rows that do not fit together or are out of order."""
        rows = len(self.time)
        for field, value in (("features", self.features), ("direction", self.direction), ("known_at", self.known_at)):
            if len(value) != rows:
                raise InputError(f"has {len(value)} rows, time has {rows}", field=field, fix="give one per row")
        if rows and (np.diff(self.time.astype(np.int64)) < 0).any():
            raise InputError("the rows are not in the order of time", field="time", fix="sort them by time")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    @property
    def context(self) -> Context:
        """What is known at the rows, without their outcomes."""
        return Context(time=self.time, regimes=self.regimes)

    def select(self, rows: AnyArray) -> Experience:
        """Return some rows, a mask or rising positions."""
        return Experience(
            name=self.name,
            features=self.features[rows],
            direction=self.direction[rows],
            time=self.time[rows],
            known_at=self.known_at[rows],
            regimes=None if self.regimes is None else self.regimes[rows],
            weight=None if self.weight is None else self.weight[rows],
        )

    def known_by(self, moment: np.datetime64) -> Experience:
        """Return the rows whose direction was known at ``moment``: what may be learned from before it."""
        return self.select(self.known_at <= moment)


@runtime_checkable
class Learner(Protocol):
    """Learns one experience after another and forecasts rows of any of them.

    A learner depends on the experiences in their order, its settings and their seed. A forecast of a row depends on
    that row and its context alone. Memory is bounded whatever the number of experiences, unless the learner says so.
    """

    name: str

    def fresh(self) -> Self:
        """Return a new learner of the same settings that has learned nothing."""
        ...

    def learn(self, batch: Experience) -> Self:
        """Learn the next experience; rows without a direction teach nothing."""
        ...

    def predict(self, features: AnyArray, context: Context | None = None) -> FloatArray:
        """(m,) probability of a rise; NotFittedError before :meth:`learn`."""
        ...

    def save(self, folder: Path) -> None:
        """Write the learner into ``folder``, without code."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a learner that :meth:`save` wrote; it gives equal forecasts and goes on learning alike."""
        ...
