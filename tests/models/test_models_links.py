"""The links between members and the ensemble's probability, and the line of the logistic regression."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from tradewind.core import NotFittedError
from tradewind.models import CalibrationSettings, Combiner, Ensemble, EnsembleSettings, LogisticForecaster

NAMES = ("random_forest", "logistic")


@pytest.mark.slow
@pytest.mark.parametrize("calibration", ["platt", "isotonic"])
@pytest.mark.parametrize("method", ["weights", "stack", "vote"])
def test_links_one_after_another_give_the_forecast(method, calibration, small_models, market, train_test):
    train, test = train_test(market)
    settings = EnsembleSettings(method=method, inner_folds=1, calibration=CalibrationSettings(method=calibration))
    ensemble = Ensemble([small_models[name]() for name in NAMES], settings).fit(market, train)
    combiner, members = ensemble.combiner, ensemble.member_forecasts(market, test)
    logits = np.stack([combiner.member_log_odds(name, members[name].probability) for name in NAMES])
    joined = combiner.joined_log_odds(logits)
    np.testing.assert_array_equal(combiner.final_probability(joined), ensemble.predict(market, test).probability)
    if method != "vote":
        np.testing.assert_allclose(combiner.joining @ logits, joined, rtol=0, atol=1e-12)
    assert combiner.member_stepped("logistic") == combiner.final_stepped == (calibration == "isotonic")
    grid = np.linspace(0.01, 0.99, 99)
    assert (np.diff(combiner.member_log_odds("logistic", grid)) >= 0.0).all()
    assert (np.diff(combiner.final_probability(np.linspace(-3, 3, 99))) >= 0.0).all()


def test_links_exist_once_fitted_and_for_members_alone():
    combiner = Combiner(NAMES)
    with pytest.raises(NotFittedError):
        combiner.member_log_odds("logistic", np.array([0.5]))
    with pytest.raises(NotFittedError):
        _ = combiner.joining


def test_the_line_of_the_logistic_regression_is_its_forecast(market, train_test):
    train, test = train_test(market)
    model = LogisticForecaster().fit(market, train)
    slopes, constant = model.direction_line()
    told = expit(market.features[test].astype(np.float64) @ slopes + constant)
    np.testing.assert_allclose(told, model.predict(market, test).probability, rtol=0, atol=1e-14)
    with pytest.raises(NotFittedError):
        LogisticForecaster().direction_line()
