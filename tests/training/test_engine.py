"""Folds give the same forecasts wherever they run, and finished ones are kept."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tradewind.core import Outcomes, UsageError
from tradewind.data import MarketSettings, simulate
from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings
from tradewind.training import Job, LocalEngine, RunResult, TrainingSettings, build_dataset, make_engine, run_folds
from tradewind.validation import Split, WalkForward

pytestmark = pytest.mark.slow


class Steps:
    """Keeps what progress was told; it holds an open function, which no process can send to another."""

    def __init__(self) -> None:
        self.folds: list[tuple[int, int]] = []
        self.unsendable = lambda: None

    def update(self, stage: str, done: int, total: int) -> None:
        if stage == "folds":
            self.folds.append((done, total))


@pytest.fixture(scope="module")
def job() -> Job:
    market = simulate(MarketSettings(kind="news", n_symbols=5, n_days=380, ceiling=0.8, seed=1))
    settings = TrainingSettings(
        models=("xgboost", "random_forest"),
        baselines=("always_up",),
        selection=SelectionSettings(n_features=8),
        ensemble=EnsembleSettings(inner_folds=2),
    )
    return Job(data=build_dataset(market.panel), settings=settings)


@pytest.fixture(scope="module")
def splits(job: Job) -> list[Split]:
    labels = job.data.labels
    walk = WalkForward(
        labels.start, labels.end, train_months=9, first_test=date(2013, 2, 1), last_test=date(2013, 3, 29)
    )
    return list(walk.folds())


@pytest.fixture(scope="module")
def alone(job: Job, splits: list[Split]) -> RunResult:
    return run_folds(job, splits)


def assert_equal(one: RunResult, two: RunResult) -> None:
    assert [replace(fold, seconds=0.0) for fold in one.folds] == [replace(fold, seconds=0.0) for fold in two.folds]
    for first, second in ((one.test, two.test), (one.train, two.train)):
        assert first.keys() == second.keys()
        for name in first:
            for column in [f.name for f in fields(Outcomes) if f.name != "model"]:
                np.testing.assert_array_equal(getattr(first[name], column), getattr(second[name], column))


def test_two_processes_give_the_bits_of_one(job: Job, splits: list[Split], alone: RunResult):
    assert len(splits) == 2
    steps = Steps()
    both = run_folds(replace(job, progress=steps), splits, engine=LocalEngine(2))
    assert_equal(alone, both)
    assert both.model is not None
    assert steps.folds == [(0, 2), (1, 2), (2, 2)]


def test_ray_gives_the_bits_of_one_process(job: Job, splits: list[Split], alone: RunResult):
    pytest.importorskip("ray")
    steps = Steps()
    assert_equal(alone, run_folds(replace(job, progress=steps), splits, engine=make_engine("ray", 2)))
    assert steps.folds[-1] == (2, 2)


def test_a_cut_run_goes_on_after_its_finished_folds(job: Job, splits: list[Split], alone: RunResult, tmp_path: Path):
    kept = replace(job, checkpoint=tmp_path)
    with pytest.raises(InterruptedError):
        run_folds(kept, splits, engine=CutAfter(1))
    steps = Steps()
    again = run_folds(replace(kept, progress=steps), splits)
    assert_equal(alone, again)
    assert steps.folds == [(1, 2), (2, 2)]
    assert run_folds(kept, splits).model is None  # nothing was fitted


class CutAfter:
    """An engine that dies after some items."""

    def __init__(self, most: int) -> None:
        self.most = most

    def map(self, work, items: Sequence, *, done=None) -> list:
        for item in items[: self.most]:
            work(item)
        raise InterruptedError


def test_an_error_of_a_fold_is_raised_as_it_is(job: Job, splits: list[Split]):
    hard = replace(job, settings=job.settings.model_copy(update={"min_rows": 100_000}))
    messages = []
    for engine in (LocalEngine(1), LocalEngine(2)):
        with pytest.raises(Exception, match="labelled bars can be trained on") as caught:
            run_folds(hard, [splits[0], splits[0]], engine=engine)  # two workers may fail in either order
        messages.append((type(caught.value), str(caught.value)))
    assert messages[0] == messages[1]


def test_a_job_leaves_its_progress_behind(job: Job):
    watched = replace(job, progress=Steps())
    again = pickle.loads(pickle.dumps(watched))
    again.progress.update("folds", 1, 2)
    assert watched.progress.folds == []
    assert again.settings == job.settings


def test_items_come_back_in_their_order_and_errors_too():
    told: list[int] = []
    assert LocalEngine(1).map(abs, [-3, 2, -1], done=told.append) == [3, 2, 1]
    assert told == [1, 2, 3]
    with pytest.raises(UsageError, match="0 jobs"):
        make_engine("local", 0)
