"""`tradewind runs`: what evaluate and train record, as a user reads it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from tradewind.evaluation import paired_accuracy
from tradewind.training.tracking import Tracker, place_of


@pytest.fixture
def two_runs(tmp_path: Path) -> Path:
    """Return the folder of a store with two runs on the same bars; the second is right on half the other's misses."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 400)
    first = np.where(rng.random(400) < 0.5, label, 1 - label)
    second = np.where(rng.random(400) < 0.5, label, first)
    days = pl.datetime_range(pl.datetime(2015, 1, 1), pl.datetime(2015, 7, 19), "1d", eager=True)
    tracker = Tracker(place_of(str(tmp_path / "store")), pytest.fail)
    for seed, forecast in ((7, first), (8, second)):
        table = pl.DataFrame(
            {
                "symbol": ["A", "B"] * 200,
                "date": np.repeat(days.to_numpy(), 2),
                "probability": np.where(forecast == 1, 0.7, 0.3),
                "label": pl.Series(label, dtype=pl.Int8),
            }
        )
        table.write_parquet(tmp_path / "predictions.parquet")
        with tracker.run("evaluate", dataset="acl18/prices.parquet") as log:
            log.facts("settings", {"seed": seed, "models": ["xgboost"]})
            log.metrics({"accuracy": float((forecast == label).mean())})
            log.attach(tmp_path / "predictions.parquet")
    return tmp_path / "store"


@pytest.mark.slow
def test_runs_are_listed_compared_and_rejected(tradewind, two_runs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEWIND_TRACK", str(two_runs))
    second, first = (run["id"] for run in tradewind("runs", "list", "--json").json)
    listed = tradewind("runs", "list", "--dataset", "acl18", "--metric", "accuracy", "--limit", 1)
    assert second[:8] in listed.out
    assert first[:8] not in listed.out
    shown = tradewind("runs", "show", first[:10])
    for word in (first, "settings.seed", "accuracy", "predictions.parquet"):
        assert word in shown.out

    compared = tradewind("runs", "compare", first[:10], second[:10], "--json").json
    assert [row["name"] for row in compared["settings"]] == ["settings.seed"]
    gap = compared["accuracy_gap"][0]
    by_metric = {row["metric"]: row for row in compared["metrics"]}["accuracy"]
    assert gap["gap"]["value"] == pytest.approx(by_metric[second[:8]] - by_metric[first[:8]])
    assert 0 < gap["gap"]["lower"] < gap["gap"]["value"] < gap["gap"]["upper"]
    assert (gap["n"], gap["n_days"]) == (400, 200)
    assert "more than chance" in tradewind("runs", "compare", first, second).out

    assert tradewind("runs", "reject", first[:10], "--reason", "prices were not adjusted").code == 0
    assert "not adjusted" in tradewind("runs", "journal", "--search", "ADJUSTED").out
    assert "No such entry" in tradewind("runs", "journal", "--search", "unheard of").out

    for wrong in (("show", "zzz"), ("compare", first, "zzz"), ("reject", "zzz", "--reason", "x")):
        failed = tradewind("runs", *wrong)
        assert failed.code == 2
        assert "there is no run 'zzz'" in failed.err
    assert "two different runs" in tradewind("runs", "compare", first, first).err


@pytest.mark.slow
def test_evaluate_and_train_are_recorded(tradewind, market_files: Path, tmp_path: Path):
    store = tmp_path / "store"
    common = ("--prices", market_files / "prices.parquet", "--models", "xgboost", "--track", store)
    span = ("--test-start", "2013-03-01", "--test-end", "2013-04-30", "--walk-forward", "--train-months", 9)
    told = tradewind("evaluate", *common, *span, "--out", tmp_path / "out")
    assert told.code == 0
    assert "Recorded as run" in told.err
    assert tradewind("train", *common, "--train-end", "2013-02-15", "--out", tmp_path / "model").code == 0
    crashed = tradewind("train", *common, "--train-end", "2011-10-15", "--out", tmp_path / "none")
    assert crashed.code == 2
    failed, trained, evaluated = tradewind("runs", "list", "--track", store, "--json").json
    assert evaluated["params"]["settings.seed"] == "7"
    assert evaluated["params"]["span.walk_forward"] == "true"
    assert {"code.source", "code.tradewind", "data.panel"} <= evaluated["params"].keys()
    assert {"accuracy", "fold.accuracy", "models.always_up.accuracy"} <= evaluated["metrics"].keys()
    shown = tradewind("runs", "show", evaluated["id"], "--track", store, "--json").json
    assert len(shown["fold_accuracy"]) == 2
    assert set(shown["files"]) == {"report.html", "metrics.json", "predictions.parquet", "plots"}
    plots = list(store.glob("artifacts/*/artifacts/plots/*.svg"))
    assert {"equity.svg", "calibration.svg", "rolling_accuracy.svg"} <= {file.name for file in plots}
    for file in plots:
        assert "var(--" not in file.read_text()
        assert ElementTree.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert (trained["command"], trained["status"]) == ("train", "FINISHED")
    assert "model" in tradewind("runs", "show", trained["id"], "--track", store).out
    assert failed["status"] == "FAILED"
    assert "labelled bars" in tradewind("runs", "journal", "--search", "crashed", "--track", store).out


@pytest.mark.slow
def test_a_store_that_fails_leaves_the_result(tradewind, market_files: Path, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    found = tradewind(
        "train", "--prices", market_files / "prices.parquet", "--models", "logistic", "--out", tmp_path / "model",
        "--track", tmp_path / "file" / "store",
    )  # fmt: skip
    assert found.code == 0
    assert (tmp_path / "model" / "model.json").exists()
    assert found.err.count("warning:") == 1
    assert "was not recorded" in found.err


@pytest.mark.slow
def test_no_store_is_no_error_and_off_is_said(tradewind, tmp_path: Path):
    assert "No such run" in tradewind("runs", "list", "--track", tmp_path / "none").out
    assert not (tmp_path / "none").exists()
    assert "recording is off" in tradewind("runs", "list").err
    for command in ("list", "show", "compare", "reject", "journal"):
        assert f"tradewind runs {command}" in tradewind("runs", command, "--help").out


def test_forecasts_without_a_bar_in_common_have_no_gap():
    table = pl.DataFrame({"symbol": ["A"], "date": [datetime(2015, 1, 1)], "probability": [0.6]})
    table = table.with_columns(label=pl.lit(1, pl.Int8))
    other = table.with_columns(symbol=pl.lit("B"))
    found = paired_accuracy(table, other)
    assert (found.n, found.n_days) == (0, 0)
    assert np.isnan(found.gap.value)
    assert paired_accuracy(table, table).gap.value == 0.0
