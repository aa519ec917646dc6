"""Log odds of windows and their derivatives by every input."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from tradewind.core import NotFittedError
from tradewind.models import (
    CNNForecaster,
    CNNSettings,
    GRUForecaster,
    GRUSettings,
    HybridForecaster,
    HybridSettings,
    LSTMForecaster,
    LSTMSettings,
    TCNForecaster,
    TCNSettings,
    TransformerForecaster,
    TransformerSettings,
)
from tradewind.models.nets import forecaster
from tradewind.models.nets.sequences import windows

SMALL = {"window": 12, "hidden": 8, "max_epochs": 3, "span": 12, "burn_in": 6, "learning_rate": 0.02}
NETS = {
    "lstm": lambda: LSTMForecaster(LSTMSettings(**SMALL)),
    "gru": lambda: GRUForecaster(GRUSettings(**SMALL)),
    "cnn": lambda: CNNForecaster(CNNSettings(**SMALL)),
    "tcn": lambda: TCNForecaster(TCNSettings(**SMALL | {"window": 30})),
    "transformer": lambda: TransformerForecaster(TransformerSettings(**SMALL, heads=2)),
    "hybrid": lambda: HybridForecaster(HybridSettings(**SMALL)),
}


@pytest.fixture(scope="module", params=sorted(NETS))
def net(request, market, train_test):
    return NETS[request.param]().fit(market, train_test(market)[0])


@pytest.fixture
def window(net, market):
    """Return windows and places of full and of short histories."""
    rows = np.concatenate([[0, 3, 7], np.arange(100, 140)])
    index, place = windows(market, rows, net.settings.window)
    return rows, market.features[index], place


@pytest.mark.slow
def test_log_odds_of_windows_are_those_of_the_forecast(net, market, window):
    rows, values, place = window
    expected = logit(net.predict(market, rows).probability)
    np.testing.assert_allclose(net.log_odds_at(values, place), expected, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_gradients_are_the_slopes_of_the_log_odds(net, window):
    _, values, place = window
    slopes = net.input_gradients(values, place)
    rng = np.random.default_rng(0)
    for _ in range(3):
        direction = rng.normal(size=values.shape).astype(np.float32)
        step = np.float32(0.01)
        ahead = net.log_odds_at(values + step * direction, place)
        behind = net.log_odds_at(values - step * direction, place)
        measured = (ahead - behind) / (2 * step)
        told = np.einsum("kwq,kwq->k", slopes, direction)
        wrong = np.abs(measured - told)
        assert np.quantile(wrong, 0.9) < 0.02 * np.abs(told).mean()  # a kink of a ReLU may lie within a step
    assert np.abs(slopes).max() > 0.01


def test_bars_after_the_place_have_no_gradient(net, window):
    _, values, place = window
    after = np.arange(values.shape[1]) > place[:, None]
    assert after.any()
    assert (net.input_gradients(values, place)[after] == 0.0).all()


def test_gradients_do_not_depend_on_threads_and_leave_the_net_as_it_was(net, window, market, monkeypatch):
    rows, values, place = window
    before = net.predict(market, rows).probability
    net._fitted().zero_grad()
    net.gradient_batch = 8
    alone = net.input_gradients(values, place)
    monkeypatch.setattr(forecaster, "thread_count", lambda: 2)
    np.testing.assert_array_equal(net.input_gradients(values, place), alone)
    assert all(weight.grad is None for weight in net._fitted().parameters())
    np.testing.assert_array_equal(net.predict(market, rows).probability, before)


def test_a_net_that_is_not_fitted_has_neither():
    with pytest.raises(NotFittedError):
        LSTMForecaster().log_odds_at(np.zeros((1, 60, 2), dtype=np.float32), np.array([59]))
    with pytest.raises(NotFittedError):
        LSTMForecaster().input_gradients(np.zeros((1, 60, 2), dtype=np.float32), np.array([59]))
