"""The backtest explorer: the same figures as the backtest itself, and the number of variants that were looked at."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

from tradewind.core import Outcomes
from tradewind.data import read_prices
from tradewind.evaluation import BacktestSettings, TradingTables, backtest, trade
from tradewind.training import read_forecasts
from tradewind.web.views.analyst.backtest_shapes import BacktestControls
from tradewind.web.views.analyst.backtest_tries import BacktestTries

pytestmark = pytest.mark.slow

URL = "/api/analyst/backtest/small"


@pytest.fixture(scope="module")
def outcomes(market_home: Path) -> Outcomes:
    folder = market_home / "projects" / "small"
    return read_forecasts(folder / "evaluation" / "predictions.parquet", read_prices(folder / "prices.parquet"))


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"weights": "rank", "side": "long_only", "cost_bp": 12},
        {"weights": "decile", "tail": 0.25, "execution": "close"},
        {"signal": "expected_return", "slippage_bp": 3},
    ],
)
def test_figures_are_those_of_the_backtest(market: httpx.Client, outcomes: Outcomes, asked: dict[str, object]) -> None:
    found = market.get(URL, params=asked).json()
    result = backtest(outcomes, BacktestSettings(**asked))  # type: ignore[arg-type]
    assert found["days"] == [str(day) for day in result.days]
    assert found["equity"] == pytest.approx(result.equity, rel=1e-5)
    assert found["buy_and_hold"] == pytest.approx(np.cumprod(1 + result.benchmark), rel=1e-5)
    assert found["figures"]["forecasts"]["sharpe"] == pytest.approx(result.stats.sharpe, rel=1e-9)
    assert sum(one["net"] for one in found["symbols"]) == pytest.approx(result.returns.sum(), abs=1e-5)
    assert found["cost"] == pytest.approx((result.gross - result.returns).sum())


def test_always_up_is_what_forecasting_a_rise_of_everything_earns(market: httpx.Client, outcomes: Outcomes) -> None:
    rise = Outcomes(**{**vars(outcomes), "probability": np.ones(len(outcomes))})
    for cost in (0, 20):
        found = market.get(URL, params={"cost_bp": cost}).json()
        assert found["always_up"] == pytest.approx(backtest(rise, BacktestSettings(cost_bp=cost)).equity, rel=1e-5)


def test_a_span_starts_in_cash_and_years_add_up(market: httpx.Client, outcomes: Outcomes) -> None:
    found = market.get(URL, params={"start": "2013-06-03", "end": "2013-07-31"}).json()
    assert found["days"][0] >= "2013-06-03"
    assert found["days"][-1] <= "2013-07-31"
    tables = TradingTables.of(outcomes)
    part = trade(tables, BacktestSettings(), first=np.datetime64("2013-06-03"), last=np.datetime64("2013-07-31"))
    assert part.turnover[0] == pytest.approx(np.abs(part.weights[0]).sum())
    assert found["equity"] == pytest.approx(part.equity, rel=1e-5)
    years = np.prod([1 + year["net"] for year in found["years"]])
    assert years == pytest.approx(found["equity"][-1], rel=1e-5)


def test_what_lies_near_the_middle_is_not_traded(market: httpx.Client) -> None:
    whole, less = (market.get(URL, params={"least": least}).json() for least in (0.0, 0.1))
    assert less["exposure"] < whole["exposure"]


def test_looking_is_counted_once_for_each_variant_and_costs_are_none(tmp_path: Path) -> None:
    tries = BacktestTries(tmp_path / "dashboard.db")
    first = BacktestControls()
    assert tries.add("a", first.key) == 1
    assert tries.add("a", BacktestControls(cost_bp=50, slippage_bp=1, tail=0.3).key) == 1
    assert tries.add("a", BacktestControls(side="long_only").key) == 2
    assert tries.add("b", first.key) == 1
    assert BacktestTries(tmp_path / "dashboard.db").add("a", BacktestControls(weights="rank").key) == 3


def test_every_variant_deflates_the_sharpe_ratio(market: httpx.Client) -> None:
    before = market.get(URL).json()["luck"]
    for least in (0.011, 0.012, 0.013, 0.014):
        market.get(URL, params={"least": least})
    after = market.get(URL).json()["luck"]
    assert after["tried"] == before["tried"] + 4
    assert after["trials"] == after["tried"] + after["models"] - 1
    assert after["deflated"] < before["deflated"] <= before["probabilistic"]
    assert f"{after['tried']} variants were looked at here" in after["words"]


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "2030-01-01"},
        {"start": "2013-07-01", "end": "2013-06-01"},
        {"tail": 0.9},
        {"weights": "best"},
        {"unknown": 1},
    ],
)
def test_what_cannot_be_traded_is_told(market: httpx.Client, asked: dict[str, object]) -> None:
    answer = market.get(URL, params=asked)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_without_forecasts_nothing_is_traded_and_nothing_counted(market: httpx.Client) -> None:
    assert market.get("/api/analyst/backtest/bare").status_code == 404
