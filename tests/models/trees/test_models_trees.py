"""The compiled forest against scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.models.trees.compact import PRIOR_ROWS, Forest


@pytest.fixture(scope="module")
def grown():
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(3)
    values = rng.normal(size=(800, 6)).astype(np.float32)
    values[:, 5] = np.round(values[:, 5])  # ties at the thresholds
    rise = (values[:, 0] + rng.normal(0, 1, 800) > 0).astype(np.float64)
    return values, rise, RandomForestClassifier(n_estimators=25, max_depth=7, random_state=1).fit(values, rise)


def test_shares_equal_predict_proba(grown):
    values, _, model = grown
    forest = Forest.from_sklearn([tree.tree_ for tree in model.estimators_], model.classes_)
    wanted = model.predict_proba(values)[:, 1]
    np.testing.assert_allclose(forest.predict(values)[0], wanted, rtol=0, atol=1e-12)


def test_leaf_means_are_the_shrunk_means_of_the_rows_in_the_leaf(grown):
    values, _, model = grown
    returns = np.random.default_rng(4).normal(0.001, 0.02, len(values))
    forest = Forest.from_sklearn([tree.tree_ for tree in model.estimators_], model.classes_)
    got = forest.with_returns(values, returns).predict(values)[1]
    wanted = np.zeros(len(values))
    leaves = model.apply(values)
    for k in range(leaves.shape[1]):
        for leaf in np.unique(leaves[:, k]):
            inside = leaves[:, k] == leaf
            mean = (returns[inside].sum() + PRIOR_ROWS * returns.mean()) / (inside.sum() + PRIOR_ROWS)
            wanted[inside] += mean / leaves.shape[1]
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)
