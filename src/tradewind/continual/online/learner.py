"""River's online models behind the protocol of learners; every row is learned once its outcome is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from tradewind.continual.lesson import Lesson, Scale, day_numbers
from tradewind.continual.online.rivers import (
    EXACT,
    OnlineKind,
    build,
    forecast_rows,
    learn_rows,
    logistic_from,
    logistic_numbers,
)
from tradewind.continual.protocol import Context, Experience
from tradewind.continual.reading import known_order, lesson_of, regimes_of
from tradewind.continual.schedule import ScheduleSettings, StabilitySchedule
from tradewind.core import NotFittedError, Settings
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.models.storage import pack_arrays, read_artefact, write_artefact

SETTLED = 20
"""Times of forecasts after which the scale of a learner that follows from its first row on stays as it is."""


class OnlineSettings(Settings):
    """Which model of river, and how much of its past is kept.

    Attributes
    ----------
    kind : "logistic", "tree" (Hoeffding adaptive), "forest" (adaptive random) or "bagging" (of logistic regressions,
        with ADWIN).
    rate : step of gradient descent of the logistic regressions. ``members`` : of forest and bagging.
    kept : rows kept by kinds other than "logistic". At twice as many the older half is dropped and the model is learned
        again from the newer: so that the rows on disk are always the whole of what it knows.
    schedule : "logistic" alone: step by the stability of the regime instead of ``rate``, each day by the mean regime
        probabilities of its rows; None keeps ``rate``.
    regimes : whether filtered regime probabilities are inputs too.
    seed : of trees and resampling.
    """

    kind: OnlineKind = "logistic"
    rate: float = Field(default=0.02, gt=0.0)
    members: int = Field(default=5, ge=1, le=100)
    kept: int = Field(default=10_000, ge=10)
    schedule: ScheduleSettings | None = None
    regimes: bool = True
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.schedule is not None and self.kind != "logistic":
            raise ValueError(f"a schedule of steps is for kind logistic, not {self.kind}")
        return self


class Online:
    """One model of river that never stops learning.

    Sample weights are not read: river's bagging draws its own.
    """

    name = "online"

    def __init__(self, settings: OnlineSettings | None = None) -> None:
        self.settings = settings or OnlineSettings()
        self._scale: Scale | None = None
        self._model: Any = None
        self._regimes = 0
        self._inputs: AnyArray = np.zeros((0, 0), dtype=np.float32)
        self._rose: FloatArray = np.zeros(0)

    @property
    def kept(self) -> int:
        """Rows kept."""
        return len(self._rose)

    def fresh(self) -> Self:
        """Return a new learner of the same settings that has learned nothing."""
        return type(self)(self.settings)

    def learn(self, batch: Experience) -> Self:
        """Learn the rows of ``batch`` one by one, in the order in which their outcomes became known."""
        lesson = self._begin(batch)
        self._take(self._read(lesson.inputs, lesson.regimes), lesson.rose, self._rates(lesson.day, lesson.regimes))
        return self

    def follow(self, batch: Experience) -> FloatArray:
        """Forecast each row of ``batch`` from the outcomes known at its time, and learn each when it is known.

        A learner that has learned nothing before takes its scale from the rows up to the time of the forecast, over the
        first 20 times; later rows move no forecast.

        Returns
        -------
        (m,) probability of a rise; 0.5 before any outcome is known.
        """
        direction, regimes = np.asarray(batch.direction, dtype=np.float64), regimes_of(batch)
        out, pending = np.full(len(batch), 0.5), known_order(batch)
        rates, taken = self._rates(day_numbers(batch.time), regimes), 0
        settling = self._scale is None

        def read(rows: IntArray) -> AnyArray:
            assert self._scale is not None
            inputs = self._scale.apply(batch.features[rows])
            return self._read(inputs, None if regimes is None else regimes[rows])

        def take(rows: IntArray) -> None:
            self._take(read(rows), direction[rows], None if rates is None else rates[rows])

        for place, time in enumerate(np.unique(batch.time)):
            if settling and place < SETTLED:
                until = int(np.searchsorted(batch.time, time, side="right"))
                self._settle(Scale.of(batch.features[:until]), regimes)
            known = int(np.searchsorted(pending.known, time, side="right"))
            take(pending.rows[taken:known])
            taken = max(taken, known)
            now = np.flatnonzero(batch.time == time)
            out[now] = forecast_rows(self._model, read(now))
        if self._scale is not None:
            take(pending.rows[taken:])
        return out

    def predict(self, features: AnyArray, context: Context | None = None) -> FloatArray:
        """(m,) probability of a rise; NotFittedError before :meth:`learn`."""
        if self._scale is None or self._model is None:
            raise NotFittedError("the online model is used before it has learned")
        return forecast_rows(self._model, self._read(self._scale.apply(features), regimes_of(context)))

    def _begin(self, batch: Experience) -> Lesson:
        scale = self._scale or Scale.of(batch.features)
        lesson = lesson_of(batch, scale)
        if self._scale is None:
            self._settle(scale, lesson.regimes)
        return lesson

    def _settle(self, scale: Scale, regimes: FloatArray | None) -> None:
        """Take ``scale`` for the one of the inputs; the first time, begin a model of as many."""
        self._scale = scale
        if self._model is None:
            self._regimes = regimes.shape[1] if self.settings.regimes and regimes is not None else 0
            self._inputs = np.zeros((0, len(scale.centre) + self._regimes), dtype=np.float32)
            self._model = self._new()

    def _new(self) -> Any:
        wanted = self.settings
        return build(wanted.kind, rate=wanted.rate, members=wanted.members, seed=wanted.seed)

    def _read(self, inputs: AnyArray, regimes: AnyArray | None) -> AnyArray:
        """Return inputs and regime probabilities side by side; where none are told, all are equally probable."""
        if self._regimes == 0:
            return inputs
        told = np.full((len(inputs), self._regimes), 1.0 / self._regimes) if regimes is None else regimes
        return np.hstack([inputs, np.asarray(told, dtype=np.float32)[:, : self._regimes]])

    def _rates(self, day: IntArray, regimes: FloatArray | None) -> FloatArray | None:
        """(m,) step at each row by the regimes of its day; None where steps are constant."""
        if self.settings.schedule is None:
            return None
        schedule = StabilitySchedule(self.settings.schedule)
        if regimes is None or len(day) == 0:
            return np.full(len(day), schedule.rate(None))
        days, place = np.unique(day, return_inverse=True)
        mean = np.stack([regimes[place == at].mean(axis=0) for at in range(len(days))])
        return schedule.rates(mean)[place]

    def _take(self, inputs: AnyArray, rose: FloatArray, rates: FloatArray | None = None) -> None:
        """Learn rows; where they are kept, in pieces that there is room for."""
        if self.settings.kind in EXACT:
            learn_rows(self._model, inputs, rose, rates)
            return
        most = 2 * self.settings.kept
        while len(rose):
            room = most - self.kept
            some, labels = inputs[:room], rose[:room]
            inputs, rose = inputs[room:], rose[room:]
            learn_rows(self._model, some, labels)
            self._inputs, self._rose = np.concatenate([self._inputs, some]), np.concatenate([self._rose, labels])
            if self.kept >= most:
                self._inputs, self._rose = self._inputs[-self.settings.kept :], self._rose[-self.settings.kept :]
                self._model = self._new()
                learn_rows(self._model, self._inputs, self._rose)

    def save(self, folder: Path) -> None:
        """Write numbers, or the rows they are learned from, into ``folder``; NotFittedError before :meth:`learn`."""
        if self._scale is None or self._model is None:
            raise NotFittedError("the online model is saved before it has learned")
        state: dict[str, Any] = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale.to_dict(),
            "regimes": self._regimes,
        }
        if self.settings.kind in EXACT:
            state["numbers"] = logistic_numbers(self._model)
        rows = pack_arrays({"inputs": self._inputs, "rose": self._rose})
        write_artefact(folder, self.name, state, {"rows.npz": rows})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a learner that :meth:`save` wrote; InputError where it is none or was changed.

        Kinds that are kept as rows are learned again from them, in the same order: equal forecasts, and time in
        proportion to the rows.
        """
        artefact = read_artefact(folder, cls.name)
        one = cls(OnlineSettings.model_validate(artefact.state["settings"]))
        one._scale = Scale.from_dict(artefact.state["scale"])
        one._regimes = int(artefact.state["regimes"])
        rows = artefact.arrays("rows.npz")
        one._inputs, one._rose = rows["inputs"], rows["rose"]
        if one.settings.kind in EXACT:
            one._model = logistic_from(artefact.state["numbers"], rate=one.settings.rate)
        else:
            one._model = one._new()
            learn_rows(one._model, one._inputs, one._rose)
        return one
