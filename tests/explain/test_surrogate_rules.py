"""Surrogate rules: readable, merged, and judged where they were not learned."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.core import InputError
from tradewind.explain.probe import ensemble_odds
from tradewind.explain.rules import Condition, RuleSettings, r_squared, surrogate_rules


@pytest.fixture(scope="module")
def prepared(fitted):
    return fitted.model.prepare(fitted.data, None)


@pytest.fixture(scope="module")
def found(fitted, prepared):
    return surrogate_rules(
        prepared, fitted.train, fitted.test, ensemble_odds(fitted.model), fitted.model.preprocessor.to_raw
    )


def test_rules_stand_for_the_ensemble_out_of_sample(found):
    assert found.test_r2 > 0.8
    assert found.agreement > 0.9
    assert 2 <= len(found.rules) <= 12
    assert sum(rule.support for rule in found.rules) == pytest.approx(1.0)
    assert sum(rule.test_support for rule in found.rules) == pytest.approx(1.0)
    odds = [rule.log_odds for rule in found.rules]
    assert odds == sorted(odds)
    assert "return_5" in found.rules[0].words
    assert found.rules[0].words.startswith("IF ")
    assert "THEN fall" in found.rules[0].words
    assert "THEN rise" in found.rules[-1].words
    assert found.rules[-1].precision.value > 0.6  # the planted rule comes true in 70 %
    assert found.rules[-1].precision.lower > 0.5
    assert found.rules[-1].test_days > 50


def test_a_rule_read_in_raw_units_covers_the_rows_it_claims(fitted, prepared, found):
    for rule in found.rules:
        inside = np.ones(len(fitted.train), dtype=bool)
        for condition in rule.conditions:
            own = prepared.features[fitted.train, prepared.names.index(condition.column)]
            value = fitted.model.preprocessor.to_raw(condition.column, own)
            inside &= (value > condition.lower) & (value <= condition.upper)
        assert inside.mean() == pytest.approx(rule.support, abs=1e-3)


def test_conditions_on_one_column_become_one(fitted, prepared):
    place = prepared.names.index("return_5")

    def staircase(data, rows):
        return np.floor(2.0 * data.features[rows, place].astype(np.float64)).clip(-2, 2)

    found = surrogate_rules(prepared, fitted.train, fitted.test, staircase, fitted.model.preprocessor.to_raw)
    assert found.test_r2 > 0.95
    for rule in found.rules:
        assert [condition.column for condition in rule.conditions] == ["return_5"]
    words = [rule.words for rule in found.rules]
    assert any(" < return_5 <= " in one for one in words)


def test_splits_that_add_nothing_are_pruned(fitted, prepared):
    place = prepared.names.index("rsi_14")

    def step(data, rows):
        return np.where(data.features[rows, place] > 0.3, 1.0, -1.0)

    found = surrogate_rules(prepared, fitted.train, fitted.test, step, fitted.model.preprocessor.to_raw)
    assert len(found.rules) == 2
    assert found.test_r2 == pytest.approx(1.0)
    assert [rule.agreement for rule in found.rules] == [1.0, 1.0]


def test_rules_of_noise_say_so(fitted, prepared):
    def noise(data, rows):
        return np.random.default_rng(0).standard_normal(len(data))[rows]

    found = surrogate_rules(
        prepared, fitted.train, fitted.test, noise, fitted.model.preprocessor.to_raw, RuleSettings(gain=0.0)
    )
    assert found.test_r2 < 0.05
    assert found.agreement < 0.6


def test_conditions_in_words():
    assert Condition(column="rsi_14", lower=-np.inf, upper=30.0).words == "rsi_14 <= 30"
    assert Condition(column="rsi_14", lower=70.0, upper=np.inf).words == "rsi_14 > 70"
    assert Condition(column="return_5_missing", lower=0.5, upper=np.inf).words == "return_5 is missing"
    assert Condition(column="return_5_missing", lower=-np.inf, upper=0.5).words == "return_5 is known"


def test_too_few_rows_are_refused(fitted, prepared):
    with pytest.raises(InputError, match="too few for rules"):
        surrogate_rules(
            prepared, fitted.train[:5], fitted.test, ensemble_odds(fitted.model), fitted.model.preprocessor.to_raw
        )
    assert np.isnan(r_squared(np.ones(3), np.ones(3)))


def test_a_rule_of_few_days_is_given_no_interval(fitted, prepared):
    day = prepared.panel.time_code
    chosen = np.isin(day, np.unique(day[fitted.test])[:3])
    place = prepared.names.index("return_5")

    def special(data, rows):
        return np.where(data.features[rows, place] > 50.0, 3.0, -1.0)

    features = prepared.features.copy()
    features[chosen, place] = 99.0
    features[fitted.train[::10], place] = 99.0
    data = prepared.with_features(features, prepared.names)
    found = surrogate_rules(data, fitted.train, fitted.test, special, fitted.model.preprocessor.to_raw)
    rare = found.rules[-1]
    assert rare.test_days == 3
    assert np.isfinite(rare.precision.value)
    assert np.isnan(rare.precision.lower)
    assert np.isfinite(found.rules[0].precision.lower)
