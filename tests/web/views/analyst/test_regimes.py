"""The regimes page: fitted before the forecasts, filtered, and forecasts counted by regime."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

from tradewind.continual.regimes import RegimeModel, RegimeSettings, market_observations
from tradewind.data import read_prices

URL = "/api/analyst/regimes/small"


def test_the_model_knows_nothing_of_the_forecast_span(market: httpx.Client, market_home: Path) -> None:
    found = market.get(URL, params={"states": 2}).json()
    first = market.get("/api/analyst/market/small").json()["first_forecast"]
    assert found["fitted_until"] < first
    assert found["before_forecasts"]
    observed = market_observations(read_prices(market_home / "projects" / "small" / "prices.parquet"))
    until = np.datetime64(found["fitted_until"], "us")
    model = RegimeModel.fit(observed.until(until).values, RegimeSettings(states=2, order_by=1))
    cut = observed.until(np.datetime64("2013-06-28", "us"))
    filtered = model.filter(cut.values)
    shown = np.array([[np.nan if p is None else p for p in row] for row in found["probability"]])[:, : len(cut.time)]
    seen = np.isfinite(shown).all(axis=0)
    assert seen.sum() > 300
    assert shown[:, seen] == pytest.approx(filtered.T[:, seen], abs=2e-4)


def test_probabilities_add_up_and_regimes_share_the_forecasts(market: httpx.Client) -> None:
    found = market.get(URL).json()
    assert found["names"] == ["calm", "normal", "stressed"]
    rows = np.array([[np.nan if p is None else p for p in row] for row in found["probability"]])
    total = rows.sum(axis=0)
    assert total[np.isfinite(total)] == pytest.approx(1.0, abs=1e-3)
    assert sum(one["forecasts"] for one in found["regimes"]) == found["overall"]["forecasts"]
    hits = sum((one["accuracy"] or 0) * one["forecasts"] for one in found["regimes"])
    assert hits / found["overall"]["forecasts"] == pytest.approx(found["overall"]["accuracy"])
    for one in found["regimes"]:
        if one["forecasts"]:
            assert one["lower"] <= one["accuracy"] <= one["upper"]


def test_without_forecasts_the_first_half_is_learned_from(market: httpx.Client) -> None:
    found = market.get("/api/analyst/regimes/bare", params={"states": 2}).json()
    assert not found["before_forecasts"]
    assert found["overall"]["accuracy"] is None
    assert found["fitted_until"] == found["time"][219]


@pytest.mark.parametrize("states", [1, 9])
def test_too_few_or_many_regimes_are_refused(market: httpx.Client, states: int) -> None:
    assert market.get(URL, params={"states": states}).status_code == 422
