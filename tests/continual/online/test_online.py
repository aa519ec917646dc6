"""Online learners read nothing before it is known, remember within a bound, and come back from disk without code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier

from tradewind.continual.online import Online, OnlineSettings
from tradewind.continual.online.rivers import forecast_rows, learn_rows, logistic_from, logistic_numbers
from tradewind.continual.protocol import Experience
from tradewind.continual.schedule import ScheduleSettings
from tradewind.core import InputError, NotFittedError

KINDS = ["logistic", "tree", "forest", "bagging"]


def of(kind, **more):
    return Online(OnlineSettings(kind=kind, members=2, **more))


def changed(one, **columns):
    return Experience(**(vars(one) | columns))


@pytest.mark.parametrize("kind", KINDS)
def test_learns_the_rule(kind, make_planted):
    learner, one = of(kind).learn(make_planted("momentum", 1)), make_planted("momentum", 11, days=20)
    chance = learner.predict(one.features, one.context)
    assert ((chance > 0.5) == (one.direction > 0.5)).mean() > 0.65
    assert ((chance >= 0.0) & (chance <= 1.0)).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_learner_forecasts_and_learns_on_alike(kind, make_planted, tmp_path):
    learner = of(kind, kept=300).learn(make_planted("momentum", 1, days=50))
    learner.save(tmp_path)
    assert not list(tmp_path.glob("*.pkl"))
    again, one = Online.load(tmp_path), make_planted("momentum", 11, days=5)
    assert np.array_equal(again.predict(one.features, one.context), learner.predict(one.features, one.context))
    more = make_planted("reversal", 2, start=100, days=10)
    first, second = again.learn(more), learner.learn(more)
    assert np.array_equal(first.predict(one.features, one.context), second.predict(one.features, one.context))


@pytest.mark.parametrize("kind", ["logistic", "bagging"])
def test_no_forecast_reads_an_outcome_before_it_is_known(kind, make_planted):
    one = make_planted("momentum", 1, days=20)
    slow = changed(one, known_at=one.time + np.timedelta64(3, "D"))
    told = of(kind).follow(slow)
    cut = np.datetime64("2020-01-11", "us")
    late = np.where(slow.known_at > cut, 1.0 - slow.direction, slow.direction)
    again = of(kind).follow(changed(slow, direction=late))
    early = slow.time <= cut
    assert np.array_equal(told[early], again[early])
    assert not np.array_equal(told[~early], again[~early])
    assert (told[slow.time < slow.known_at[0]] == 0.5).all()


@pytest.mark.parametrize("kind", ["logistic", "tree"])
@pytest.mark.parametrize("cut", [4, 24])
def test_no_forecast_reads_the_features_or_regimes_of_a_later_row(kind, cut, make_planted):
    one = make_planted("momentum", 1, days=30)
    one.features[::7, 1] = np.nan
    early = one.time < one.time[0] + np.timedelta64(cut, "D")
    features = np.where(early[:, None], one.features, 40.0 * one.features + 300.0)
    regimes = np.where(early[:, None], one.regimes, one.regimes[:, ::-1])
    told = of(kind).follow(one)
    assert np.array_equal(of(kind).follow(changed(one, features=features, regimes=regimes))[early], told[early])
    assert np.array_equal(of(kind).follow(one.select(early)), told[early])


def test_following_nothing_gives_nothing(make_planted):
    one = make_planted("momentum", 1, days=5)
    assert len(of("logistic").follow(one.select(np.zeros(len(one), dtype=bool)))) == 0


def test_following_ends_where_learning_ends(make_planted):
    first, one = make_planted("momentum", 2, days=5), make_planted("momentum", 1, days=20, start=10)
    judged = make_planted("momentum", 11, days=5)
    followed, taught = of("logistic").learn(first), of("logistic").learn(first).learn(one)
    followed.follow(one)
    assert np.array_equal(followed.predict(judged.features), taught.predict(judged.features))


def test_rows_kept_are_bounded(make_planted):
    learner = of("tree", kept=100)
    for at in range(4):
        learner.learn(make_planted("momentum", at, days=10, start=20 * at))
        assert learner.kept < 200


def test_logistic_takes_the_steps_of_scikit_learn():
    rng = np.random.default_rng(0)
    inputs, rose = rng.normal(size=(200, 3)), (rng.random(200) > 0.4).astype(float)
    numbers = {
        "count": [10**12] * 3,
        "mean": [0.0] * 3,
        "variance": [1.0] * 3,
        "weight": {},
        "intercept": 0.0,
        "steps": 0,
    }
    model = logistic_from(numbers, rate=0.05)  # a scaler that has seen so much that it no longer moves
    learn_rows(model, inputs, rose)
    golden = SGDClassifier(
        loss="log_loss", alpha=0.0, learning_rate="constant", eta0=0.05, shuffle=False, max_iter=1, tol=None
    )
    golden.fit(inputs, rose)
    assert forecast_rows(model, inputs) == pytest.approx(golden.predict_proba(inputs)[:, 1], rel=1e-6)
    assert logistic_numbers(model)["steps"] == 200


def test_a_schedule_with_equal_bounds_is_a_constant_step(make_planted):
    one, judged = make_planted("momentum", 1, days=10), make_planted("momentum", 11, days=3)
    same = of("logistic", schedule=ScheduleSettings(floor=0.02, peak=0.02)).learn(one)
    assert np.array_equal(same.predict(judged.features), of("logistic", rate=0.02).learn(one).predict(judged.features))
    fast = of("logistic", schedule=ScheduleSettings(floor=0.02, peak=0.2)).learn(one)
    assert not np.array_equal(fast.predict(judged.features), same.predict(judged.features))
    with pytest.raises(ValueError, match="for kind logistic"):
        OnlineSettings(kind="tree", schedule=ScheduleSettings())


def test_what_is_wrong_is_said(make_planted):
    one = make_planted("momentum", 1, days=5)
    with pytest.raises(NotFittedError):
        of("logistic").predict(one.features)
    with pytest.raises(NotFittedError):
        of("tree").save("nowhere")
    with pytest.raises(InputError, match="3 values, 4 were learned"):
        of("logistic").learn(one).predict(one.features[:, :3])
    empty = changed(one, direction=np.full(len(one), math.nan))
    assert (of("forest").learn(empty).predict(one.features) == 0.5).all()
