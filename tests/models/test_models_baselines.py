"""The baselines against rules written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.models import AlwaysUp, LastDirection, Momentum, Reversal
from tradewind.models.past import past_return, past_volatility


@pytest.fixture
def data(planted):
    return planted(0.5, lengths=(400, 90, 4), seed=5)


def by_symbol(data):
    for start, end in zip(data.panel.offsets[:-1], data.panel.offsets[1:], strict=True):
        yield start, data.panel.adj_close[start:end]


def test_past_return_and_volatility_match_loops(data):
    change, volatility = past_return(data.panel, 5, skip=2), past_volatility(data.panel, 10)
    for start, price in by_symbol(data):
        steps = price[1:] / price[:-1] - 1.0
        for i in range(len(price)):
            wanted = price[i - 2] / price[i - 7] - 1.0 if i >= 7 else np.nan
            np.testing.assert_allclose(change[start + i], wanted, rtol=1e-12)
            window = steps[max(0, i - 10) : i]
            spread = np.sqrt(np.mean(window**2)) if len(window) else np.nan
            np.testing.assert_allclose(volatility[start + i], spread, rtol=1e-6, atol=1e-8)


def test_always_up_says_up_everywhere(data):
    rows = np.arange(len(data))
    forecast = AlwaysUp().fit(data, rows).predict(data, rows)
    assert (forecast.probability == 0.52).all()
    assert (forecast.expected_return > 0).all()


def test_last_direction_repeats_the_last_move(data):
    rows = np.arange(len(data))
    forecast = LastDirection().fit(data, rows).predict(data, rows)
    for start, price in by_symbol(data):
        assert forecast.probability[start] == 0.5
        moves = np.sign(np.diff(price))
        np.testing.assert_allclose(forecast.probability[start + 1 : start + len(price)], 0.5 + 0.02 * moves)


def test_momentum_and_reversal_take_the_sign_of_their_window(data):
    rows = np.arange(len(data))
    momentum = Momentum().fit(data, rows).predict(data, rows)
    reversal = Reversal().fit(data, rows).predict(data, rows)
    for start, price in by_symbol(data):
        for i in range(len(price)):
            long = price[i - 21] - price[i - 252] if i >= 252 else (price[i] - price[i - 20] if i >= 20 else 0.0)
            assert np.sign(momentum.probability[start + i] - 0.5) == np.sign(long)
            short = price[i - 5] - price[i] if i >= 5 else 0.0
            assert np.sign(reversal.probability[start + i] - 0.5) == np.sign(short)
    assert len(np.unique(momentum.probability)) > 300  # ranks differ, so a rank correlation has something to work on
    assert np.abs(momentum.probability - 0.5).max() <= 0.02


def test_expected_return_agrees_with_the_probability(data):
    rows = np.arange(len(data))
    forecast = Reversal().fit(data, rows).predict(data, rows)
    move = np.nanmean(np.abs(data.labels.forward_return[rows[~np.isnan(data.labels.direction)]]))
    np.testing.assert_allclose(forecast.expected_return, (2 * forecast.probability - 1) * move, rtol=1e-9, atol=1e-15)


def test_rules_do_not_look_at_the_level_of_adjusted_prices(data):
    from dataclasses import replace

    rows = np.arange(len(data))
    scaled = replace(data, panel=replace(data.panel, adj_close=data.panel.adj_close * 8.0))
    for rule in (LastDirection(), Momentum(), Reversal()):
        rule.fit(data, rows)
        np.testing.assert_allclose(
            rule.predict(data, rows).probability, rule.predict(scaled, rows).probability, rtol=1e-12
        )
