"""On markets with planted skill a student keeps it and rests on the same features; the future teaches it nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset, InputError, Labels
from tradewind.data import MarketSettings, simulate
from tradewind.evaluation import BootstrapSettings
from tradewind.explain.distillation import (
    DistillationSettings,
    Distilled,
    compare_importance,
    distil,
    measure_fidelity,
    skill_kept,
)
from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings, RandomForestSettings, XGBoostSettings
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model
from tradewind.validation import Split, holdout

pytestmark = pytest.mark.slow

TEACHER = TrainingSettings(
    models=("xgboost", "random_forest"),
    baselines=("always_up",),
    selection=SelectionSettings(n_features=15),
    ensemble=EnsembleSettings(inner_folds=2),
    members=ModelSettings(
        xgboost=XGBoostSettings(rounds=60, return_rounds=20, learning_rate=0.1),
        random_forest=RandomForestSettings(n_trees=30),
    ),
)
STUDENT = DistillationSettings(rounds=60, trees=6, importance_rows=400, draws=200)
FEATURES = (
    "return_1", "return_5", "return_10", "return_20", "sma_ratio_5", "ema_ratio_10", "rsi_14", "williams_r_14",
    "realised_volatility_20", "realised_volatility_60", "stochastic_k_14", "cci_20",
)  # fmt: skip
TRAIN_END = "2013-03-28"


def market_of(ceiling: float, seed: int = 3) -> tuple[Dataset, Split]:
    market = simulate(MarketSettings(kind="momentum", n_symbols=12, n_days=500, ceiling=ceiling, seed=seed))
    data = build_dataset(market.panel, names=FEATURES)
    return data, holdout(data.labels.start, data.labels.end, TRAIN_END, "2013-04-01", "2013-12-20")


@pytest.fixture(scope="module")
def market() -> tuple[Dataset, Split]:
    return market_of(0.7)


@pytest.fixture(scope="module")
def teacher(market) -> TrainedModel:
    data, split = market
    return fit_model(data, split.train, TEACHER)


@pytest.fixture(scope="module")
def distilled(market, teacher: TrainedModel) -> Distilled:
    return distil(teacher, market[0], TRAIN_END, settings=STUDENT)


def test_a_student_keeps_planted_skill_and_its_features(market, teacher: TrainedModel, distilled: Distilled):
    data, split = market
    found = measure_fidelity(distilled, teacher, data, split.test, settings=STUDENT)
    accuracy = found.skill[0]
    assert accuracy.teacher.lower > 0.1  # the planted skill is there to keep
    for kept in found.skill:
        assert kept.meaningful
        assert kept.share.value >= 0.94, kept.words
        assert kept.share.lower <= kept.share.value <= kept.share.upper
        assert "reaches the goal" in kept.words
    assert found.agreement.value > 0.95
    assert found.kappa > 0.9
    assert found.correlation > 0.95
    assert found.importance.overlap >= 0.8
    first = [max(side, key=side.__getitem__) for side in (found.importance.teacher, found.importance.student)]
    assert first == ["return_5", "return_5"]
    table = found.table
    assert len(table) == len(split.test)
    assert found.review.height == table["flagged"].sum() > 0
    sides = (table["teacher_probability"] > 0.5) == (table["student_probability"] > 0.5)
    assert (sides == table["agrees"]).all()
    wanted = ~table["agrees"].to_numpy() | (table["distance"].to_numpy() > distilled.agreement.limit)
    np.testing.assert_array_equal(table["flagged"].to_numpy(), wanted)
    assert (found.review["cause"] != "").all()
    assert found.review["reason"].str.contains("return_5").any()


def test_the_trials_cover_every_form_and_lesson_and_the_choice_is_near_the_best(distilled: Distilled):
    trials = distilled.trials
    assert {trial.kind for trial in trials} == {"linear", "gam", "forest"}
    assert {trial.lesson for trial in trials} == {"in_use", "out_of_fold"}
    best = max(trial.score for trial in trials)
    assert distilled.chosen.score >= best - STUDENT.tolerance
    assert len(distilled.student.names) == distilled.chosen.size <= 20
    again = distilled.student.record
    assert again["lesson"] == distilled.chosen.lesson
    assert again["taught_until"][:10] == TRAIN_END


def test_what_comes_after_the_end_of_training_changes_no_student(market, distilled: Distilled):
    data, split = market
    later = data.panel.time > np.datetime64(TRAIN_END)
    rng = np.random.default_rng(0)
    poisoned_panel = replace(data.panel, adj_close=np.where(later, 1e6, data.panel.adj_close))
    labels = data.labels
    unknown = labels.end > np.datetime64(TRAIN_END)
    poisoned = replace(
        data,
        panel=poisoned_panel,
        features=np.where(later[:, None], rng.normal(50, 9, data.features.shape), data.features).astype(np.float32),
        labels=Labels(
            start=labels.start,
            end=labels.end,
            direction=np.where(unknown, 1.0 - labels.direction, labels.direction),
            forward_return=np.where(unknown, 9.0, labels.forward_return),
            horizon=labels.horizon,
        ),
    )
    teacher = fit_model(poisoned, split.train, TEACHER)
    other = distil(teacher, poisoned, TRAIN_END, settings=STUDENT)
    assert other.trials == distilled.trials
    assert other.student.form.to_dict() == distilled.student.form.to_dict()
    assert other.agreement == distilled.agreement


def test_a_loaded_teacher_teaches_without_out_of_fold_forecasts(market, teacher: TrainedModel, tmp_path):
    teacher.save(tmp_path / "model")
    quick = STUDENT.model_copy(update={"kind": "linear"})
    found = distil(TrainedModel.load(tmp_path / "model"), market[0], TRAIN_END, settings=quick)
    assert {trial.lesson for trial in found.trials} == {"in_use"}
    assert {trial.kind for trial in found.trials} == {"linear"}


def test_rows_that_were_learned_from_are_refused(market, teacher: TrainedModel, distilled: Distilled):
    data, split = market
    for rows, words in ((split.train[-5:], "not later than"), (split.train[:0], "no test rows")):
        with pytest.raises(InputError, match=words):
            measure_fidelity(distilled, teacher, data, rows)
    with pytest.raises(InputError, match="are needed to teach"):
        distil(teacher, data, "2012-01-04")


def test_without_skill_no_share_is_claimed():
    rng = np.random.default_rng(5)
    n = 4000
    time = np.repeat(np.arange("2013-01-01", "2013-07-20", dtype="datetime64[D]"), 20)[:n].astype("datetime64[us]")
    direction = rng.integers(0, 2, n).astype(np.float64)
    odds = rng.normal(size=n), rng.normal(size=n)
    sides = tuple(1 / (1 + np.exp(-one)) for one in odds)
    facts = (direction, rng.normal(size=n), time)
    found = skill_kept(sides, odds, facts, BootstrapSettings(draws=200))
    assert not any(kept.meaningful for kept in found)
    assert all("within its error of zero" in kept.words for kept in found)
    none = skill_kept(sides, odds, (np.full(n, np.nan), np.full(n, np.nan), time), BootstrapSettings(draws=200))
    assert all("cannot be measured" in kept.words for kept in none)


def test_a_student_that_copies_keeps_all_and_one_that_guesses_keeps_nothing():
    rng = np.random.default_rng(6)
    n = 6000
    time = np.repeat(np.arange("2013-01-01", "2013-10-28", dtype="datetime64[D]"), 20)[:n].astype("datetime64[us]")
    signal = rng.normal(size=n)
    direction = (rng.random(n) < np.where(signal > 0, 0.7, 0.3)).astype(np.float64)
    facts = (direction, np.where(direction > 0.5, 0.01, -0.01), time)
    side, guess = 1 / (1 + np.exp(-signal)), rng.random(n)
    same = skill_kept((side, side), (signal, signal), facts, BootstrapSettings(draws=200))
    assert [kept.share.value for kept in same] == [1.0] * 4
    assert [kept.share.lower for kept in same] == [1.0] * 4
    assert same[0].teacher.value == pytest.approx(0.2, abs=0.02)
    lost = skill_kept((side, guess), (signal, guess - 0.5), facts, BootstrapSettings(draws=200))
    assert all(abs(kept.share.value) < 0.2 and "misses the goal" in kept.words for kept in lost)


def test_importance_finds_what_a_model_reads(market):
    data, split = market
    filled = data.with_features(np.nan_to_num(data.features), data.names)
    first = compare_importance(
        filled, split.test[:200], lambda d, r: d.features[r, 1] * 2.0, lambda d, r: d.features[r, 1] * 1.0, 0
    )
    assert first.overlap == 1.0
    assert first.rank_correlation == pytest.approx(1.0)
    assert {name for name, value in first.teacher.items() if value > 0} == {"return_5"}
    other = compare_importance(
        filled, split.test[:200], lambda d, r: d.features[r, 1] * 2.0, lambda d, r: d.features[r, 2] * 1.0, 0
    )
    assert other.overlap == 0.0


def test_sizes_must_rise():
    with pytest.raises(ValueError, match="rising"):
        DistillationSettings(sizes=(10, 5))
