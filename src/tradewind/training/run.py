"""Run folds: fit on the past of each, forecast its test span, and join the outcomes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import Dataset, Forecast, News, NoProgress, Outcomes, Progress
from tradewind.core.arrays import BoolArray, IntArray
from tradewind.core.ids import content_id
from tradewind.features import RowSlices, row_slices
from tradewind.training.checkpoint import FoldStore
from tradewind.training.engine import Engine, LocalEngine
from tradewind.training.model import ENSEMBLE, TrainedModel, fit_model
from tradewind.training.outcomes import join_outcomes, to_outcomes
from tradewind.training.record import FoldRecord, code_record, news_id
from tradewind.training.settings import TrainingSettings
from tradewind.validation import Split

LOOK_BACK = np.timedelta64(120, "D")
"""Calendar time kept before a fold's first training row: sequence models look back 60 bars."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RunResult:
    """Outcomes of a whole run.

    Attributes
    ----------
    test : outcomes by model name, all folds joined; out of sample.
    train : in-sample outcomes by model name of the last fold's training rows: only to measure overfitting.
    folds : what each fold learned from and chose.
    model : the trained model of the last fold; None when that fold was taken from a checkpoint.
    """

    test: dict[str, Outcomes]
    train: dict[str, Outcomes]
    folds: tuple[FoldRecord, ...]
    model: TrainedModel | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """What all folds of a run share.

    Attributes
    ----------
    data : raw features and labels.
    news : items for the text model; None without.
    checkpoint : folder that keeps finished folds; None keeps nothing.
    progress : is told of every step in this process; copies in other processes tell nothing.
    """

    data: Dataset
    settings: TrainingSettings
    news: News | None = None
    checkpoint: Path | None = None
    progress: Progress = field(default_factory=NoProgress)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for another process: live bars hold locks and streams that cannot go there."""
        return {**self.__dict__, "progress": NoProgress()}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fold:
    """One finished fold; ``model`` is None where it was not fitted now, or is not the last."""

    test: dict[str, Outcomes]
    train: dict[str, Outcomes]
    record: FoldRecord
    model: TrainedModel | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _FoldWork:
    """Fits, forecasts and keeps the fold of a number; it travels to other processes."""

    job: Job
    splits: tuple[Split, ...]
    slices: RowSlices
    store: FoldStore | None

    def __call__(self, number: int) -> _Fold:
        """Run the fold; its checkpoint is written here, so that it stays when the run is cut."""
        from threadpoolctl import threadpool_limits

        split = self.splits[number]
        with threadpool_limits(1, user_api="blas"):  # NumPy's sums differ in the last bit with the number of threads
            test, train, record, model = run_fold(self.job, split, self.slices)
        if self.store:
            self.store.save(number, test, train, {"split": _split_id(split), "fold": record.to_dict()})
        last = number == len(self.splits) - 1
        return _Fold(test=test, train=train if last else {}, record=record, model=model if last else None)

    def kept(self, number: int) -> _Fold | None:
        """Return the fold of an earlier run, or None where it is not finished or is another split's."""
        found = self.store.load(number) if self.store else None
        if found is None or found[2]["split"] != _split_id(self.splits[number]):
            return None
        fold = found[2]["fold"]
        return _Fold(test=found[0], train=found[1], record=FoldRecord(**{**fold, "features": tuple(fold["features"])}))


def run_folds(job: Job, splits: Sequence[Split], *, engine: Engine | None = None) -> RunResult:
    """Fit and forecast every split; finished folds of an earlier, cut run are taken from the checkpoint.

    Parameters
    ----------
    engine : where folds run; None runs them in this process, one after the other. The forecasts are the same to the
        last bit on every engine and with every number of jobs. Workers write their folds to the checkpoint: on a
        cluster of several machines that folder must be one that all of them see.

    Raises
    ------
    InputError : a fold has too few labelled rows to fit on.
    """
    store = FoldStore(job.checkpoint, run_key(job)) if job.checkpoint else None
    work = _FoldWork(job=job, splits=tuple(splits), slices=row_slices(job.data.panel), store=store)
    found = {number: fold for number in range(len(splits)) if (fold := work.kept(number)) is not None}
    waiting = [number for number in range(len(splits)) if number not in found]
    first = len(found)
    job.progress.update("folds", first, len(splits))

    def show(finished: int) -> None:
        job.progress.update("folds", first + finished, len(splits))

    found.update(zip(waiting, (engine or LocalEngine()).map(work, waiting, done=show), strict=True))
    folds = [found[number] for number in range(len(splits))]
    return RunResult(
        test={name: join_outcomes([fold.test[name] for fold in folds]) for name in folds[0].test},
        train=folds[-1].train,
        folds=tuple(fold.record for fold in folds),
        model=folds[-1].model,
    )


def _split_id(split: Split) -> str:
    return content_id(str(split.train_end), str(split.test_start), str(split.test_end), len(split.train))


def run_key(job: Job) -> str:
    """Return the id of everything a fold's result depends on beside its split."""
    return content_id(job.data.panel.id, news_id(job.news), job.settings.id, list(job.data.names), code_record())


def run_fold(
    job: Job, split: Split, slices: RowSlices
) -> tuple[dict[str, Outcomes], dict[str, Outcomes], FoldRecord, TrainedModel]:
    """Fit on ``split.train``, forecast ``split.test``; return test and train outcomes, record and model.

    The fit sees a copy of the dataset that ends with the test span and in which labels outside the training rows
    are hidden.
    """
    began = time.monotonic()
    mask = _window(job.data, split)
    place = np.cumsum(mask) - 1
    data = job.data.select(mask)
    train_rows, test_rows = place[split.train], place[split.test]
    model = fit_model(data, train_rows, job.settings, news=job.news, progress=job.progress)
    forecasts = model.forecast(data, test_rows, job.news)
    if job.settings.adaptive_interval:
        forecasts[ENSEMBLE] = model.ensemble.adapted(data, forecasts[ENSEMBLE])
    seen = _sample(train_rows, 20_000, job.settings.seed)
    fitted = model.forecast(data, seen, job.news)
    inside = RowSlices(
        sector=slices.sector[mask],
        size_bucket=slices.size_bucket[mask],
        volatility_regime=slices.volatility_regime[mask],
    )

    def outcomes(found: dict[str, Forecast]) -> dict[str, Outcomes]:
        return {name: to_outcomes(name, forecast, data, inside) for name, forecast in found.items()}

    record = FoldRecord(
        train_start=_day(job.data.panel.time[split.train].min()),
        train_end=_day(split.train_end),
        test_start=_day(split.test_start),
        test_end=_day(split.test_end),
        train_rows=len(split.train),
        test_rows=len(split.test),
        features=model.preprocessor.names,
        weights=model.ensemble.weights,
        seconds=round(time.monotonic() - began, 3),
    )
    return outcomes(forecasts), outcomes(fitted), record, model


def _window(data: Dataset, split: Split) -> BoolArray:
    time_ = data.panel.time
    first = time_[split.train].min() - LOOK_BACK
    last = max(time_[split.test].max(), time_[split.train].max())
    mask: BoolArray = (time_ >= first) & (time_ <= last)
    return mask


def _sample(rows: IntArray, most: int, seed: int) -> IntArray:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, size=most, replace=False))


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))
