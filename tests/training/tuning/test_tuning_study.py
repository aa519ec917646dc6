"""One search: the grid is covered, seeds rule, and Hyperband gives up the worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from tradewind.training.tuning.settings import TuningSettings
from tradewind.training.tuning.space import Choice, Range, Space
from tradewind.training.tuning.study import Plan, Study, mean_score, open_storage

SPACE: Space = {
    "x": Range(low=0.1, high=10.0, log=True),
    "n": Range(low=1, high=9, step=4),
    "way": Choice(options=("a", "b")),
}
DEFAULT = {"x": 20.0, "n": 5, "way": "a"}
Maker = Callable[..., Study]


@pytest.fixture
def make_study(tmp_path: Path) -> Iterator[Maker]:
    """Return a maker of studies, each in the file it names."""
    storages: dict[str, RDBStorage] = {}

    def make(file: str = "study.db", *, trials: int = 10, **settings: object) -> Study:
        storage = storages[file] = storages.get(file) or open_storage(tmp_path / file)
        plan = Plan(name="s", space=SPACE, fixed=(DEFAULT,), trials=trials, seed=1)
        return Study(storage, plan, TuningSettings.model_validate(settings), {"data": "d"})

    yield make
    for storage in storages.values():
        storage.remove_session()
        storage.engine.dispose()


def finish(study: Study, first: int, last: int) -> None:
    """Judge trials on every split by how near x is to 1."""
    for trial in study.ask(first, last):
        for split in range(study.plan.first_split, 5):
            study.record(trial, split, [-abs(float(study.params(trial)["x"]) - 1.0)], 0.0)
        for segment in study.segments:
            if study.trials()[trial.number].state == TrialState.RUNNING:
                study.judge(trial, segment)


@pytest.mark.slow
def test_the_grid_is_covered_once_after_the_default(make_study: Maker) -> None:
    study = make_study(trials=100, sampler="grid", grid_points=3)
    assert study.size == 1 + 3 * 3 * 2
    finish(study, 0, study.size)
    tried = [study.params(trial) for trial in study.trials()]
    assert tried[0] == DEFAULT
    cells = product(SPACE["x"].grid(3), SPACE["n"].grid(3), SPACE["way"].grid(3))
    assert sorted(tuple(one.values()) for one in tried[1:]) == sorted(cells)


def test_a_grid_may_be_cut_short(make_study: Maker) -> None:
    assert make_study(trials=5, sampler="grid").size == 5


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_equal_seeds_try_equal_parameters_also_when_read_again(make_study: Maker, sampler: str) -> None:
    whole, parts = (make_study(file, sampler=sampler, startup=3) for file in ("whole.db", "parts.db"))
    finish(whole, 0, 4)
    finish(whole, 4, 10)
    finish(parts, 0, 4)
    parts.ask(4, 10)  # asked and not judged: a search cut here
    finish(make_study("parts.db", sampler=sampler, startup=3), 4, 10)
    tried = [whole.params(trial) for trial in whole.trials()]
    assert [parts.params(trial) for trial in parts.trials()] == tried
    assert len({str(params) for params in tried}) > 7


@pytest.mark.slow
def test_tpe_comes_nearer_than_its_random_start(make_study: Maker) -> None:
    study = make_study(trials=40, sampler="tpe", startup=10, pruner="none")
    for first in range(0, 40, 4):
        finish(study, first, first + 4)
    values = [float(trial.value or 0.0) for trial in study.trials()]
    assert sum(values[-15:]) / 15 > sum(values[1:11]) / 10
    assert study.trials()[0].params["x"] == 10.0  # what the sampler learns of a default outside its range
    assert study.params(study.trials()[0])["x"] == 20.0


@pytest.mark.slow
def test_hyperband_gives_up_the_worse_after_some_splits(make_study: Maker) -> None:
    study = make_study(trials=30, sampler="random", min_splits=1, reduction=3)
    assert [list(segment) for segment in study.segments] == [[0], [1, 2], [3, 4]]
    finish(study, 0, 30)
    pruned = [t for t in study.trials() if t.state == TrialState.PRUNED]
    kept = [t for t in study.trials() if t.state == TrialState.COMPLETE]
    assert pruned
    assert kept
    assert kept[0].number == 0  # the default is judged to the end, though it is the worst
    assert max(t.intermediate_values[t.last_step or 0] for t in pruned) < max(float(t.value or 0.0) for t in kept)
    assert min(len(t.intermediate_values) for t in pruned) < 3


@pytest.mark.slow
def test_without_pruning_every_trial_is_judged_to_the_end(make_study: Maker) -> None:
    study = make_study(trials=8, pruner="none")
    assert [list(segment) for segment in study.segments] == [[0, 1, 2, 3, 4]]
    finish(study, 0, 8)
    assert {trial.state for trial in study.trials()} == {TrialState.COMPLETE}


def test_a_trial_without_any_score_fails(make_study: Maker) -> None:
    study = make_study(trials=1)
    (trial,) = study.ask(0, 1)
    for split in range(5):
        study.record(trial, split, [float("nan")], 0.0)
    study.judge(trial, range(5))
    assert study.trials()[0].state == TrialState.FAIL


def test_mean_score_counts_every_period_alike() -> None:
    assert mean_score([(1.0, 2.0), (6.0,), (float("nan"),)]) == 3.0
