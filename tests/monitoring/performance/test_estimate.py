"""The estimate before labels: right under covariate shift, blind to concept drift."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from tradewind.core import InputError
from tradewind.core.arrays import FloatArray
from tradewind.monitoring.performance import (
    EstimateReference,
    ExpectedAccuracyWatcher,
    design_effect,
    expected_performance,
    weighted_accuracy,
)
from tradewind.monitoring.performance.estimate import density_ratio
from tradewind.monitoring.slices import Slice
from tradewind.monitoring.watcher import Watcher


@given(seed=st.integers(0, 1000), spread=st.floats(0.1, 3.0))
@settings(max_examples=10, deadline=None)
def test_the_estimate_is_that_of_a_direct_simulation(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(0, spread, 400)))
    estimate = expected_performance(p)
    rise = (rng.random((2000, len(p))) < p).astype(np.float64)
    accuracy = ((p > 0.5) == rise).mean(axis=1)
    assert estimate.accuracy == pytest.approx(accuracy.mean(), abs=4 * accuracy.std() / np.sqrt(2000))
    brier = ((p - rise) ** 2).mean(axis=1)
    assert estimate.brier == pytest.approx(brier.mean(), abs=4 * brier.std() / np.sqrt(2000))
    loss = -(rise * np.log(p) + (1 - rise) * np.log1p(-p)).mean(axis=1)
    assert estimate.log_loss == pytest.approx(loss.mean(), abs=4 * loss.std() / np.sqrt(2000))
    assert 0.93 < ((accuracy >= estimate.lower) & (accuracy <= estimate.upper)).mean() < 0.97


def test_of_nothing_nothing_is_expected() -> None:
    assert np.isnan(expected_performance(np.array([np.nan])).accuracy)


def test_the_interval_allows_for_days_whose_rows_move_together(make_slices: Any, outcomes_of: Any) -> None:
    """All forecasts of a day lean to one side, so the market's move makes them right or wrong together."""
    lean = {"shift": lambda day: 0.3 if day % 2 else -0.3, "true_skill": lambda _: 0.0}
    apart = design_effect(outcomes_of(make_slices(150, 20, 1, rho=0.0, **lean)))
    together = design_effect(outcomes_of(make_slices(150, 20, 1, rho=0.5, **lean)))
    assert 1 <= apart < 1.5
    assert together > 3


def world(
    rng: np.random.Generator, n: int, spread: float, slope: float = 0.8
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(features, probability, right): the signal is feature 0, its ``spread`` sets how sure forecasts are."""
    x = np.stack([rng.normal(0, spread, n), rng.normal(size=n)], axis=1)
    rise = rng.random(n) < ndtr(slope * x[:, 0])
    p = ndtr(0.8 * x[:, 0])
    return x, p, ((p > 0.5) == rise).astype(np.float64)


def test_under_covariate_shift_both_estimates_hold_and_under_concept_drift_neither() -> None:
    rng = np.random.default_rng(3)
    x, _, right = world(rng, 20_000, 1.0)
    shifted_x, shifted_p, shifted = world(rng, 20_000, 0.5)
    assert right.mean() - shifted.mean() > 0.08
    for estimate in (expected_performance(shifted_p), weighted_accuracy(right, x, shifted_x)):
        assert estimate.accuracy == pytest.approx(shifted.mean(), abs=0.015)
        assert estimate.lower < shifted.mean() < estimate.upper
    turned_x, turned_p, turned = world(rng, 20_000, 1.0, slope=-0.8)
    assert turned.mean() < 0.35
    for estimate in (expected_performance(turned_p), weighted_accuracy(right, x, turned_x)):
        assert estimate.lower > 0.6  # blind: it expects what was, and is wrong


def test_weighting_needs_no_calibrated_forecasts() -> None:
    """The same rows, forecast far too surely: CBPE believes them, hits do not."""
    rng = np.random.default_rng(4)
    x, _, right = world(rng, 20_000, 1.0)
    now_x, now_p, now = world(rng, 20_000, 0.6)
    too_sure = np.clip(ndtr(4 * (now_p - 0.5)), 0.01, 0.99)
    assert expected_performance(too_sure).accuracy > now.mean() + 0.03
    assert weighted_accuracy(right, x, now_x).accuracy == pytest.approx(now.mean(), abs=0.015)


def test_the_density_ratio_is_near_the_true_one() -> None:
    rng = np.random.default_rng(5)
    reference, current = rng.normal(0, 1, (8000, 1)), rng.normal(0.5, 1, (8000, 1))
    ratio = density_ratio(reference, current)
    true = np.exp(0.5 * reference[:, 0] - 0.125)
    assert np.corrcoef(ratio, true)[0, 1] > 0.98
    assert ratio.mean() == pytest.approx(1.0)
    holes = reference.copy()
    holes[::3] = np.nan
    assert np.isfinite(density_ratio(holes, current)).all()
    with pytest.raises(InputError, match="20 rows"):
        density_ratio(reference[:5], current)


@pytest.fixture(scope="module")
def reference(make_slices: Any, outcomes_of: Any) -> EstimateReference:
    return EstimateReference.from_outcomes(outcomes_of(make_slices(252, 20, 77, skill=0.5)))


def harder(day: int, one: Slice) -> Slice:
    """From day 30 on the signal is weak: forecasts are near 0.5, and rightly so."""
    made = one.served[0]
    p = 0.5 + 0.4 * (made.probability - 0.5)
    return replace(one, served=(replace(made, probability=p),)) if day >= 30 else one


def test_rows_that_become_harder_are_told_before_a_label_comes(
    make_slices: Any, told: Any, reference: EstimateReference
) -> None:
    watcher = ExpectedAccuracyWatcher(reference)
    assert isinstance(watcher, Watcher)
    slices = make_slices(60, 20, 1, skill=0.5, hook=lambda day, one: replace(harder(day, one), labels=None))
    found = told(watcher, slices)
    assert set(found) == {("expected_accuracy_drop", "metric=expected_accuracy")}
    assert 30 <= min(found.values()) <= 36
    finding = watcher.observe(slices[-1])[0]
    assert finding.evidence["accuracy"] < finding.evidence["expected"] - 0.05
    assert "concept drift" in finding.message


def test_concept_drift_is_not_seen(make_slices: Any, told: Any, reference: EstimateReference) -> None:
    assert not told(ExpectedAccuracyWatcher(reference), make_slices(150, 20, 1, skill=0.5, true_skill=lambda _: -0.5))


def test_quiet_years_are_quiet(make_slices: Any, told: Any, reference: EstimateReference) -> None:
    watchers = [told(ExpectedAccuracyWatcher(reference), make_slices(252, 20, s, skill=0.5)) for s in range(6)]
    assert not any(watchers)


def test_later_slices_change_nothing(make_slices: Any, past_is_fixed: Any, reference: EstimateReference) -> None:
    slices = make_slices(60, 20, 2, skill=0.5, hook=harder)
    assert past_is_fixed(lambda: ExpectedAccuracyWatcher(reference), slices, 50)


def test_forecasts_that_do_not_vary_give_no_reference(make_slices: Any, outcomes_of: Any) -> None:
    rows = outcomes_of(make_slices(60, 20, 2))
    with pytest.raises(InputError, match="not all equal"):
        EstimateReference.from_outcomes(replace(rows, probability=np.full(len(rows), 0.5)))
