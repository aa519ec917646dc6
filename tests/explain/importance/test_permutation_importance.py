"""Permutation importance: what is planted is found, what is not is not, and seen rows are refused."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.inspection import permutation_importance as sklearns
from sklearn.linear_model import LogisticRegression

from tradewind.core import Dataset, InputError
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.explain.importance import (
    ImportanceSettings,
    OutOfSample,
    PermutationImportance,
    correlated_groups,
    permutation_importance,
)
from tradewind.explain.probe import ensemble_odds

EARLY = np.datetime64("2000-01-01")


def of_first(data: Dataset, rows: IntArray) -> FloatArray:
    return 1.5 * data.features[rows, 0].astype(np.float64)


def measured(data: Dataset, odds=of_first, **changes: object) -> PermutationImportance:
    groups = [[name] for name in data.names]
    sample = OutOfSample(data=data, rows=np.arange(len(data)), odds=odds, learned_until=EARLY)
    return permutation_importance(sample, groups, settings=ImportanceSettings(repeats=3, draws=200, **changes))


@pytest.mark.parametrize("shuffle", ["day", "blocks", "auto"])
def test_the_planted_column_carries_skill_and_the_others_are_not_used(plain_data, shuffle: str):
    found = measured(plain_data(of=lambda x: 1.5 * x[:, 0]), shuffle=shuffle)
    first, *rest = found.groups
    assert first.names == ("x0",)
    assert first.verdict == "carries skill"
    assert first.log_loss.lower > 0.2
    assert first.accuracy.lower > 0.1
    assert first.ic.lower > 0.2
    assert first.change.value > 1.0
    for group in rest:
        assert group.verdict == "hardly used"
        assert group.change.value == group.log_loss.value == group.accuracy.value == 0.0
    assert found.by_column()["x0"] == first.change.value


def test_a_model_of_noise_moves_forecasts_without_skill(plain_data):
    found = measured(plain_data())  # labels know nothing of x0, the model believes in it
    first = next(group for group in found.groups if group.names == ("x0",))
    assert first.verdict in {"moves forecasts, skill not shown", "costs skill"}
    assert first.change.lower > 0.5
    assert abs(first.accuracy.value) < 0.05


def test_a_column_that_misleads_costs_skill(plain_data):
    found = measured(plain_data(of=lambda x: -1.5 * x[:, 0]))
    assert found.groups[-1].names == ("x0",)
    assert found.groups[-1].verdict == "costs skill"


def test_a_twin_hides_a_lone_column_and_not_its_group(plain_data):
    data = plain_data(of=lambda x: 1.5 * x[:, 0])
    features = data.features.copy()
    features[:, 1] = features[:, 0] + 0.1 * features[:, 1]
    data = data.with_features(features, data.names)

    def either(one: Dataset, rows: IntArray) -> FloatArray:
        x = one.features[rows].astype(np.float64)
        return 1.5 * np.where(np.abs(x[:, 0]) > np.abs(x[:, 1]), x[:, 0], x[:, 1])

    every = np.arange(len(data))
    sample = OutOfSample(data=data, rows=every, odds=either, learned_until=EARLY)
    alone = permutation_importance(sample, [["x0"], ["x1"]], settings=ImportanceSettings(repeats=3))
    together = permutation_importance(sample, correlated_groups(data, every), settings=ImportanceSettings(repeats=3))
    assert together.groups[0].names == ("x0", "x1")
    assert together.groups[0].log_loss.value > 1.5 * max(group.log_loss.value for group in alone.groups)
    assert together.groups[0].label == "x0 +1"


@pytest.mark.slow
def test_single_rows_shuffled_over_time_agree_with_scikit_learn(plain_data):
    data = plain_data(q=3, symbols=1, days=600, of=lambda x: 1.2 * x[:, 0] - 0.5 * x[:, 1])
    x, y = data.features.astype(np.float64), data.labels.direction
    model = LogisticRegression().fit(x, y)
    sample = OutOfSample(
        data=data,
        rows=np.arange(len(data)),
        odds=lambda one, rows: model.decision_function(one.features[rows].astype(np.float64)),
        learned_until=EARLY,
    )
    settings = ImportanceSettings(shuffle="blocks", shuffle_block=1, repeats=60, draws=100)
    found = permutation_importance(sample, [[name] for name in data.names], settings=settings)
    ours = {group.names[0]: group for group in found.groups}
    theirs = sklearns(model, x, y, scoring=["neg_log_loss", "accuracy"], n_repeats=60, random_state=0)
    for i, name in enumerate(data.names):
        group = ours[name]
        assert group.log_loss.value == pytest.approx(theirs["neg_log_loss"].importances_mean[i], rel=0.05, abs=5e-4)
        assert group.accuracy.value == pytest.approx(theirs["accuracy"].importances_mean[i], rel=0.1, abs=5e-3)
        assert group.spread == pytest.approx(theirs["neg_log_loss"].importances_std[i], rel=0.4, abs=1e-4)


def test_the_same_seed_gives_the_same_numbers(plain_data):
    data = plain_data(of=lambda x: x[:, 0])
    first, second, other = measured(data), measured(data), measured(data, seed=8)
    assert first.to_dict() == second.to_dict()
    assert first.to_dict() != other.to_dict()


def test_rows_the_model_learned_from_are_refused(fitted):
    prepared = fitted.model.prepare(fitted.data, None)
    odds, learned = ensemble_odds(fitted.model), fitted.model.record["trained_until"]
    with pytest.raises(InputError, match="the last day the model learned from"):
        OutOfSample(data=prepared, rows=fitted.train, odds=odds, learned_until=learned)
    with pytest.raises(InputError, match="no rows"):
        OutOfSample(data=prepared, rows=fitted.test[:0], odds=odds, learned_until=learned)
    sample = OutOfSample(data=prepared, rows=fitted.test, odds=odds, learned_until=learned)
    with pytest.raises(InputError, match="'x9'"):
        permutation_importance(sample, [["x9"]])


def test_the_planted_momentum_of_an_ensemble_is_found(fitted):
    prepared = fitted.model.prepare(fitted.data, None)
    sample = OutOfSample(
        data=prepared, rows=fitted.test, odds=ensemble_odds(fitted.model),
        learned_until=fitted.model.record["trained_until"],
    )  # fmt: skip
    found = permutation_importance(
        sample, correlated_groups(prepared, fitted.train), settings=ImportanceSettings(repeats=2, rows=600)
    )
    assert "return_5" in found.groups[0].names
    assert found.groups[0].verdict == "carries skill"
    assert found.groups[0].ic.lower > 0.05
    assert found.rows == 600


def test_of_many_useless_columns_none_is_called_skilled_by_luck(plain_data):
    slope = 0.2 * np.random.default_rng(1).standard_normal(30)

    def odds(data: Dataset, rows: IntArray) -> FloatArray:
        return data.features[rows].astype(np.float64) @ slope

    verdicts, alone = [], 0
    for seed in range(4):
        found = measured(plain_data(30, seed=seed, days=100), odds)
        verdicts += [group.verdict for group in found.groups]
        alone += sum(group.log_loss.lower > 0 or group.log_loss.upper < 0 for group in found.groups)
    assert alone >= 3  # one interval at a time would call these
    assert sum("skill not shown" not in verdict for verdict in verdicts) <= 1
