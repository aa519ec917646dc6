"""Shifts close the gap they were fitted on, keep the order within groups, and travel with a trained model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings, XGBoostSettings
from tradewind.training import ENSEMBLE, FairnessSettings, TrainedModel, TrainingSettings, fit_model
from tradewind.training.fairness import known_groups
from tradewind.training.group_shift import GroupShift

FAIR = TrainingSettings(
    models=("xgboost",),
    baselines=("always_up",),
    selection=SelectionSettings(n_features=8),
    ensemble=EnsembleSettings(inner_folds=2),
    members=ModelSettings(xgboost=XGBoostSettings(rounds=20, return_rounds=5, learning_rate=0.1)),
    fairness=FairnessSettings(equalise="parity"),
)


def drawn(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    odds = rng.normal(0, 0.5, n) + (group == "a") * rng.normal() + (group == "b") * rng.normal()
    return 1 / (1 + np.exp(-odds)), group, rng.integers(0, 2, n).astype(np.float64)


def shares(probability: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.array([(probability[group == name] > 0.5).mean() for name in ("a", "b", "c")])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_parity_is_reached_where_it_was_fitted(seed: int) -> None:
    probability, group, direction = drawn(seed)
    moved = GroupShift.fit(probability, group, direction, "parity").apply(probability, group)
    assert np.ptp(shares(moved, group)) < 0.01  # a group's share moves in steps of one row
    assert (moved > 0.5).mean() == pytest.approx((probability > 0.5).mean(), abs=0.01)
    for name in ("a", "b", "c"):
        own = group == name
        assert np.array_equal(np.argsort(moved[own], kind="stable"), np.argsort(probability[own], kind="stable"))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_opportunity_is_reached_among_the_rows_that_rose(seed: int) -> None:
    probability, group, direction = drawn(seed)
    moved = GroupShift.fit(probability, group, direction, "opportunity").apply(probability, group)
    rose = direction == 1.0
    assert np.ptp(shares(moved[rose], group[rose])) < 0.02


def test_unknown_and_small_groups_keep_their_forecasts_bit_for_bit() -> None:
    probability, group, direction = drawn(3)
    group[:50], group[50:90] = "unknown", "tiny"
    shift = GroupShift.fit(probability, group, direction, "parity")
    assert set(shift.shifts) == {"a", "b", "c"}
    assert np.array_equal(shift.apply(probability, group)[:90], probability[:90])


def test_one_group_alone_is_not_shifted() -> None:
    probability, _, direction = drawn(3)
    assert GroupShift.fit(probability, np.full(1500, "a"), direction, "parity").shifts == {}


def test_a_trained_model_carries_its_shift(fitted, tmp_path) -> None:
    data, train, test = fitted.data, fitted.train, fitted.test
    panel = replace(data.panel, sectors=("Tech", "Energy") * 4)
    data = replace(data, panel=panel)
    model = fit_model(data, train, FAIR)
    plain = fit_model(data, train, FAIR.model_copy(update={"fairness": FairnessSettings()}))
    assert model.shift is not None
    assert plain.shift is None
    before, after = (one.forecast(data, test)[ENSEMBLE].probability for one in (plain, model))
    group = known_groups(panel, "sector")[test]
    assert np.array_equal(after, model.shift.apply(before, group))
    oof = model.ensemble.oof
    own = known_groups(panel, "sector")[oof.rows]
    even = model.shift.apply(oof.ensemble.probability, own)
    assert abs((even[own == "Tech"] > 0.5).mean() - (even[own == "Energy"] > 0.5).mean()) < 0.01
    model.save(tmp_path / "model")
    again = TrainedModel.load(tmp_path / "model")
    assert np.array_equal(again.forecast(data, test)[ENSEMBLE].probability, after)
