"""`tradewind what-if`, `counterfactual` and `attribute-performance` from files to answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.core import Forecast
from tradewind.data import read_prices, write_prices, write_universe
from tradewind.data.universe import Universe
from tradewind.explain.what_if.replay import Replay
from tradewind.features import row_slices
from tradewind.training import TrainedModel, forecast_frame, to_outcomes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model, the prices it was trained on, a universe and forecasts."""
    folder = tmp_path_factory.mktemp("asked")
    panel = fitted.data.panel
    fitted.model.save(folder / "model")
    write_prices(panel, folder / "prices.parquet")
    write_universe(
        Universe(symbols=panel.symbols, names=panel.symbols, sectors=panel.sectors, market_caps=panel.market_cap),
        folder / "universe.csv",
    )
    forecast: Forecast = fitted.model.forecast(fitted.data, fitted.test)["ensemble"]
    outcomes = to_outcomes("ensemble", forecast, fitted.data, row_slices(panel))
    forecast_frame(outcomes).write_parquet(folder / "predictions.parquet")
    return folder


@pytest.fixture
def asked(files: Path) -> tuple[object, ...]:
    """Return the flags every question shares."""
    return ("--model", files / "model", "--prices", files / "prices.parquet")


def test_what_if_answers_as_json_and_words(tradewind, asked, fitted):
    flags = (*asked, "--symbol", "SIM002", "--date", "2013-04-05")
    texts = ("rsi falls below 30", "price -5%", "volume doubles")
    sets = [part for text in texts for part in ("--set", text)]
    found = tradewind("what-if", *flags, *sets, "--json")
    assert found.code == 0, found.err
    answers = found.json["scenarios"]
    assert [one["text"] for one in answers] == [*texts, " and ".join(texts)]
    for one in answers:
        assert sum(one["due_to"].values()) == pytest.approx(one["change"], abs=1e-9)
    shown = tradewind("what-if", *flags, *sets)
    assert shown.code == 0
    for one in answers:
        assert one["words"] in shown.out
    assert "turns the forecast" in shown.out


def test_what_if_stress_counts_flips(tradewind, asked):
    found = tradewind("what-if", *asked, "--stress", "--json")
    assert found.code == 0, found.err
    assert {shock["symbols"] for shock in found.json["shocks"]} == {8}
    shown = tradewind("what-if", *asked, "--stress")
    assert shown.code == 0
    assert "market -10% in a day" in shown.out


def test_a_counterfactual_found_from_files_is_a_flip(tradewind, asked, files: Path, fitted):
    found = tradewind("counterfactual", *asked, "--symbol", "SIM002", "--date", "2013-04-05", "--json")
    assert found.code == 0, found.err
    best = found.json["bar"]["found"][0]
    assert best["verified"]
    assert found.json["bar"]["probability"] > 0.5 > best["probability"]
    model, panel = TrainedModel.load(files / "model"), read_prices(files / "prices.parquet")
    row = panel.rows_of("SIM002").start + int(
        np.flatnonzero(panel.time[panel.rows_of("SIM002")] == np.datetime64("2013-04-05"))[0]
    )
    assert Replay(model, fitted.data, row).probability == pytest.approx(found.json["bar"]["probability"], abs=1e-6)
    shown = tradewind("counterfactual", *asked, "--symbol", "SIM002", "--date", "2013-04-05")
    assert found.json["bar"]["words"] in shown.out
    assert "Nearest real bars forecast on the other side" in shown.out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--symbol", "SIM002", "--set", "rsi14<30"), "did you mean rsi_14"),
        (("--symbol", "SIM002", "--set", "vix +10"), "without a fear index"),
        (("--symbol", "NONE", "--set", "price -5%"), "do not hold 'NONE'"),
        (("--symbol", "SIM002", "--set", "price -5%", "--date", "2012-05-01"), "the last day the model learned from"),
        (("--set", "price -5%"), "--set needs --symbol"),
        (("--symbol", "SIM002"), "give either --set or --stress"),
        (("--symbol", "SIM002", "--stress", "--set", "price -5%"), "give either --set or --stress"),
    ],
)
def test_bad_questions_end_with_one_line(tradewind, asked, flags, said):
    found = tradewind("what-if", *asked, *flags)
    assert found.code == 2
    assert said in found.err
    assert "Traceback" not in found.err


def test_attribute_performance_writes_tables_that_add_up(tradewind, files: Path, tmp_path: Path):
    flags = (
        "--predictions", files / "predictions.parquet", "--prices", files / "prices.parquet",
        "--universe", files / "universe.csv", "--period", "month",
    )  # fmt: skip
    out = tmp_path / "out"
    found = tradewind("attribute-performance", *flags, "--out", out)
    assert found.code == 0, found.err
    assert {path.name for path in out.iterdir()} == {
        "performance.html", "attribution.json", "sectors.csv", "periods.csv", "factors.csv", "timing.csv",
        "symbols.csv",
    }  # fmt: skip
    said = json.loads((out / "attribution.json").read_text())
    assert said["largest_gap"] < 1e-12
    sectors = pl.read_csv(out / "sectors.csv")
    total = sectors.filter(pl.col("sector") == "active return")["total"][0]
    assert sectors.filter(pl.col("sector") != "active return")["total"].sum() == pytest.approx(total, abs=1e-9)
    assert total == pytest.approx(100 * said["total"]["active"])
    assert "http" not in (out / "performance.html").read_text().replace("http://www.w3.org", "")
    as_json = tradewind("attribute-performance", *flags, "--json")
    assert as_json.json == said
    assert "active return" in found.out


def test_attribute_performance_without_sectors_warns(tradewind, files: Path):
    found = tradewind(
        "attribute-performance", "--predictions", files / "predictions.parquet", "--prices", files / "prices.parquet"
    )
    assert found.code == 0, found.err
    assert "give --universe" in found.err
