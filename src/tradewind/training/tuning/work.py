"""One fit of one trial on one split: what worker processes do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradewind.core import Forecast
from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.models import Combiner, CombinerSettings, Ensemble, make_model
from tradewind.training.fairness import with_parity
from tradewind.training.settings import TrainingSettings
from tradewind.training.tuning.objective import Measure
from tradewind.training.tuning.splits import PreparedSplit


@dataclass(frozen=True, kw_only=True)
class Task:
    """Fit ``settings`` on split ``split``: the member ``model`` alone, or the whole ensemble where it is empty."""

    settings: TrainingSettings
    split: int
    model: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Done:
    """What came of a task: scores by period and forecasts of the block, or the reason why there are none."""

    scores: tuple[float, ...] = ()
    probability: FloatArray | None = None
    expected_return: FloatArray | None = None
    seconds: float = 0.0
    reason: str = ""


class Work(Protocol):
    """Does one task; a failure is part of its answer."""

    def __call__(self, task: Task) -> Done:
        """Return what came of ``task``."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class FitWork:
    """Fits a member or an ensemble on the prepared splits."""

    splits: tuple[PreparedSplit, ...]
    measure: Measure

    def __call__(self, task: Task) -> Done:
        """Fit, forecast the block and score it."""
        split = self.splits[task.split]
        began = time.monotonic()
        try:
            forecast = _fit(task, split)
            scores = split.facts.judge(self.measure, forecast.probability)
        except Exception as error:  # noqa: BLE001 - whatever stops one trial is recorded with it; the search goes on
            return Done(reason=f"{type(error).__name__}: {error}", seconds=time.monotonic() - began)
        if not np.isfinite(forecast.probability).all():
            return Done(reason="its forecasts are not finite", seconds=time.monotonic() - began)
        return Done(
            scores=scores,
            probability=forecast.probability,
            expected_return=forecast.expected_return,
            seconds=time.monotonic() - began,
        )


def _fit(task: Task, split: PreparedSplit) -> Forecast:
    s = task.settings
    members = with_parity(s.members, s.fairness.parity) if s.fairness.parity else s.members
    if task.model:
        member = make_model(task.model, seed=s.seed, settings=members)
        return member.fit(split.data, split.fit).predict(split.data, split.block)
    ensemble = Ensemble([make_model(name, seed=s.seed, settings=members) for name in s.models], s.ensemble)
    ensemble.fit(split.data, split.fit, prepare=split.raw.prepared_on if split.raw else None)
    return ensemble.predict(split.data, split.block)


@dataclass(frozen=True, kw_only=True, eq=False)
class CombineWork:
    """Joins held forecasts of members: weights are fitted on earlier blocks, and judged on the next one."""

    splits: tuple[PreparedSplit, ...]
    held: tuple[Mapping[str, Forecast], ...]
    measure: Measure

    def __call__(self, task: Task) -> Done:
        """Fit the combiner on the blocks before the task's and score the joined forecast of the block."""
        began = time.monotonic()
        try:
            probability, expected = self._join(task)
            scores = self.splits[task.split].facts.judge(self.measure, probability)
        except Exception as error:  # noqa: BLE001 - whatever stops one trial is recorded with it; the search goes on
            return Done(reason=f"{type(error).__name__}: {error}", seconds=time.monotonic() - began)
        return Done(scores=scores, probability=probability, expected_return=expected, seconds=time.monotonic() - began)

    def _join(self, task: Task) -> tuple[FloatArray, FloatArray]:
        s = task.settings
        past = range(task.split)
        first = self.splits[task.split].start.min()
        known = np.concatenate([self.splits[k].end < first for k in past])
        directions = np.concatenate([self.splits[k].facts.direction for k in past])
        returns = np.concatenate([self.splits[k].facts.returns for k in past])
        days = np.concatenate([self.splits[k].start for k in past])
        combiner = Combiner(
            s.models,
            CombinerSettings(method=s.ensemble.method, shrink=s.ensemble.shrink, calibration=s.ensemble.calibration),
        )
        seen = {name: _only(known, [self.held[k][name] for k in past]) for name in s.models}
        combiner.fit(seen, directions[known], returns[known], days[known])
        return combiner.combine({name: self.held[task.split][name] for name in s.models})


def _only(known: BoolArray, parts: list[Forecast]) -> Forecast:
    return Forecast.point(
        np.flatnonzero(known),
        np.concatenate([part.probability for part in parts])[known],
        np.concatenate([part.expected_return for part in parts])[known],
    )
