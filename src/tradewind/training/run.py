"""Run folds: fit on the past of each, forecast its test span, and join the outcomes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tradewind.core import Dataset, Forecast, News, NoProgress, Outcomes, Progress
from tradewind.core.arrays import BoolArray, IntArray
from tradewind.core.ids import content_id
from tradewind.features import RowSlices, row_slices
from tradewind.training.checkpoint import FoldStore
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
    """

    data: Dataset
    settings: TrainingSettings
    news: News | None = None
    checkpoint: Path | None = None
    progress: Progress = field(default_factory=NoProgress)


def run_folds(job: Job, splits: Sequence[Split]) -> RunResult:
    """Fit and forecast every split in turn; finished folds of an earlier, cut run are taken from the checkpoint.

    Raises
    ------
    InputError : a fold has too few labelled rows to fit on.
    """
    slices = row_slices(job.data.panel)
    store = FoldStore(job.checkpoint, run_key(job)) if job.checkpoint else None
    tests: list[dict[str, Outcomes]] = []
    train: dict[str, Outcomes] = {}
    folds: list[FoldRecord] = []
    model = None
    for number, split in enumerate(splits):
        job.progress.update("folds", number, len(splits))
        name = content_id(str(split.train_end), str(split.test_start), str(split.test_end), len(split.train))
        kept = store.load(number) if store else None
        if kept is not None and kept[2]["split"] == name:
            test, train, model = kept[0], kept[1], None
            folds.append(FoldRecord(**{**kept[2]["fold"], "features": tuple(kept[2]["fold"]["features"])}))
        else:
            test, train, fold, model = run_fold(job, split, slices)
            folds.append(fold)
            if store:
                store.save(number, test, train, {"split": name, "fold": fold.to_dict()})
        tests.append(test)
    job.progress.update("folds", len(splits), len(splits))
    return RunResult(
        test={name: join_outcomes([test[name] for test in tests]) for name in tests[0]},
        train=train,
        folds=tuple(folds),
        model=model,
    )


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
