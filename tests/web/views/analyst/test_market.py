"""The market page: bars, forecasts at the bars they are about, and what came."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import polars as pl
import pytest

SYMBOL = "SIM003"


def test_overview_counts_what_the_forecasts_file_says(market: httpx.Client, market_home: Path) -> None:
    found = market.get("/api/analyst/market/small").json()
    predictions = pl.read_parquet(market_home / "projects/small/evaluation/predictions.parquet")
    own = predictions.filter((pl.col("symbol") == SYMBOL) & pl.col("label").is_not_null())
    right = ((own["probability"] > 0.5).cast(pl.Int8) == own["label"]).mean()
    row = next(one for one in found["symbols"] if one["symbol"] == SYMBOL)
    assert row["forecasts"] == len(own)
    assert row["accuracy"] == pytest.approx(right, rel=1e-5)
    assert row["probability"] == pytest.approx(
        predictions.filter(pl.col("symbol") == SYMBOL).sort("date")["probability"][-1], rel=1e-5
    )
    assert found["first_forecast"] == str(predictions["date"].min())[:10]
    assert found["title"] == "Small market"
    assert "accuracy" in found["verdict"]


def test_intervals_stand_at_the_bar_they_are_about(market: httpx.Client, market_home: Path) -> None:
    bars = market.get(f"/api/analyst/market/small/bars/{SYMBOL}").json()
    predictions = pl.read_parquet(market_home / "projects/small/evaluation/predictions.parquet")
    one = predictions.filter(pl.col("symbol") == SYMBOL).sort("date").row(4, named=True)
    at = bars["time"].index(str(one["date"])[:10])
    close = bars["close"][at]
    assert bars["probability"][at] == pytest.approx(one["probability"], rel=1e-5)
    assert bars["band_lower"][at + 1] == pytest.approx(close * (1 + one["lower"]), rel=1e-4)
    assert bars["band_upper"][at + 1] == pytest.approx(close * (1 + one["upper"]), rel=1e-4)
    assert bars["came"][at] == pytest.approx(bars["close"][at + 1] / close - 1, abs=2e-5)
    assert bars["outcome"][at] == int((one["probability"] > 0.5) == bool(one["label"]))


def test_columns_are_of_one_length_and_prices_hang_together(market: httpx.Client) -> None:
    bars = market.get(f"/api/analyst/market/small/bars/{SYMBOL}").json()
    columns = [bars[name] for name in bars if isinstance(bars[name], list)]
    assert {len(column) for column in columns} == {440}
    low, high = np.array(bars["low"], dtype=float), np.array(bars["high"], dtype=float)
    close = np.array(bars["close"], dtype=float)
    assert (low <= close * 1.0001).all()
    assert (close <= high * 1.0001).all()
    assert 0.0 < bars["level"] < 1.0
    assert 0.5 < bars["covered"] <= 1.0


def test_a_project_without_forecasts_shows_its_bars(market: httpx.Client) -> None:
    found = market.get("/api/analyst/market/bare").json()
    assert "tradewind evaluate" in found["absent"]
    assert found["verdict"] is None
    bars = market.get(f"/api/analyst/market/bare/bars/{SYMBOL}").json()
    assert set(bars["probability"]) == {None}
    assert bars["next"] is None


@pytest.mark.parametrize("path", ["market/nowhere", "market/small/bars/NONE", "market/..%2f..%2fetc"])
def test_what_is_not_there_is_told(market: httpx.Client, path: str) -> None:
    answer = market.get(f"/api/analyst/{path}")
    assert answer.status_code == 404
    assert answer.json()["title"]


def test_who_may_not_look_is_refused(other: httpx.Client) -> None:
    assert other.get("/api/analyst/market/small").status_code == 401
    other.post("/api/log-in", json={"name": "eve", "password": "walking-through-1"})
    assert other.get("/api/analyst/market/small").status_code == 403
