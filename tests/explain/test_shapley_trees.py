"""Shapley values of forests: equal to the definition, to shap's own, and to what the axioms ask."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Dataset, Labels, Panel, UsageError
from tradewind.explain.shapley import TreeShap, brute_shapley, tree_layout, tree_shap, trees
from tradewind.models import (
    CatBoostForecaster,
    CatBoostSettings,
    LightGBMForecaster,
    LightGBMSettings,
    RandomForestForecaster,
    RandomForestSettings,
    TreeTable,
    XGBoostForecaster,
    XGBoostSettings,
)
from tradewind.models.trees.table import Tree

Q = 7
MODELS = {
    "random_forest": lambda: RandomForestForecaster(RandomForestSettings(n_trees=15, max_depth=7, leaf_share=0.002)),
    "xgboost": lambda: XGBoostForecaster(XGBoostSettings(rounds=25, return_rounds=1, max_depth=4, leaf_share=0.001)),
    "lightgbm": lambda: LightGBMForecaster(LightGBMSettings(rounds=25, return_rounds=1, leaf_share=0.01, leaves=12)),
    "catboost": lambda: CatBoostForecaster(CatBoostSettings(rounds=25, return_rounds=1, max_depth=5)),
}
every_model = pytest.mark.parametrize("name", sorted(MODELS))


@pytest.fixture(scope="module")
def learned() -> Dataset:
    """Return 900 bars of one symbol whose direction hangs on a product of columns, with columns of few values."""
    rng = np.random.default_rng(0)
    n = 900
    values = rng.normal(size=(n, Q)).astype(np.float32)
    values[:, 3] = np.round(values[:, 3])
    rise = (values[:, 0] + values[:, 1] * values[:, 2] + 0.5 * values[:, 3] + rng.normal(size=n) > 0).astype(float)
    days = np.arange(np.datetime64("2015-01-01"), np.datetime64("2015-01-01") + n)
    price = np.full(n, 40.0)
    columns = {"symbol": np.full(n, "A"), "time": days}
    panel = Panel.from_columns(columns | dict.fromkeys(("open", "high", "low", "close", "adj_close", "volume"), price))
    labels = Labels(start=panel.time, end=panel.time, direction=rise, forward_return=rise - 0.5, horizon=1)
    return Dataset(panel=panel, features=values, names=tuple(f"f{i}" for i in range(Q)), labels=labels)


@pytest.fixture(scope="module")
def tables(learned) -> dict[str, TreeTable]:
    """Return the trees of fitted models by name."""
    return {name: make().fit(learned, np.arange(700)).direction_trees() for name, make in MODELS.items()}


def brute(table: TreeTable, inputs: np.ndarray, background: np.ndarray) -> np.ndarray:
    return np.array([brute_shapley(table.output, row, background) for row in inputs])


@every_model
def test_values_are_those_of_the_definition(name, tables, learned):
    inputs, background = learned.features[700:706], learned.features[:60:2]
    values, base = tree_shap(tables[name], inputs, background)
    np.testing.assert_allclose(values, brute(tables[name], inputs, background), rtol=0, atol=1e-12)
    assert base == pytest.approx(tables[name].output(background).mean(), abs=1e-12)
    assert np.abs(values).max() > 0.01


@every_model
def test_base_and_values_sum_to_the_output(name, tables, learned):
    inputs, background = learned.features[700:], learned.features[:256]
    values, base = tree_shap(tables[name], inputs, background)
    np.testing.assert_allclose(base + values.sum(axis=1), tables[name].output(inputs), rtol=0, atol=1e-10)


@every_model
def test_deep_leaves_without_a_table_give_the_same_values(name, tables, learned, monkeypatch):
    inputs, background = learned.features[700:], learned.features[:100]
    tabled = TreeShap(tables[name], background)
    assert len(tabled._deep.value) == 0
    monkeypatch.setattr(tree_layout, "TOGETHER", 1)
    monkeypatch.setattr(tree_layout, "ALONE", 1)
    mixed = TreeShap(tables[name], background)
    assert len(mixed._deep.value) > 0
    np.testing.assert_allclose(mixed.values(inputs), tabled.values(inputs), rtol=0, atol=1e-12)


def test_tables_keep_to_the_memory_they_are_given(tables, learned, monkeypatch):
    inputs, background = learned.features[700:], learned.features[:100]
    free = TreeShap(tables["random_forest"], background)
    monkeypatch.setattr(tree_layout, "MOST_BYTES", 20_000)
    bound = TreeShap(tables["random_forest"], background)
    assert free._tables.data.nbytes > 20_000 >= bound._tables.data.nbytes
    np.testing.assert_allclose(bound.values(inputs), free.values(inputs), rtol=0, atol=1e-12)


def test_threads_and_neighbours_do_not_change_a_row(tables, learned, monkeypatch):
    ready = TreeShap(tables["random_forest"], learned.features[:100])
    rows = np.concatenate([learned.features] * 2)
    monkeypatch.setattr(trees, "thread_count", lambda: 1)
    one = ready.values(rows)
    monkeypatch.setattr(trees, "thread_count", lambda: 3)
    np.testing.assert_array_equal(ready.values(rows), one)
    np.testing.assert_array_equal(ready.values(rows[37:38]), one[37:38])


# Trees by hand: few columns and few thresholds, so that paths test a column again, also to no end.
@st.composite
def forests(draw) -> TreeTable:
    grown = []
    for _ in range(draw(st.integers(1, 3))):
        nodes: list[list[float]] = [[0, 0, 0, 0, 0]]
        depth = [0]
        for place in range(31):
            if place == len(nodes):
                break
            if depth[place] < 4 and draw(st.booleans()):
                column, threshold = draw(st.integers(0, 3)), draw(st.sampled_from([-1.0, 0.0, 0.5, 1.0]))
                nodes[place] = [column, threshold, len(nodes), len(nodes) + 1, 0.0]
                nodes += [[-1, 0, -1, -1, draw(st.integers(-8, 8))] for _ in range(2)]
                depth += [depth[place] + 1] * 2
            else:
                nodes[place] = [-1, 0, -1, -1, nodes[place][4]]
        feature, threshold, left, right, value = np.array(nodes, dtype=np.float64).T
        grown.append(Tree(feature=feature, threshold=threshold, left=left, right=right, value=value))
    return TreeTable.joined(grown, base=draw(st.integers(-2, 2)) / 2, scale="log_odds")


grid = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 3.0])
rows_of_five = st.lists(st.lists(grid, min_size=5, max_size=5), min_size=1, max_size=6).map(
    lambda rows: np.array(rows, dtype=np.float32)
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(forests(), rows_of_five, rows_of_five, st.sampled_from([(8, 10), (2, 2), (0, 0)]))
def test_any_forest_has_the_values_of_the_definition_and_none_for_a_column_it_does_not_read(
    table, inputs, background, cuts
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree_layout, "TOGETHER", cuts[0])
        patch.setattr(tree_layout, "ALONE", cuts[1])
        values, base = tree_shap(table, inputs, background)
    np.testing.assert_allclose(values, brute(table, inputs, background), rtol=0, atol=1e-9)
    np.testing.assert_allclose(base + values.sum(axis=1), table.output(inputs), rtol=0, atol=1e-9)
    unread = [column for column in range(5) if column not in table.feature]
    assert 4 in unread
    np.testing.assert_array_equal(values[:, unread], 0.0)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(forests(), rows_of_five, rows_of_five)
def test_columns_that_change_places_change_values(table, inputs, background):
    swap = np.array([1, 0, 2, 3, 4])
    moved = TreeTable(
        **vars(table) | {"feature": np.where(table.feature >= 0, swap[table.feature], -1).astype(np.int32)}
    )
    values, _ = tree_shap(table, inputs, background)
    swapped, _ = tree_shap(moved, inputs[:, swap], background[:, swap])
    np.testing.assert_allclose(swapped, values[:, swap], rtol=0, atol=1e-9)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(forests(), forests(), rows_of_five, rows_of_five)
def test_values_of_a_sum_of_forests_are_sums(one, other, inputs, background):
    shift = len(one.feature)
    both = TreeTable(
        roots=np.concatenate([one.roots, other.roots[1:] + shift]),
        feature=np.concatenate([one.feature, other.feature]),
        threshold=np.concatenate([one.threshold, other.threshold]),
        left=np.concatenate([one.left, other.left + np.int32(shift)]),
        right=np.concatenate([one.right, other.right + np.int32(shift)]),
        value=np.concatenate([one.value, other.value]),
        base=one.base + other.base,
        scale="log_odds",
    )
    parts = [tree_shap(table, inputs, background)[0] for table in (one, other)]
    np.testing.assert_allclose(tree_shap(both, inputs, background)[0], sum(parts), rtol=0, atol=1e-9)


def chain(length: int) -> TreeTable:
    """Return one tree that asks ``length`` columns in turn, each time leaving to a leaf of 1 on the right."""
    place = np.arange(length)
    feature = np.full(2 * length + 1, -1)
    left, right, value = np.full_like(feature, -1), np.full_like(feature, -1), np.ones(2 * length + 1)
    feature[2 * place], left[2 * place], right[2 * place] = place, 2 * place + 2, 2 * place + 1
    value[2 * place] = 0.0
    value[-1] = 5.0
    tree = Tree(feature=feature, threshold=np.zeros(2 * length + 1), left=left, right=right, value=value)
    return TreeTable.joined([tree], base=0.0, scale="log_odds")


def test_a_chain_of_many_columns_is_explained_exactly():
    rng = np.random.default_rng(3)
    background = rng.normal(-2.0, 1.0, (50, 60)).astype(np.float32)
    inputs = rng.normal(-1.5, 1.0, (20, 60)).astype(np.float32)
    values, base = tree_shap(chain(60), inputs, background)
    np.testing.assert_allclose(base + values.sum(axis=1), chain(60).output(inputs), rtol=0, atol=1e-9)
    short, few = inputs[:4, :11], background[:, :11]
    np.testing.assert_allclose(tree_shap(chain(11), short, few)[0], brute(chain(11), short, few), rtol=0, atol=1e-12)


def test_a_path_of_too_many_columns_is_refused():
    with pytest.raises(UsageError, match=r"63 columns.*at most 62"):
        TreeShap(chain(63), np.zeros((1, 63)))


def test_a_table_without_trees_gives_nothing_to_any_column():
    table = TreeTable.joined([], base=0.75, scale="log_odds")
    values, base = tree_shap(table, np.ones((3, 2)), np.zeros((4, 2)))
    np.testing.assert_array_equal(values, np.zeros((3, 2)))
    assert base == 0.75


def test_no_rows_make_no_values(tables, learned):
    values, _ = tree_shap(tables["xgboost"], learned.features[:0], learned.features[:5])
    assert values.shape == (0, Q)


def test_many_rows_of_a_deep_leaf_are_explained_as_each_alone(monkeypatch):
    rng = np.random.default_rng(4)
    background = rng.normal(-2.0, 1.0, (70, 18)).astype(np.float32)
    inputs = rng.normal(-1.0, 1.0, (3000, 18)).astype(np.float32)
    monkeypatch.setattr(trees, "thread_count", lambda: 1)
    ready = TreeShap(chain(18), background)  # leaves of up to 18 columns: some keep their answers, words are long
    values = ready.values(inputs)
    np.testing.assert_allclose(ready.base + values.sum(axis=1), chain(18).output(inputs), rtol=0, atol=1e-9)
    alone = np.concatenate([ready.values(inputs[i : i + 1]) for i in range(0, 3000, 30)])
    np.testing.assert_array_equal(alone, values[::30])


def test_input_that_does_not_fit_is_refused(tables, learned):
    table, rows = tables["xgboost"], learned.features[:5]
    with pytest.raises(UsageError, match="background has no row"):
        tree_shap(table, rows, rows[:0])
    with pytest.raises(UsageError, match="cannot be compared"):
        tree_shap(table, rows, rows[:, :3])
    with pytest.raises(UsageError, match="the trees read"):
        tree_shap(table, rows[:, :2], rows[:, :2])
    with pytest.raises(UsageError, match=r"row 1.*not finite"):
        tree_shap(table, np.full((1, Q), np.nan), rows)


def shap_values(model: object, inputs: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return shap's interventional values of ``model``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        peer = shap.TreeExplainer(model, background, feature_perturbation="interventional")
        return np.asarray(peer.shap_values(inputs, check_additivity=False))


def test_xgboost_and_lightgbm_have_the_values_that_shap_gives(learned):
    inputs, background = learned.features[700:760], learned.features[:80]
    for name in ("xgboost", "lightgbm"):
        model = MODELS[name]().fit(learned, np.arange(700))
        peer = shap_values(model._fitted()[0], inputs, background)
        values, _ = tree_shap(model.direction_trees(), inputs, background)
        np.testing.assert_allclose(values, peer, rtol=0, atol=1e-6)  # shap keeps XGBoost's float32


def test_a_forest_has_the_values_that_shap_gives(learned):
    from sklearn.ensemble import RandomForestClassifier

    from tradewind.models.trees.compact import Forest
    from tradewind.models.trees.readers import read_forest

    inputs, background = learned.features[700:760], learned.features[:80]
    grown = RandomForestClassifier(10, max_depth=9, random_state=1)
    grown.fit(learned.features[:700], learned.labels.direction[:700])
    table = read_forest(Forest.from_sklearn([tree.tree_ for tree in grown.estimators_], grown.classes_))
    peer = shap_values(grown, inputs, background)[..., 1]
    np.testing.assert_allclose(tree_shap(table, inputs, background)[0], peer, rtol=0, atol=1e-7)  # shap sums in float32
