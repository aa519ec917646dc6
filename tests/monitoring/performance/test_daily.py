"""Daily figures against independent libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

from tradewind.core import InputError
from tradewind.monitoring.performance import Expectation
from tradewind.monitoring.performance.daily import STATISTICS, daily_figures
from tradewind.monitoring.performance.slope import calibration_line


def test_figures_equal_those_of_scikit_learn_and_scipy(make_slices: Any, outcomes_of: Any) -> None:
    rows = outcomes_of(make_slices(8, 25, 3)[:])
    rows = rows.select(np.isfinite(rows.direction))
    daily = daily_figures(rows, 5)
    for at, day in enumerate(np.unique(rows.time)):
        one = rows.select(rows.time == day)
        p, y = one.probability, one.direction
        expected = {
            "accuracy": accuracy_score(y, p > 0.5),
            "brier": brier_score_loss(y, p),
            "log_loss": log_loss(y, p, labels=[0, 1]),
            "ic": stats.spearmanr(p, one.forward_return).statistic,
            "large": y.mean() - p.mean(),
            "mean_probability": p.mean(),
            "dispersion": p.std(),
            "share_up": (p > 0.5).mean(),
            "confidence": np.maximum(p, 1 - p).mean(),
        }
        for name, value in expected.items():
            assert daily.values[name][at] == pytest.approx(value, abs=1e-12), name


def test_no_day_sees_another(make_slices: Any, outcomes_of: Any) -> None:
    rows = outcomes_of(make_slices(10, 12, 4))
    whole, part = daily_figures(rows, 5), daily_figures(rows.select(rows.time <= np.unique(rows.time)[5]), 5)
    for name in STATISTICS:
        np.testing.assert_array_equal(whole.values[name][:6], part.values[name])


def test_days_with_few_rows_have_no_figure(make_slices: Any, outcomes_of: Any) -> None:
    daily = daily_figures(outcomes_of(make_slices(4, 4, 4)), 5)
    assert all(np.isnan(values).all() for values in daily.values.values())


@given(seed=st.integers(0, 10_000), slope=st.floats(0.2, 2.0))
@settings(max_examples=15, deadline=None)
def test_the_calibration_line_equals_that_of_statsmodels(seed: int, slope: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.8, 300)
    y = (rng.random(300) < 1 / (1 + np.exp(-slope * x))).astype(np.float64)
    fit = sm.Logit(y, sm.add_constant(x)).fit(disp=0)
    assert calibration_line(1 / (1 + np.exp(-x)), y) == pytest.approx(tuple(fit.params), abs=1e-5)


def test_a_line_that_cannot_be_fitted_is_not_a_number() -> None:
    assert np.isnan(calibration_line(np.array([0.2, 0.3, 0.8, 0.9]), np.array([0.0, 0, 1, 1]))[1])
    assert np.isnan(calibration_line(np.full(10, 0.5), np.r_[np.zeros(5), np.ones(5)])[1])


def test_an_expectation_needs_days_and_says_so(make_slices: Any, outcomes_of: Any) -> None:
    with pytest.raises(InputError, match="30 days"):
        Expectation.from_outcomes(outcomes_of(make_slices(20, 10, 1)))


def test_an_expectation_is_what_was_measured(make_slices: Any, outcomes_of: Any) -> None:
    rows = outcomes_of(make_slices(200, 20, 1), regime="calm")
    made = Expectation.from_outcomes(rows)
    series = daily_figures(rows, 5).values["accuracy"]
    assert made.overall["accuracy"].value == pytest.approx(np.nanmean(series))
    assert made.overall["accuracy"].deviation == pytest.approx(np.nanstd(series, ddof=1))
    assert set(made.groups["sector"]) == {"Energy", "Finance", "Health", "Tech"}
    assert set(made.groups["regime"]) == {"calm"}
    assert made.counts.sum() == len(rows)
    assert made.largest_psi < 0.1
