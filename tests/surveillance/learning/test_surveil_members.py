"""Members, stack and calibration, bars of rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from tradewind.core.errors import UsageError
from tradewind.surveillance.learning import (
    Balancing,
    CandidateTable,
    SchemeModelSettings,
    threshold_for_cost,
    threshold_for_precision,
)
from tradewind.surveillance.learning.forest import Forest, read_isolation
from tradewind.surveillance.learning.members import fit_trees
from tradewind.surveillance.learning.scaling import Scaler
from tradewind.surveillance.learning.stacking import Stack
from tradewind.surveillance.learning.threshold import lower_bound

Make = Callable[..., CandidateTable]
QUICK = SchemeModelSettings(rounds=40, isolation_trees=20, balancing=Balancing.NONE)


def test_trees_as_arrays_say_what_xgboost_says_with_missing_numbers() -> None:
    import xgboost

    rng = np.random.default_rng(4)
    values = rng.normal(size=(600, 5)).astype(np.float32)
    label = values[:, 0] + rng.normal(size=600) > 0.5
    values[rng.random(values.shape) < 0.3] = np.nan
    settings_ = SchemeModelSettings(rounds=30)
    forest = fit_trees(values, label, np.ones(600), (1, 0, 0, 0, 0), settings_)
    base = float(np.clip(label.mean(), 1e-4, 1 - 1e-4))
    parameters = {
        "objective": "binary:logistic", "base_score": base, "tree_method": "hist", "max_bin": 128, "max_depth": 4,
        "learning_rate": 0.06, "min_child_weight": 3.0, "subsample": 0.8, "colsample_bytree": 0.4, "lambda": 5.0,
        "monotone_constraints": (1, 0, 0, 0, 0), "seed": 7, "nthread": 1,
    }  # fmt: skip
    booster = xgboost.train(parameters, xgboost.DMatrix(values, label=label), 30)
    fresh = rng.normal(size=(200, 5)).astype(np.float32)
    fresh[rng.random(fresh.shape) < 0.3] = np.nan
    expected = booster.predict(xgboost.DMatrix(fresh), output_margin=True)
    np.testing.assert_allclose(forest.output(fresh), expected, atol=2e-5)
    rising = np.full((50, 5), np.nan, dtype=np.float32)
    rising[:, 0] = np.linspace(-3, 3, 50)
    assert (np.diff(forest.output(rising)) >= -1e-9).all()


def test_the_isolation_forest_as_arrays_ranks_as_scikit_learn_does() -> None:
    from sklearn.ensemble import IsolationForest

    rng = np.random.default_rng(5)
    values = rng.normal(size=(400, 4)).astype(np.float32)
    fitted = IsolationForest(n_estimators=25, max_samples=128, random_state=1).fit(values)
    path = read_isolation(fitted).output(values)
    reference = fitted.score_samples(values)  # -2 ** (-mean path / c)
    c = float(np.log(2) / 1) and -np.log2(-reference)
    np.testing.assert_allclose(path / path.mean(), c / c.mean(), rtol=1e-5)


def test_a_forest_comes_back_from_its_arrays() -> None:
    rng = np.random.default_rng(6)
    values = rng.normal(size=(200, 3)).astype(np.float32)
    forest = fit_trees(values, values[:, 1] > 0, np.ones(200), (0, 0, 0), SchemeModelSettings(rounds=5))
    again = Forest.from_arrays(forest.to_arrays())
    np.testing.assert_array_equal(forest.output(values), again.output(values))
    assert len(forest) == 5


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60), st.lists(st.floats(-2e6, 2e6), max_size=20))
def test_ranks_rise_with_values_and_stay_within_what_was_seen(seen: list[float], asked: list[float]) -> None:
    scaler = Scaler.fit(np.array(seen, dtype=np.float32)[:, None])
    ordered = np.sort(np.array([*asked, *seen], dtype=np.float32))[:, None]
    ranks = scaler.ranks(scaler.clipped(ordered))[:, 0]
    assert (np.diff(ranks) >= -1e-9).all()
    assert ((ranks >= -1) & (ranks <= 1)).all()


def test_a_number_that_is_missing_or_never_varied_ranks_in_the_middle() -> None:
    scaler = Scaler.fit(np.array([[1.0, np.nan], [1.0, np.nan]], dtype=np.float32))
    ranks = scaler.ranks(scaler.clipped(np.array([[1.0, 5.0], [np.nan, np.nan]], dtype=np.float32)))
    np.testing.assert_allclose(ranks, 0.0, atol=1e-9)
    assert np.isnan(scaler.clipped(np.array([[np.nan, np.inf]], dtype=np.float32))[0, 0])


def test_the_stack_never_turns_a_member_round_and_its_probabilities_hold_on_fresh_rows() -> None:
    rng = np.random.default_rng(8)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        truth = rng.normal(size=n) - 0.5
        label = rng.random(n) < expit(2.0 * truth)
        told = np.stack([truth + rng.normal(size=n) * 0.3, rng.normal(size=n), -truth], axis=1)
        return told, label

    told, label = draw(6000)
    stack = Stack.fit(told, label, np.ones(len(label)))
    assert (stack.weight >= 0).all()
    assert stack.weight[2] == pytest.approx(0.0, abs=1e-6)
    assert stack.weight[0] > 5 * stack.weight[1]
    fresh, truth = draw(40_000)
    odds = stack.log_odds(fresh)
    chance = expit(odds)
    for low, high in ((0.0, 0.05), (0.05, 0.3), (0.3, 0.6), (0.6, 0.9), (0.9, 1.0)):
        bin_ = (chance >= low) & (chance < high)
        assert truth[bin_].mean() == pytest.approx(chance[bin_].mean(), abs=0.04)
    np.testing.assert_allclose(stack.pieces(fresh).sum(axis=1), odds, atol=1e-9)
    order = np.argsort(fresh @ stack.weight)
    assert (np.diff(odds[order]) >= 0).all()


def test_the_lower_bound_is_scipys_exact_one() -> None:
    from scipy.stats import binomtest

    true, kept = np.array([0, 5, 19, 20]), np.array([3, 9, 20, 20])
    found = lower_bound(true, kept, 0.9)
    for t, k, f in zip(true, kept, found, strict=True):
        exact = binomtest(int(t), int(k), alternative="greater").proportion_ci(0.9, "exact").low
        assert f == pytest.approx(exact)


def test_a_bar_set_on_some_rows_holds_its_precision_on_others() -> None:
    rng = np.random.default_rng(11)
    held, recalls = [], []
    for _ in range(60):
        label = rng.random(1500) < 0.2
        score = expit(rng.normal(size=1500) + 3.5 * label - 2)
        bar = threshold_for_precision(score, label, target=0.95, confidence=0.9)
        assert bar.reached
        fresh = rng.random(20_000) < 0.2
        again = expit(rng.normal(size=20_000) + 3.5 * fresh - 2)
        kept = again >= bar.score
        held.append(fresh[kept].mean() >= 0.95)
        recalls.append(kept[fresh].mean())
    assert np.mean(held) >= 0.75  # the lowest of many bars is chosen, which costs some of the confidence
    assert np.mean(recalls) > 0.75


def test_a_bar_no_row_can_earn_is_said_so() -> None:
    rng = np.random.default_rng(12)
    score, label = rng.random(200), rng.random(200) < 0.3
    bar = threshold_for_precision(score, label, target=0.95)
    assert not bar.reached
    assert bar.kept >= 1
    nothing = threshold_for_precision(score, np.zeros(200, dtype=bool))
    assert nothing.score > 1
    assert not (score >= nothing.score).any()
    with pytest.raises(UsageError, match="target"):
        threshold_for_precision(score, label, target=1.0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), max_size=30), st.floats(0.1, 20))
def test_the_bar_by_cost_is_the_cheapest_there_is(rows: list[tuple[int, bool]], missed: float) -> None:
    score = np.array([s / 10 for s, _ in rows])
    label = np.array([t for _, t in rows], dtype=bool)
    bar = threshold_for_cost(score, label, missed=missed, false_alert=1.0)

    def cost(at: float) -> float:
        return float((~label[score >= at]).sum() + missed * label[score < at].sum())

    assert cost(bar.score) == pytest.approx(min(cost(at) for at in [1.01, *score]))
