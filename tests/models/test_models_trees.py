"""The compiled forest: walked like scikit-learn's, grown like scikit-learn's, and the same on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from tradewind.models import RandomForestForecaster, RandomForestSettings
from tradewind.models.tree_growing import Growth, _grow_tree, bin_edges, grow
from tradewind.models.trees import PRIOR_ROWS, Forest


def sample(n=800, seed=3):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 6)).astype(np.float32)
    values[:, 5] = np.round(values[:, 5])  # ties at the thresholds
    rise = (values[:, 0] + 0.5 * values[:, 5] + rng.normal(0, 1, n) > 0).astype(np.float64)
    return values, rise


@pytest.fixture(scope="module")
def copied():
    """Return values, a scikit-learn forest and the same trees as arrays."""
    values, rise = sample()
    model = RandomForestClassifier(n_estimators=25, max_depth=7, random_state=1).fit(values, rise)
    trees = [tree.tree_ for tree in model.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])
    shift = np.repeat(roots[:-1], np.diff(roots))
    forest = Forest(
        roots=roots,
        feature=np.concatenate([tree.feature for tree in trees]).astype(np.int32),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=(np.concatenate([tree.children_left for tree in trees]) + shift).astype(np.int32),
        right=(np.concatenate([tree.children_right for tree in trees]) + shift).astype(np.int32),
        share=np.concatenate([tree.value[:, 0, 1] for tree in trees]),
        mean=np.zeros(int(roots[-1])),
    )
    return values, model, forest


def test_walk_equals_predict_proba(copied):
    values, model, forest = copied
    np.testing.assert_allclose(forest.predict(values)[0], model.predict_proba(values)[:, 1], rtol=0, atol=1e-12)


def test_leaf_means_are_the_shrunk_means_of_the_rows_in_the_leaf(copied):
    values, model, forest = copied
    returns = np.random.default_rng(4).normal(0.001, 0.02, len(values))
    got = forest.with_returns(values, returns).predict(values)[1]
    wanted = np.zeros(len(values))
    leaves = model.apply(values)
    for k in range(leaves.shape[1]):
        for leaf in np.unique(leaves[:, k]):
            inside = leaves[:, k] == leaf
            mean = (returns[inside].sum() + PRIOR_ROWS * returns.mean()) / (inside.sum() + PRIOR_ROWS)
            wanted[inside] += mean / leaves.shape[1]
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("leaf", [1, 20])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_tree_on_bins_splits_as_scikit_learn_does(leaf, weighted):
    rng = np.random.default_rng(leaf)
    codes = rng.integers(0, 60, size=(2000, 4)).astype(np.uint8)
    rise = (codes[:, 0] + codes[:, 1] + rng.normal(0, 30, 2000) > 60).astype(np.float64)
    weight = rng.uniform(0.5, 2.0, 2000) if weighted else np.where(rise == 1.0, 1.3, 0.7)
    by_class = np.stack([weight * (1 - rise), weight * rise])
    draws = rng.random((400, 4), dtype=np.float32)
    feature, split, left, right, share = _grow_tree(codes.T.copy(), by_class, draws, 4, leaf, 4)
    peer = DecisionTreeClassifier(max_depth=4, min_samples_leaf=leaf).fit(codes, rise, weight)
    node = np.zeros(2000, dtype=np.int64)
    for _ in range(4):
        below = codes[np.arange(2000), feature[node]] <= split[node]
        node = np.where(feature[node] < 0, node, np.where(below, left[node], right[node]))
    np.testing.assert_allclose(share[node], peer.predict_proba(codes)[:, 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("bins", [2, 16, 256])
def test_edges_part_the_values_evenly_and_never_cut_through_equal_ones(bins):
    values, _ = sample(3000)
    edges = bin_edges(values, bins)
    assert edges.shape == (6, bins - 1)
    for row in edges:
        assert (np.diff(row[np.isfinite(row)]) > 0).all()
    if bins == 16:
        counts = np.bincount(np.searchsorted(edges[0], values[:, 0]), minlength=16)
        assert counts.max() < 2.2 * counts[counts > 0].mean()
    known = edges[5][np.isfinite(edges[5])]
    assert len(known)
    assert not np.isin(known, values[:, 5]).any()
    assert np.isinf(bin_edges(np.ones((50, 1), dtype=np.float32), bins)).all()


def test_skill_equals_scikit_learns_forest():
    values, rise = sample(12_000)
    fit, test = slice(0, 8000), slice(8000, None)
    growth = Growth(n_trees=60, max_depth=6, sample=2000, leaf=20, n_features=2, bins=128, seed=1)
    forest = grow(values[fit], rise[fit], np.ones(8000), growth)
    peer = RandomForestClassifier(
        n_estimators=60, max_depth=6, max_samples=2000, min_samples_leaf=20, max_features=2, random_state=1
    ).fit(values[fit], rise[fit])
    ours, theirs = forest.predict(values[test])[0], peer.predict_proba(values[test])[:, 1]
    assert roc_auc_score(rise[test], ours) == pytest.approx(roc_auc_score(rise[test], theirs), abs=0.005)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.98


def test_leaves_hold_enough_rows_and_trees_are_no_deeper_than_asked():
    values, rise = sample()
    growth = Growth(n_trees=8, max_depth=3, sample=400, leaf=40, n_features=2, bins=32, seed=1)
    forest = grow(values, rise, np.ones(len(rise)), growth)
    assert (np.diff(forest.roots) <= 15).all()
    assert (np.diff(forest.roots) >= 3).all()
    assert ((forest.share >= 0) & (forest.share <= 1)).all()


@pytest.mark.parametrize("side", [0.0, 1.0])
def test_one_class_alone_gives_trees_of_one_leaf(side):
    values, _ = sample()
    growth = Growth(n_trees=3, max_depth=3, sample=400, leaf=40, n_features=2, bins=32, seed=1)
    forest = grow(values, np.full(len(values), side), np.ones(len(values)), growth)
    assert len(forest.feature) == 3
    np.testing.assert_array_equal(forest.predict(values)[0], side)


def test_forest_is_the_same_on_any_number_of_threads(market, train_test, monkeypatch):
    train, test = train_test(market)
    found = []
    for threads in (1, 3):
        for module in ("trees", "tree_growing"):
            monkeypatch.setattr(f"tradewind.models.{module}.thread_count", lambda threads=threads: threads)
        model = RandomForestForecaster(RandomForestSettings(n_trees=20)).fit(market, train)
        found.append(model.predict(market, test))
    np.testing.assert_array_equal(found[0].probability, found[1].probability)
    np.testing.assert_array_equal(found[0].expected_return, found[1].expected_return)
