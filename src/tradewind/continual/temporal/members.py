"""What a temporal ensemble can be made of: any learner, and any forecaster that looks at its own row alone."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np

from tradewind.continual.lesson import Scale, flat, known_outcome
from tradewind.continual.protocol import Context, Experience
from tradewind.core import Dataset, Labels, NotFittedError, Panel
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray
from tradewind.models.protocol import Forecaster
from tradewind.models.registry import load_model
from tradewind.models.storage import read_artefact, write_artefact


class ForecasterMember:
    """A :class:`~tradewind.models.Forecaster` fitted on each experience anew; it remembers the last one alone.

    The forecaster is given rows without their past, so it must be one that reads the features of its own row (trees,
    logistic regression), in standard deviations from the period's mean.
    """

    name = "forecaster"

    def __init__(self, forecaster: Forecaster) -> None:
        self._forecaster = forecaster
        self._scale: Scale | None = None

    def fresh(self) -> Self:
        """Return a member of the same forecaster, not fitted."""
        return type(self)(self._forecaster.fresh())

    def learn(self, batch: Experience) -> Self:
        """Fit a new forecaster on the rows of ``batch`` whose direction is told."""
        told = np.flatnonzero(known_outcome(batch.direction))
        self._scale = Scale.of(batch.features)
        weight = None if batch.weight is None else np.asarray(batch.weight, dtype=np.float64)
        data = _dataset(self._scale.apply(batch.features), np.asarray(batch.direction, dtype=np.float64), weight)
        self._forecaster = self._forecaster.fresh().fit(data, told)
        return self

    def predict(self, features: AnyArray, context: Context | None = None) -> FloatArray:  # noqa: ARG002
        """(m,) probability of a rise; NotFittedError before :meth:`learn`. The context is not read."""
        if self._scale is None:
            raise NotFittedError("the forecaster is used before it has learned")
        data = _dataset(self._scale.apply(features), np.full(len(flat(features)), np.nan), None)
        return self._forecaster.predict(data, np.arange(len(data))).probability

    def save(self, folder: Path) -> None:
        """Write forecaster and scale into ``folder``."""
        if self._scale is None:
            raise NotFittedError("the forecaster is saved before it has learned")
        self._forecaster.save(folder / "forecaster")
        write_artefact(folder, self.name, {"scale": self._scale.to_dict()})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a member that :meth:`save` wrote."""
        one = cls(load_model(folder / "forecaster"))
        one._scale = Scale.from_dict(read_artefact(folder, cls.name).state["scale"])
        return one


def _dataset(features: AnyArray, direction: FloatArray, weight: FloatArray | None) -> Dataset:
    """Return rows as a dataset of one bar per symbol: nothing to look back on."""
    rows = len(features)
    time: TimeArray = np.full(rows, np.datetime64("2000-01-03", "us"))
    price = np.ones(rows)
    panel = Panel(
        symbols=tuple(f"row{at}" for at in range(rows)),
        offsets=np.arange(rows + 1),
        time=time,
        known_at=time,
        open=price,
        high=price,
        low=price,
        close=price,
        adj_close=price,
        volume=price,
        sectors=("unknown",) * rows,
        market_cap=np.full(rows, np.nan),
    )
    labels = Labels(
        start=time,
        end=time + np.timedelta64(1, "D"),
        direction=direction,
        forward_return=np.full(rows, np.nan),
        horizon=1,
    )
    names = tuple(f"x{at}" for at in range(features.shape[1]))
    return Dataset(panel=panel, features=features, names=names, labels=labels, weight=weight)
