"""Trees read from the engines: the table's output is the engine's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import NotFittedError, UsageError
from tradewind.models import (
    CatBoostForecaster,
    CatBoostSettings,
    LightGBMForecaster,
    LightGBMSettings,
    LogisticForecaster,
    RandomForestForecaster,
    RandomForestSettings,
    XGBoostForecaster,
    XGBoostSettings,
    load_model,
)
from tradewind.models.trees.table import Tree, TreeModel, TreeTable, at_most, below

MODELS = {
    "random_forest": lambda: RandomForestForecaster(RandomForestSettings(n_trees=25, max_depth=6)),
    "xgboost": lambda: XGBoostForecaster(XGBoostSettings(rounds=50, return_rounds=2, max_depth=4, leaf_share=0.01)),
    "lightgbm": lambda: LightGBMForecaster(LightGBMSettings(rounds=50, return_rounds=2, leaf_share=0.01)),
    "catboost": lambda: CatBoostForecaster(CatBoostSettings(rounds=50, return_rounds=2, max_depth=5)),
}
EXACT = {"random_forest": 1e-12, "xgboost": 1e-6, "lightgbm": 1e-12, "catboost": 1e-12}
every_model = pytest.mark.parametrize("name", sorted(MODELS))


def engine_output(name, model, values):
    """Return the direction of ``values`` by the engine's own code, before the link of a booster."""
    if name == "random_forest":
        return model._fitted().predict(np.ascontiguousarray(values))[0]
    booster = model._fitted()[0]
    if name == "xgboost":
        import xgboost

        return booster.predict(xgboost.DMatrix(values), output_margin=True).astype(np.float64)
    if name == "lightgbm":
        return booster.predict(values, raw_score=True)
    return booster.predict(values, prediction_type="RawFormulaVal")


@pytest.fixture(scope="module")
def models(market, train_test):
    """Return fitted tree models by name."""
    train, _ = train_test(market)
    return {name: make().fit(market, train) for name, make in MODELS.items()}


@every_model
def test_output_is_the_engines_own(name, models, market):
    table = models[name].direction_trees()
    own = engine_output(name, models[name], market.features)
    np.testing.assert_allclose(table.output(market.features), own, rtol=0, atol=EXACT[name])
    assert np.ptp(own) > 0.01
    assert table.scale == ("probability" if name == "random_forest" else "log_odds")


@every_model
def test_values_that_lie_on_a_threshold_go_where_the_engine_sends_them(name, models, market):
    table = models[name].direction_trees()
    inner = np.flatnonzero(table.feature >= 0)
    rng = np.random.default_rng(0)
    picked = rng.choice(inner, min(200, len(inner)), replace=False)
    at = market.features[rng.integers(0, len(market), 3 * len(picked))]
    steps = (np.float32(-np.inf), None, np.float32(np.inf))
    for place, (node, step) in enumerate((node, step) for node in picked for step in steps):
        bound = table.threshold[node]
        at[place, table.feature[node]] = bound if step is None else np.nextafter(bound, step)
    np.testing.assert_allclose(table.output(at), engine_output(name, models[name], at), rtol=0, atol=EXACT[name])


@every_model
def test_a_loaded_model_has_the_same_trees(name, models, market, tmp_path):
    models[name].save(tmp_path / "model")
    again = load_model(tmp_path / "model").direction_trees()
    np.testing.assert_array_equal(again.output(market.features), models[name].direction_trees().output(market.features))


@every_model
def test_a_second_fit_has_trees_of_its_own(name, market, planted, train_test):
    model = MODELS[name]().fit(market, train_test(market)[0])
    model.direction_trees()
    other = planted(0.7, seed=9)
    model.fit(other, train_test(other)[0])
    own = engine_output(name, model, market.features)
    np.testing.assert_allclose(model.direction_trees().output(market.features), own, rtol=0, atol=EXACT[name])


@every_model
def test_one_class_makes_trees_without_an_opinion_on_columns(name, market, train_test):
    train, test = train_test(market)
    rising = train[market.labels.direction[train] == 1.0]
    model = MODELS[name]().fit(market, rising)
    found = model.direction_trees().output(market.features[test])
    chance = model.predict(market, test).probability
    if name != "random_forest":
        found = 1.0 / (1.0 + np.exp(-found))
    np.testing.assert_allclose(found, chance, rtol=0, atol=1e-6)
    assert np.isfinite(found).all()


def test_trees_of_a_parity_penalty_are_read_with_its_start(market, train_test):
    train, _ = train_test(market)
    grouped = replace(market, group=market.panel.symbol_code.astype(np.int64) % 2)
    model = XGBoostForecaster(XGBoostSettings(rounds=30, return_rounds=2, parity=3.0)).fit(grouped, train)
    own = engine_output("xgboost", model, market.features)
    np.testing.assert_allclose(model.direction_trees().output(market.features), own, rtol=0, atol=1e-6)


@every_model
def test_tree_models_say_so_and_refuse_before_a_fit(name):
    assert isinstance(MODELS[name](), TreeModel)
    with pytest.raises(NotFittedError):
        MODELS[name]().direction_trees()


def test_models_without_trees_are_told_apart():
    assert not isinstance(LogisticForecaster(), TreeModel)


finite32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(finite32, st.one_of(st.floats(-1e30, 1e30), finite32))
def test_float32_bounds_keep_every_comparison(x, threshold):
    value = np.float32(x)
    for shift in (np.float32(-np.inf), np.float32(np.inf), None):
        near = np.float32(threshold) if shift is None else np.nextafter(np.float32(threshold), shift)
        for candidate in (value, near):
            assert (candidate <= at_most(threshold)) == (float(candidate) <= threshold)
            assert (candidate <= below(threshold)) == (float(candidate) < threshold)


@pytest.mark.parametrize("threshold", [1e300, -1e300, np.inf, -np.inf, 3.4028234663852886e38, -3.4028234663852886e38])
def test_thresholds_beyond_float32_decide_the_same(threshold):
    most = np.finfo(np.float32).max
    for x in np.array([-most, -1.0, -0.0, 0.0, 1e-45, most], dtype=np.float32):
        assert (x <= at_most(threshold)) == (float(x) <= threshold)
        assert (x <= below(threshold)) == (float(x) < threshold)


STUMP = Tree(
    feature=np.array([1, -1, -1]),
    threshold=np.array([0.5, 0.0, 0.0]),
    left=np.array([1, -1, -1]),
    right=np.array([2, -1, -1]),
    value=np.array([0.0, -1.0, 2.0]),
)


def test_trees_are_joined_in_order_and_a_table_without_trees_is_a_constant():
    table = TreeTable.joined([STUMP, STUMP], base=0.25, scale="log_odds")
    assert (len(table), table.n_columns) == (2, 2)
    np.testing.assert_array_equal(table.output(np.array([[9.0, 0.5], [9.0, 0.6]])), [-1.75, 4.25])
    empty = TreeTable.joined([], base=0.25, scale="log_odds")
    assert (len(empty), empty.n_columns) == (0, 0)
    np.testing.assert_array_equal(empty.output(np.zeros((3, 2))), [0.25] * 3)


def test_rows_that_do_not_fit_are_refused_by_place():
    table = TreeTable.joined([STUMP], base=0.0, scale="log_odds")
    with pytest.raises(UsageError, match="2 columns"):
        table.output(np.zeros((3, 1)))
    with pytest.raises(UsageError, match=r"row 2.*not finite"):
        table.output(np.array([[0.0, 0.0], [0.0, np.nan]]))


def test_arrays_that_do_not_fit_together_are_refused():
    table = TreeTable.joined([STUMP], base=0.0, scale="log_odds")
    with pytest.raises(ValueError, match="left"):
        replace(table, left=table.left[:2])
    with pytest.raises(ValueError, match="before its parent"):
        replace(table, left=np.zeros(3, dtype=np.int32))
