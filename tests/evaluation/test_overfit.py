"""The train-against-test gap and the learning curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.evaluation.overfit import learning_curve_record, train_test_gap


@dataclass(frozen=True)
class Point:
    share: float
    train_accuracy: float
    test_accuracy: float


def test_overfitting_is_named(make_outcomes) -> None:
    found = train_test_gap(make_outcomes(skill=0.9), make_outcomes(skill=0.0, seed=1))
    assert found.overfits
    assert "overfits" in found.words
    assert found.gap.value == pytest.approx(found.train["accuracy"] - found.test["accuracy"])
    assert found.gap.lower < found.gap.value < found.gap.upper


@pytest.mark.slow
@given(st.floats(0, 0.5), st.integers(0, 100))
def test_words_follow_the_flag(make_outcomes, skill: float, seed: int) -> None:
    found = train_test_gap(make_outcomes(skill=skill, n_days=60), make_outcomes(seed=seed, n_days=60))
    assert ("overfits" in found.words) == found.overfits


def test_equal_skill_is_not_overfitting(make_outcomes) -> None:
    assert not train_test_gap(make_outcomes(skill=0.4), make_outcomes(skill=0.4, seed=2)).overfits


def test_no_rows(make_outcomes) -> None:
    made = make_outcomes(n_days=5)
    found = train_test_gap(made.select(np.zeros(len(made), dtype=bool)), made)
    assert not found.overfits
    assert np.isnan(found.gap.value)


def test_learning_curve_is_ordered_and_worded() -> None:
    curve = learning_curve_record([Point(1.0, 0.7, 0.56), Point(0.2, 0.9, 0.50)])
    assert curve.share == (0.2, 1.0)
    assert "rose" in curve.words
    assert "fell" in learning_curve_record([Point(0.2, 0.9, 0.56), Point(1.0, 0.7, 0.50)]).words
    assert "too few" in learning_curve_record([]).words
