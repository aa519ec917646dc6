"""The features page: what there is, what the model uses, values and drift."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

from tradewind.data import read_prices
from tradewind.features import REGISTRY, compute_features
from tradewind.training import TrainedModel

URL = "/api/analyst/features/small"
OF_NEWS = next(one.name for one in REGISTRY if one.needs == "news")


def test_every_feature_is_listed_and_those_of_the_model_marked(market: httpx.Client, market_home: Path) -> None:
    found = market.get(URL).json()
    assert [one["name"] for one in found["features"]] == [one.name for one in REGISTRY]
    used = {one["name"] for one in found["features"] if one["used"]}
    model = TrainedModel.load(market_home / "projects" / "small" / "model")
    assert used == set(model.preprocessor.selector.names)
    assert not any(one["there"] for one in found["features"] if one["reads"] in ("news", "fear"))
    assert all(one["folds"] == int(one["used"]) for one in found["features"])


@pytest.mark.parametrize("feature", ["rsi_14", "beta_60"])
def test_values_are_those_of_the_registry(market: httpx.Client, market_home: Path, feature: str) -> None:
    found = market.get(f"{URL}/values/{feature}", params={"symbol": "SIM002"}).json()
    panel = read_prices(market_home / "projects" / "small" / "prices.parquet")
    column = compute_features(panel, names=[feature]).values[panel.rows_of("SIM002"), 0]
    values = np.array([np.nan if one is None else one for one in found["values"]])
    assert values == pytest.approx(column, rel=1e-4, nan_ok=True)


def test_distribution_tells_training_from_later(market: httpx.Client) -> None:
    found = market.get(f"{URL}/distribution/rsi_14").json()
    assert [span["name"] for span in found["spans"]] == ["training", "forecasts", "latest"]
    for span in found["spans"]:
        assert len(span["shares"]) == len(found["edges"]) - 1
        assert sum(span["shares"]) == pytest.approx(1.0, abs=1e-4)
    training, forecasts, _ = found["spans"]
    assert training["last"] < forecasts["first"]
    assert training["missing"] > 0 == forecasts["missing"]
    assert {one["span"] for one in found["drift"]} == {"forecasts", "latest"}
    assert all(one["psi"] >= 0 and 0 <= one["ks"] <= 1 for one in found["drift"])


def test_importance_is_of_forecasts_that_were_not_learned_from(market: httpx.Client) -> None:
    found = market.get(f"{URL}/importance").json()
    catalogue = market.get(URL).json()
    assert found["first"] > catalogue["trained_until"]
    assert sum(one["share"] for one in found["features"]) == pytest.approx(1.0)
    used = {one["name"] for one in catalogue["features"] if one["used"]}
    assert {one["feature"] for one in found["features"]} == used
    shares = [one["share"] for one in found["features"]]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    "path", ["values/no_such?symbol=SIM001", "values/rsi_14?symbol=NONE", f"distribution/{OF_NEWS}"]
)
def test_what_is_not_there_is_told(market: httpx.Client, path: str) -> None:
    answer = market.get(f"{URL}/{path}")
    assert answer.status_code == 404
    assert answer.json()["fix"]


def test_a_project_without_a_model_lists_features(market: httpx.Client) -> None:
    found = market.get("/api/analyst/features/bare").json()
    assert not any(one["used"] for one in found["features"])
    assert found["trained_until"] is None
    assert market.get("/api/analyst/features/bare/importance").status_code == 404
