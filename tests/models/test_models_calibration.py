"""Calibration on forecasts whose true probabilities are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from tradewind.core import NotFittedError
from tradewind.models import CalibrationSettings, Calibrator


def drawn(n: int, *, slope: float, shift: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (forecast, direction, true probability): the forecast's log odds are the true ones over ``slope``."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 0.3, n)
    true = expit(slope * logit + shift)
    return expit(logit), (rng.random(n) < true).astype(float), true


@pytest.mark.parametrize("slope", [0.4, 1.0, 3.0])
def test_recovers_the_true_probabilities_of_timid_and_bold_models(slope):
    forecast, rise, true = drawn(20000, slope=slope)
    calibrated = Calibrator().fit(forecast, rise).transform(forecast)
    assert np.abs(calibrated - true).max() < 0.06
    assert np.mean((calibrated - rise) ** 2) < np.mean((true - rise) ** 2) + 5e-4


def test_platt_equals_scikit_learn_before_it_is_shrunk():
    from sklearn.linear_model import LogisticRegression

    forecast, rise, _ = drawn(3000, slope=2.0, shift=0.3)
    logit = np.log(forecast / (1 - forecast))
    model = LogisticRegression(C=1e6, tol=1e-10).fit(logit[:, None], rise)
    got = Calibrator(CalibrationSettings(intercept="fitted")).fit(forecast, rise).to_dict()
    assert got["intercept"] == pytest.approx(model.intercept_[0], abs=1e-3)
    shrunk_by = got["slope"] / model.coef_[0, 0]
    assert 0.98 < shrunk_by < 1.0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("slope", [0.0, -1.0])
def test_without_skill_probabilities_stay_near_a_coin_flip_and_keep_their_order(seed, slope):
    forecast, rise, _ = drawn(1500, slope=slope, seed=seed)
    calibrated = Calibrator(CalibrationSettings(intercept="centred")).fit(forecast, rise).transform(forecast)
    assert np.mean((calibrated - rise) ** 2) < 0.2525
    assert np.corrcoef(calibrated, forecast)[0, 1] > 0.99
    np.testing.assert_array_equal(calibrated > 0.5, forecast > 0.5)


def test_days_that_move_together_count_as_one_witness():
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(12), 100)
    forecast = expit(np.repeat(rng.normal(0, 0.3, 12), 100))
    rise = (np.repeat(rng.random(12), 100) < forecast).astype(float)  # the whole day rises or falls
    alone = Calibrator().fit(forecast, rise).to_dict()["slope"]
    grouped = Calibrator().fit(forecast, rise, groups=day).to_dict()["slope"]
    assert alone > 1.5 * grouped


def test_intercept_moves_the_threshold_only_where_it_may():
    forecast, rise, _ = drawn(8000, slope=1.0, shift=0.4)
    half = np.array([0.5])
    assert Calibrator(CalibrationSettings(intercept="centred")).fit(forecast, rise).transform(half)[0] == 0.5
    moved = Calibrator(CalibrationSettings(intercept="fitted")).fit(forecast, rise).transform(half)[0]
    assert moved == pytest.approx(expit(0.4), abs=0.02)


def test_a_drift_is_believed_beyond_two_errors_over_days():
    days, symbols = 400, 50
    day = np.repeat(np.arange(days), symbols)
    half = np.array([0.5])
    forecast = expit(np.random.default_rng(5).normal(0, 0.3, len(day)))

    def centre(share: float, witnesses: int) -> float:
        """Where 0.5 goes when the first ``share`` of ``witnesses`` groups of rows rise."""
        rise = np.repeat(np.arange(witnesses) < share * witnesses, len(day) // witnesses).astype(float)
        own = np.random.default_rng(6).permutation(len(day)) if witnesses == len(day) else np.arange(len(day))
        return float(Calibrator().fit(forecast, rise[own], groups=day).transform(half)[0])

    assert 0.53 < centre(0.54, days * symbols) < 0.54  # every row is its own witness
    assert centre(0.54, days) == 0.5  # days rise as one: 1.6 standard errors
    assert 0.6 < centre(0.65, days) < 0.65


def test_isotonic_follows_a_bent_curve_and_platt_cannot():
    rng = np.random.default_rng(2)
    forecast = rng.uniform(0.3, 0.7, 30000)
    true = np.where(forecast > 0.6, 0.9, np.where(forecast < 0.4, 0.1, 0.5))
    rise = (rng.random(30000) < true).astype(float)
    errors = {
        method: np.mean(
            (Calibrator(CalibrationSettings(method=method)).fit(forecast, rise).transform(forecast) - true) ** 2
        )
        for method in ("isotonic", "platt")
    }
    assert errors["isotonic"] < 0.002 < errors["platt"]


@pytest.mark.parametrize("intercept", ["fitted", "centred"])
def test_constant_forecasts_give_the_base_rate_or_a_coin_flip(intercept):
    rise = np.repeat([1.0, 0.0], [60, 40])
    fitted = Calibrator(CalibrationSettings(intercept=intercept)).fit(np.full(100, 0.5), rise)
    wanted = 0.6 if intercept == "fitted" else 0.5
    assert fitted.transform(np.array([0.5]))[0] == pytest.approx(wanted, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, 1.0, float("nan")])), min_size=0, max_size=30),
    method=st.sampled_from(["platt", "isotonic"]),
    intercept=st.sampled_from(["fitted", "centred"]),
)
def test_any_input_gives_ordered_probabilities(pairs, method, intercept):
    table = np.array(pairs, dtype=float).reshape(-1, 2)
    fitted = Calibrator(CalibrationSettings(method=method, intercept=intercept)).fit(table[:, 0], table[:, 1])
    out = fitted.transform(np.linspace(0, 1, 21))
    assert ((out > 0) & (out < 1)).all()
    assert (np.diff(out) >= -1e-12).all()
    again = Calibrator.from_dict(json.loads(json.dumps(fitted.to_dict())))
    np.testing.assert_array_equal(again.transform(np.linspace(0, 1, 21)), out)


def test_nan_stays_nan_and_use_before_fit_is_refused():
    forecast, rise, _ = drawn(500, slope=1.0)
    assert np.isnan(Calibrator().fit(forecast, rise).transform(np.array([np.nan]))).all()
    with pytest.raises(NotFittedError):
        Calibrator().transform(forecast)
    with pytest.raises(NotFittedError):
        Calibrator().to_dict()
