"""The boosters: what the contract of all models does not say."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import MissingExtraError
from tradewind.models import (
    CatBoostForecaster,
    CatBoostSettings,
    LightGBMForecaster,
    LightGBMSettings,
    XGBoostForecaster,
    XGBoostSettings,
    load_model,
)
from tradewind.models.trees import xgb

BOOSTERS = {
    "lightgbm": lambda: LightGBMForecaster(LightGBMSettings(rounds=30, return_rounds=10)),
    "catboost": lambda: CatBoostForecaster(CatBoostSettings(rounds=30, return_rounds=10)),
}
every_booster = pytest.mark.parametrize("name", sorted(BOOSTERS))


@every_booster
def test_absent_library_names_the_extra_that_brings_it(name, market, train_test, monkeypatch, tmp_path):
    train, _ = train_test(market)
    BOOSTERS[name]().fit(market, train).save(tmp_path / "model")
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"tradewind\[{name}\]"):
        BOOSTERS[name]().fit(market, train)
    with pytest.raises(MissingExtraError, match=rf"tradewind\[{name}\]"):
        load_model(tmp_path / "model")


@every_booster
def test_nothing_is_written_beside_the_model(name, market, train_test, monkeypatch, tmp_path):
    train, test = train_test(market)
    monkeypatch.chdir(tmp_path)
    model = BOOSTERS[name]().fit(market, train)
    model.predict(market, test)
    assert list(tmp_path.iterdir()) == []
    model.save(tmp_path / "model")
    assert {path.suffix for path in (tmp_path / "model").iterdir()} <= {".json", ".txt", ".cbm"}


@every_booster
def test_unit_of_returns_scales_the_expected_return_and_nothing_else(name, market, train_test):
    train, test = train_test(market)
    percent = replace(
        market, labels=replace(market.labels, forward_return=market.labels.forward_return * 128.0)
    )  # a power of two: no rounding
    a = BOOSTERS[name]().fit(market, train).predict(market, test)
    b = BOOSTERS[name]().fit(percent, train).predict(percent, test)
    np.testing.assert_array_equal(a.probability, b.probability)
    np.testing.assert_allclose(a.expected_return * 128.0, b.expected_return, rtol=1e-6, atol=1e-12)


@every_booster
def test_features_that_never_change_give_no_opinion(name, market, train_test, tmp_path):
    train, test = train_test(market)
    flat = replace(market, features=np.ones_like(market.features))
    model = BOOSTERS[name]().fit(flat, train)
    forecast = model.predict(flat, test)
    np.testing.assert_allclose(forecast.probability, 0.5, atol=1e-9)
    assert np.ptp(forecast.expected_return) == 0.0
    model.save(tmp_path)
    np.testing.assert_array_equal(load_model(tmp_path).predict(flat, test).probability, forecast.probability)


@every_booster
def test_sample_weights_reach_the_direction(name, market, train_test):
    train, test = train_test(market)
    early = np.arange(len(market)) % 300 < 50
    rise = market.labels.direction
    turned = replace(market, labels=replace(market.labels, direction=np.where(early, 1.0 - rise, rise)))
    weighted = replace(turned, weight=np.where(early, 10.0, 0.1))
    a = BOOSTERS[name]().fit(turned, train).predict(turned, test).probability
    b = BOOSTERS[name]().fit(weighted, train).predict(weighted, test).probability
    signal = market.features[test, 0]
    assert np.corrcoef(a, signal)[0, 1] > 0.15
    assert np.corrcoef(b, signal)[0, 1] < -0.15


@pytest.mark.slow
def test_forecasts_of_several_threads_are_those_of_one(market, train_test, monkeypatch):
    train, test = train_test(market)
    model = XGBoostForecaster(XGBoostSettings(rounds=30, return_rounds=10)).fit(market, train)
    monkeypatch.setattr(xgb, "threads_for", lambda n: 1 + (n > 1))  # each forecast sets another number of threads
    rows = [test[:1], test]
    alone = [model.predict(market, some) for some in rows]

    def same(turn: int) -> bool:
        forecast = model.predict(market, rows[turn % 2])
        return np.array_equal(forecast.probability, alone[turn % 2].probability)

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(same, range(400)))
