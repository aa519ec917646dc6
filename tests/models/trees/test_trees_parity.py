"""The parity penalty of boosting: its derivatives, and what it does to groups that forecasts tell apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset
from tradewind.models import RandomForestForecaster, RandomForestSettings, XGBoostForecaster, XGBoostSettings
from tradewind.models.trees.parity import ParityObjective


def objective(strength: float, m: int = 60) -> tuple[ParityObjective, np.ndarray]:
    rng = np.random.default_rng(2)
    made = ParityObjective(
        direction=(rng.random(m) < 0.5).astype(float),
        weight=rng.uniform(0.2, 2.0, m),
        group=rng.choice([-1, 4, 9], m, p=[0.2, 0.3, 0.5]),
        strength=strength,
        step=0.1,
    )
    return made, rng.normal(0.0, 1.5, m)


@pytest.mark.parametrize("strength", [0.0, 0.7, 25.0])
def test_gradient_equals_finite_differences(strength):
    made, margin = objective(strength)
    gradient, hessian = made.derivatives(margin)
    step = 1e-6
    for i in range(len(margin)):
        up, down = margin.copy(), margin.copy()
        up[i] += step
        down[i] -= step
        assert gradient[i] == pytest.approx((made.loss(up) - made.loss(down)) / (2 * step), abs=2e-7, rel=1e-5)
    assert (hessian > 0.0).all()


def test_loss_is_log_loss_plus_the_penalty_as_defined():
    made, margin = objective(3.0)
    p = 1.0 / (1.0 + np.exp(-margin))
    log_loss = -np.sum(made.weight * (made.direction * np.log(p) + (1 - made.direction) * np.log(1 - p)))
    spread = sum(np.mean(made.group == g) * (p[made.group == g].mean() - p.mean()) ** 2 for g in np.unique(made.group))
    assert made.loss(margin) == pytest.approx(log_loss + 3.0 * len(p) * spread, rel=1e-12)


def test_step_of_a_booster_never_overshoots_a_strong_penalty():
    made, margin = objective(1e4)
    flat = replace(made, weight=np.full_like(made.weight, 1e-12))
    for _ in range(200):
        gradient, hessian = flat.derivatives(margin)
        before, margin = flat.loss(margin), margin - flat.step * gradient / hessian
        assert flat.loss(margin) <= before


@pytest.fixture(scope="module")
def unequal(planted) -> Dataset:
    """Return a market of two groups; feature 1 tells them apart, and one group rises more often."""
    data = planted(0.68, lengths=(400,) * 6, seed=3)
    rng = np.random.default_rng(8)
    group = (data.panel.symbol_code >= 3).astype(np.int64)
    features = data.features.copy()
    features[:, 1] = group + rng.normal(0, 0.3, len(data))
    flip = (rng.random(len(data)) < 0.5) & (group == 1) & (data.labels.direction == 0.0)
    direction = np.where(flip, 1.0, data.labels.direction)
    return replace(data, features=features, group=group, labels=replace(data.labels, direction=direction))


def gap_and_accuracy(data: Dataset, parity: float, rows: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    train, test = rows
    settings = XGBoostSettings(rounds=100, learning_rate=0.1, feature_share=0.6, parity=parity)
    p = XGBoostForecaster(settings).fit(data, train).predict(data, test).probability
    group, rise = data.group[test], data.labels.direction[test]
    return abs(p[group == 1].mean() - p[group == 0].mean()), float(np.mean((p > 0.5) == rise))


def test_gap_shrinks_as_parity_grows_and_accuracy_falls_little(unequal, train_test):
    rows = train_test(unequal)
    gaps, accuracies = zip(*(gap_and_accuracy(unequal, s, rows) for s in (0.0, 1.0, 5.0, 25.0)), strict=True)
    assert gaps[0] > 0.1
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3]
    assert gaps[3] < 0.2 * gaps[0]
    assert accuracies[0] > 0.6
    assert min(accuracies) > accuracies[0] - 0.08


def test_without_groups_or_strength_the_forecasts_are_those_of_the_plain_loss(unequal, train_test):
    train, test = train_test(unequal)
    plain = replace(unequal, group=None)
    base = XGBoostForecaster(XGBoostSettings(rounds=20)).fit(plain, train).predict(plain, test)
    no_groups = XGBoostForecaster(XGBoostSettings(rounds=20, parity=5.0)).fit(plain, train).predict(plain, test)
    no_strength = XGBoostForecaster(XGBoostSettings(rounds=20)).fit(unequal, train).predict(unequal, test)
    np.testing.assert_array_equal(base.probability, no_groups.probability)
    np.testing.assert_array_equal(base.probability, no_strength.probability)


def test_penalised_booster_is_saved_and_read_back(unequal, train_test, tmp_path):
    train, test = train_test(unequal)
    model = XGBoostForecaster(XGBoostSettings(rounds=20, parity=5.0)).fit(unequal, train)
    model.save(tmp_path)
    again = XGBoostForecaster.load(tmp_path)
    np.testing.assert_array_equal(model.predict(unequal, test).probability, again.predict(unequal, test).probability)
    assert 0.0 < model.predict(unequal, test).probability.min() < 0.5  # probabilities, not log odds


def test_l1_and_the_least_rows_of_a_split_make_forecasts_flatter(market, train_test):
    train, test = train_test(market)

    def width(model) -> float:
        return float(np.ptp(model.fit(market, train).predict(market, test).probability))

    assert width(XGBoostForecaster(XGBoostSettings(rounds=30, l1=20.0))) < width(
        XGBoostForecaster(XGBoostSettings(rounds=30))
    )
    assert width(RandomForestForecaster(RandomForestSettings(n_trees=20, min_samples_split=400))) < width(
        RandomForestForecaster(RandomForestSettings(n_trees=20))
    )
