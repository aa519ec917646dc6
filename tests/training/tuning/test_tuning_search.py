"""A search improves what is wrong, looks at nothing it must not see, and goes on where it was cut."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tradewind.core import Dataset, InputError, UsageError
from tradewind.models import LogisticSettings, ModelSettings, RandomForestSettings
from tradewind.training import TrainingSettings
from tradewind.training.tuning import TuningResult, TuningSettings, trials_frame, tune, write_search

pytestmark = pytest.mark.slow


def same(one: TuningResult, other: TuningResult) -> bool:
    """Whether two results are equal but for the time they took."""
    tables = [trials_frame(result.trials).drop("seconds") for result in (one, other)]
    return tables[0].equals(tables[1]) and one.settings == other.settings


def test_a_wrong_default_is_improved(kit: Any, market: Dataset, tmp_path: Path) -> None:
    job = kit.quick_job(market, "xgboost", members=ModelSettings(xgboost=kit.FEEBLE))
    settings = kit.QUICK.model_copy(update={"trials": 8, "pruner": "none", "joint_trials": 2, "ensemble_trials": 0})
    result = tune(job, kit.known(market), settings, kit.InProcess(), tmp_path)
    assert not result.kept_default
    stage = result.stages[-1]
    assert stage.chosen.score > stage.trials[0].score + 0.05
    assert result.settings.members.xgboost != kit.FEEBLE
    assert result.settings.tuning.trials == len(result.trials) == 10


def test_noise_keeps_the_default(kit: Any, tmp_path: Path) -> None:
    data = kit.plant(skill=0.5, seed=5)
    settings = kit.QUICK.model_copy(update={"margin": 3.0, "pruner": "none", "joint_trials": 0})
    result = tune(kit.quick_job(data, "logistic", "xgboost"), kit.known(data), settings, kit.InProcess(), tmp_path)
    assert result.kept_default
    assert "kept" in result.words


def test_later_rows_and_labels_are_never_looked_at(
    kit: Any, market: Dataset, searched: tuple[TuningResult, Path], tmp_path: Path
) -> None:
    rows = kit.known(market)
    last = market.labels.end[rows].max()
    later = market.panel.time > last
    hidden = np.ones(len(market), dtype=bool)
    hidden[rows] = False
    features = market.features.copy()
    features[later] = 1e6
    labels = replace(
        market.labels,
        direction=np.where(hidden, 1.0, market.labels.direction),
        forward_return=np.where(hidden, 9.0, market.labels.forward_return),
    )
    panel = replace(market.panel, adj_close=np.where(later, 1e-3, market.panel.adj_close))
    poisoned = replace(market, features=features, labels=labels, panel=panel)
    result = tune(kit.quick_job(poisoned, "logistic", "xgboost"), rows, kit.QUICK, kit.InProcess(), tmp_path)
    assert same(result, searched[0])


@pytest.mark.parametrize("after", [7, *(pytest.param(after, marks=pytest.mark.slow) for after in (23, 45))])
def test_a_cut_search_goes_on_to_the_same_end(
    kit: Any, market: Dataset, searched: tuple[TuningResult, Path], tmp_path: Path, after: int
) -> None:
    job = kit.quick_job(market, "logistic", "xgboost")
    with pytest.raises(KeyboardInterrupt):
        tune(job, kit.known(market), kit.QUICK, kit.InProcess(after), tmp_path)
    engine = kit.InProcess()
    assert same(tune(job, kit.known(market), kit.QUICK, engine, tmp_path), searched[0])
    whole = kit.InProcess()
    tune(job, kit.known(market), kit.QUICK, whole, tmp_path)
    assert whole.count < engine.count


def test_a_finished_search_fits_nothing_again(
    kit: Any, market: Dataset, searched: tuple[TuningResult, Path], tmp_path: Path
) -> None:
    result, folder = searched
    shutil.copytree(folder, tmp_path / "copy")
    engine = kit.InProcess()
    again = tune(kit.quick_job(market, "logistic", "xgboost"), kit.known(market), kit.QUICK, engine, tmp_path / "copy")
    assert engine.count == kit.QUICK.splits  # the splits are prepared, no trial is done
    assert same(again, result)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"data": True}, "data"), ({"margin": 2.0}, "settings"), ({"code": True}, "code")],
)
def test_another_search_does_not_go_on_in_its_place(
    kit: Any,
    market: Dataset,
    searched: tuple[TuningResult, Path],
    tmp_path: Path,
    change: dict[str, object],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(searched[1], tmp_path / "copy")
    rows = kit.known(market)[:-5] if change.pop("data", False) else kit.known(market)
    if change.pop("code", False):
        monkeypatch.setattr("tradewind.training.tuning.search.source_id", lambda: "another")
    settings = kit.QUICK.model_copy(update=change)
    with pytest.raises(UsageError, match=f"other {named}.*--out"):
        tune(kit.quick_job(market, "logistic", "xgboost"), rows, settings, kit.InProcess(), tmp_path / "copy")


def test_more_trials_may_be_asked_for(
    kit: Any, market: Dataset, searched: tuple[TuningResult, Path], tmp_path: Path
) -> None:
    shutil.copytree(searched[1], tmp_path / "copy")
    more = kit.QUICK.model_copy(update={"trials": 6})
    result = tune(
        kit.quick_job(market, "logistic", "xgboost"), kit.known(market), more, kit.InProcess(), tmp_path / "copy"
    )
    assert len(result.stages[0].trials) == 6
    assert [t.params for t in result.stages[0].trials[:5]] == [t.params for t in searched[0].stages[0].trials]
    assert result.settings.tuning.trials >= searched[0].settings.tuning.trials + 2


def test_a_failing_trial_is_recorded_and_the_search_goes_on(
    kit: Any, market: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradewind.models import LogisticForecaster

    fit = LogisticForecaster.fit

    def sometimes(self: LogisticForecaster, data: Dataset, rows: np.ndarray) -> LogisticForecaster:
        if self.settings.l2 > LogisticSettings().l2:
            raise RuntimeError("too stiff")
        return fit(self, data, rows)

    monkeypatch.setattr(LogisticForecaster, "fit", sometimes)
    settings = kit.QUICK.model_copy(update={"trials": 8, "joint_trials": 0, "ensemble_trials": 0, "sampler": "grid"})
    result = tune(kit.quick_job(market), kit.known(market), settings, kit.InProcess(), tmp_path)
    failed = [trial for trial in result.trials if trial.state == "failed"]
    assert failed
    assert all(trial.reason == "RuntimeError: too stiff" for trial in failed)
    assert all(trial.params["l2"] > LogisticSettings().l2 for trial in failed)
    assert result.stages[0].to_dict()["failed"] == len(failed)


def test_all_failing_is_one_clear_error(
    kit: Any, market: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradewind.models import LogisticForecaster

    def never(self: LogisticForecaster, data: Dataset, rows: np.ndarray) -> LogisticForecaster:
        raise RuntimeError("no luck")

    monkeypatch.setattr(LogisticForecaster, "fit", never)
    with pytest.raises(InputError, match=r"every trial of logistic failed.*no luck"):
        tune(kit.quick_job(market), kit.known(market), kit.QUICK, kit.InProcess(), tmp_path)


def test_too_short_a_window_is_refused(kit: Any, market: Dataset, tmp_path: Path) -> None:
    rows = np.flatnonzero(market.labels.end <= market.panel.times[15])
    with pytest.raises(UsageError, match=r"too few for|too few|blocks"):
        tune(kit.quick_job(market), rows, kit.QUICK, kit.InProcess(), tmp_path)
    with pytest.raises(InputError, match="labelled bars"):
        tune(kit.quick_job(market), rows[:20], kit.QUICK, kit.InProcess(), tmp_path)


def test_a_timeout_still_judges_every_default(kit: Any, market: Dataset, tmp_path: Path) -> None:
    settings = kit.QUICK.model_copy(update={"timeout": 1e-6})
    said: list[str] = []
    result = tune(
        kit.quick_job(market, "logistic", "xgboost"),
        kit.known(market),
        settings,
        kit.InProcess(),
        tmp_path,
        said.append,
    )
    assert all(stage.trials[0].state == "complete" for stage in result.stages)
    assert len(result.stages[0].trials) == kit.QUICK.batch
    assert any("time is up" in line for line in said)


def test_a_model_without_ranges_stays_as_it_is(kit: Any, market: Dataset, tmp_path: Path) -> None:
    result = tune(
        kit.quick_job(market, "logistic", "reversal"), kit.known(market), kit.QUICK, kit.InProcess(), tmp_path
    )
    assert [len(stage.trials) for stage in result.stages[:2]] == [kit.QUICK.trials, 1]


def test_files_hold_the_search(kit: Any, searched: tuple[TuningResult, Path], tmp_path: Path) -> None:
    result, folder = searched
    write_search(result, tmp_path)
    assert TrainingSettings.from_toml(tmp_path / "tuned.toml") == result.settings
    frame = pl.read_parquet(tmp_path / "trials.parquet")
    assert frame.height == result.settings.tuning.trials
    complete = frame.filter(pl.col("state") == "complete", pl.col("stage") == "members")
    assert set(complete["splits"].list.len()) == {kit.QUICK.splits}
    page = (tmp_path / "search.html").read_text()
    assert page.count("<svg") >= 2 * len(result.stages)
    assert "http" not in page.replace("http://www.w3.org", "")
    with sqlite3.connect(folder / "study.db") as db:
        assert db.execute("select count(*) from trials").fetchone() == (frame.height,)
    db.close()


def test_pruning_gives_trials_up_and_never_the_default(kit: Any, market: Dataset, tmp_path: Path) -> None:
    job = kit.quick_job(market, "xgboost", members=ModelSettings(xgboost=kit.FEEBLE))
    settings = TuningSettings(trials=10, ensemble_trials=0, joint_trials=0, sampler="random", batch=5)
    engine = kit.InProcess()
    result = tune(job, kit.known(market), settings, engine, tmp_path)
    pruned = [trial for trial in result.trials if trial.state == "pruned"]
    assert pruned
    assert all(2 <= len(trial.splits) < settings.splits for trial in pruned)
    assert all("not among the best" in trial.reason for trial in pruned)
    assert result.trials[0].state == "complete"
    assert engine.count < settings.splits * (1 + settings.trials)


def test_forest_ranges_are_those_that_were_asked_for() -> None:
    from tradewind.training.tuning.space_models import space_of

    space = space_of("random_forest", ModelSettings())
    assert set(space) <= set(RandomForestSettings.model_fields)


def test_a_split_is_prepared_as_a_model_is_trained(market: Dataset, kit: Any) -> None:
    """Members fitted on a prepared split forecast what a model trained on the split's rows forecasts."""
    from tradewind.training import fit_model
    from tradewind.training.fairness import FairnessSettings
    from tradewind.training.tuning.splits import Preparation, cut_splits, training_part
    from tradewind.training.tuning.work import FitWork, Task

    panel = replace(market.panel, sectors=("x", "y") * 5)
    job = kit.quick_job(replace(market, panel=panel), "logistic", "xgboost")
    settings = job.settings.model_copy(update={"fairness": FairnessSettings(parity=0.5, reweight=True)})
    data, rows = training_part(replace(job, settings=settings), kit.known(market))
    pair = cut_splits(data, rows, kit.QUICK)[2]
    split = Preparation(data=data, news=None, settings=settings, periods=4)(pair)
    work = FitWork(splits=(split,), measure="ic")
    model = fit_model(data, pair[0], settings)
    expected = model.forecast(data, pair[1])
    for name in ("xgboost", "logistic", ""):
        done = work(Task(settings=settings, split=0, model=name))
        assert done.reason == ""
        assert done.probability is not None
        np.testing.assert_allclose(done.probability, expected[name or "ensemble"].probability, rtol=1e-6)


@pytest.mark.slow
def test_two_processes_find_what_one_does(
    kit: Any, market: Dataset, searched: tuple[TuningResult, Path], tmp_path: Path
) -> None:
    from tradewind.training.engine import LocalEngine

    job = kit.quick_job(market, "logistic", "xgboost")
    assert same(tune(job, kit.known(market), kit.QUICK, LocalEngine(2), tmp_path), searched[0])
