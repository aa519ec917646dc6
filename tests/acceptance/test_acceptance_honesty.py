"""The promise: about half right and "no skill" on a coin flip, close to the ceiling where there is one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.cli.main import main
from tradewind.data import MarketSettings, SimulatedMarket, simulate, write_news, write_prices, write_universe

pytestmark = pytest.mark.slow


def evaluated(market: SimulatedMarket, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict, pl.DataFrame, str]:
    """Write the market as files, run the whole pipeline over its last 30 % of days, return what it wrote."""
    write_prices(market.panel, folder / "prices.parquet")
    write_universe(market.universe, folder / "universe.csv")
    days = market.panel.times.astype("datetime64[D]")
    cut = int(0.7 * len(days))
    words = ["evaluate", "--prices", folder / "prices.parquet", "--universe", folder / "universe.csv"]
    if market.news is not None:
        write_news(market.news, folder / "news.parquet")
        words += ["--news", folder / "news.parquet"]
    words += ["--train-end", days[cut - 1], "--test-start", days[cut], "--out", folder / "out"]
    monkeypatch.setattr(sys, "argv", ["tradewind", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code in (0, None)
    return (
        json.loads((folder / "out" / "metrics.json").read_text()),
        pl.read_parquet(folder / "out" / "predictions.parquet"),
        (folder / "out" / "report.html").read_text(),
    )


def earned(market: SimulatedMarket, predictions: pl.DataFrame) -> tuple[float, float]:
    """Return the accuracy that the forecasts' directions earn in expectation, and the best that could be earned.

    Both come from the simulator's true probabilities, so the luck of the sample is out of them.
    """
    panel = market.panel
    truth = pl.DataFrame(
        {"symbol": np.array(panel.symbols)[panel.symbol_code], "date": panel.time, "true": market.probability}
    )
    both = predictions.join(truth, on=["symbol", "date"]).filter(pl.col("true").is_not_nan())
    rise = both["true"].to_numpy()
    return float(np.where(both["probability"] > 0.5, rise, 1 - rise).mean()), float(np.maximum(rise, 1 - rise).mean())


@pytest.mark.parametrize("seed", [2, 4])
def test_a_random_walk_has_no_skill_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int):
    market = simulate(MarketSettings(kind="random_walk", n_symbols=16, n_days=700, factor_share=0.3, seed=seed))
    metrics, predictions, report = evaluated(market, tmp_path, monkeypatch)
    lower, upper = metrics["models"]["ensemble"]["accuracy_interval"]
    assert lower <= 0.5 <= upper
    assert "no skill" in report
    assert not metrics["verdict"]["skill"]
    assert metrics["brier"] < 0.2525
    inside = predictions["probability"].to_numpy()
    assert np.abs(inside - 0.5).mean() < 0.05  # it does not pretend to know


def test_planted_momentum_is_found_up_to_its_ceiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    market = simulate(MarketSettings(kind="momentum", n_symbols=16, n_days=700, ceiling=0.7, seed=5))
    metrics, predictions, report = evaluated(market, tmp_path, monkeypatch)
    found, best = earned(market, predictions)
    assert best == pytest.approx(0.7, abs=0.005)
    assert found - 0.5 >= 0.95 * (best - 0.5)
    lower, upper = metrics["models"]["ensemble"]["accuracy_interval"]
    assert lower <= found <= upper
    assert metrics["verdict"]["skill"]
    assert "no skill" not in report


def test_planted_news_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    market = simulate(MarketSettings(kind="news", n_symbols=16, n_days=700, ceiling=0.8, seed=6))
    metrics, predictions, report = evaluated(market, tmp_path, monkeypatch)
    found, best = earned(market, predictions)
    assert found - 0.5 >= 0.9 * (best - 0.5)
    assert metrics["verdict"]["skill"]
    assert "no skill" not in report
    said = pl.read_parquet(tmp_path / "out" / "predictions.parquet").columns
    assert said == ["symbol", "date", "probability", "expected_return", "lower", "upper", "label"]


def test_intervals_hold_their_coverage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    market = simulate(
        MarketSettings(kind="regimes", n_symbols=12, n_days=700, regime_volatility=(1.0, 1.5, 2.5), seed=8)
    )
    _, predictions, _ = evaluated(market, tmp_path, monkeypatch)
    panel = market.panel
    ahead = np.append(panel.adj_close[1:] / panel.adj_close[:-1] - 1, np.nan)
    ahead[panel.offsets[1:] - 1] = np.nan
    truth = pl.DataFrame({"symbol": np.array(panel.symbols)[panel.symbol_code], "date": panel.time, "move": ahead})
    both = predictions.join(truth, on=["symbol", "date"]).filter(pl.col("move").is_not_nan())
    covered = (both["move"] >= both["lower"]) & (both["move"] <= both["upper"])
    assert covered.mean() == pytest.approx(0.9, abs=0.03)
