"""The way of a user through the commands, on a small market in which news tell the next move."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tradewind.explain.shapley import Explainer
from tradewind.training import TrainedModel

TREES = "xgboost,random_forest"
FEW_TREES = """
[members.random_forest]
n_trees = 30
max_depth = 6

[members.xgboost]
rounds = 60
return_rounds = 20
learning_rate = 0.1
"""


@pytest.fixture
def few_trees(tmp_path: Path) -> Path:
    """Return a file of settings for members that are fitted in a moment."""
    file = tmp_path / "few_trees.toml"
    file.write_text(FEW_TREES)
    return file


@pytest.fixture
def evaluated(tradewind, market_files: Path, few_trees: Path, tmp_path: Path):
    """Return a runner of a quick `evaluate` and its folder."""

    def run(*extra: object, out: str = "out"):
        folder = tmp_path / out
        settings = () if "--settings" in extra else ("--settings", few_trees)
        found = tradewind(
            "evaluate", "--prices", market_files / "prices.parquet", "--news", market_files / "news.parquet",
            "--universe", market_files / "universe.csv", "--test-start", "2013-03-01", "--test-end", "2013-04-30",
            "--models", TREES, "--out", folder, *settings, *extra,
        )  # fmt: skip
        assert found.code == 0, found
        return found, folder

    return run


@pytest.mark.slow
def test_evaluate_writes_the_contract(evaluated, market_files: Path):
    found, folder = evaluated("--train-end", "2013-02-15", "--label", "updown", "--up", "0.0055", "--down", "-0.005")
    predictions = pl.read_parquet(folder / "predictions.parquet")
    assert predictions.columns == ["symbol", "date", "probability", "expected_return", "lower", "upper", "label"]
    assert predictions["probability"].is_between(0, 1).all()
    assert (predictions["lower"] < predictions["upper"]).all()
    bars = pl.read_parquet(market_files / "prices.parquet")
    asked = bars.filter(pl.col("date").is_between(pl.datetime(2013, 3, 1), pl.datetime(2013, 4, 30)))
    assert (
        predictions.select("symbol", "date")
        .sort("symbol", "date")
        .equals(asked.select("symbol", "date").cast(predictions.select("symbol", "date").schema).sort("symbol", "date"))
    )
    moves = bars.sort("symbol", "date").with_columns(
        move=(pl.col("adj_close").shift(-1) / pl.col("adj_close") - 1).over("symbol")
    )
    both = predictions.join(
        moves.select("symbol", pl.col("date").cast(pl.Datetime("us")), "move"), on=["symbol", "date"]
    )
    wanted = pl.when(pl.col("move") >= 0.0055).then(1).when(pl.col("move") <= -0.005).then(0)
    assert both.select((wanted.cast(pl.Int8).eq_missing(pl.col("label"))).all()).item()
    metrics = json.loads((folder / "metrics.json").read_text())
    names = {"accuracy", "mcc", "brier", "ic", "rank_ic", "n"}
    assert names <= metrics.keys()
    for model in ("ensemble", "xgboost", "random_forest", "logistic", "always_up", "last_direction"):
        assert names <= metrics["models"][model].keys()
    labelled = predictions.filter(pl.col("label").is_not_null())
    right = ((labelled["probability"] > 0.5).cast(pl.Int8) == labelled["label"]).mean()
    assert metrics["accuracy"] == pytest.approx(right)
    assert metrics["n"] == len(labelled)
    page = (folder / "report.html").read_text()
    assert "<svg" in page
    assert 'src="http' not in page
    for word in ("ensemble", "always_up", "accuracy"):
        assert word in found.out


@pytest.mark.slow
def test_the_same_seed_gives_the_same_predictions(evaluated):
    one = evaluated("--train-end", "2013-02-15", "--seed", "3", out="one")[1]
    two = evaluated("--train-end", "2013-02-15", "--seed", "3", out="two")[1]
    assert (one / "predictions.parquet").read_bytes() == (two / "predictions.parquet").read_bytes()


@pytest.mark.slow
def test_a_settings_file_counts_where_flags_say_nothing(evaluated, tmp_path: Path):
    file = tmp_path / "s.toml"
    file.write_text('seed = 3\nmodels = ["xgboost"]\n[label]\nup = 0.01\ndown = -0.01\n' + FEW_TREES)
    folder = evaluated("--train-end", "2013-02-15", "--settings", file)[1]
    context = json.loads((folder / "metrics.json").read_text())["context"]["settings"]
    assert context["seed"] == 3
    assert context["label"]["up"] == 0.01
    assert context["models"] == TREES.split(",")  # the flag wins


@pytest.mark.slow
def test_walk_forward_goes_on_where_it_was_cut(evaluated, monkeypatch: pytest.MonkeyPatch):
    from tradewind.training import run

    whole = evaluated("--walk-forward", "--train-end", "2013-02-15", "--train-months", "9", out="whole")[1]
    fit, calls = run.run_fold, []

    def cut_at_the_second(*args: object):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return fit(*args)

    monkeypatch.setattr(run, "run_fold", cut_at_the_second)
    with pytest.raises(AssertionError):
        evaluated("--walk-forward", "--train-months", "9", out="cut")
    again: list[object] = []
    monkeypatch.setattr(run, "run_fold", lambda *args: again.append(args) or fit(*args))
    resumed = evaluated("--walk-forward", "--train-months", "9", out="cut")[1]
    assert len(again) == 1  # the first of two folds was kept
    assert pl.read_parquet(resumed / "predictions.parquet").equals(pl.read_parquet(whole / "predictions.parquet"))


@pytest.mark.slow
def test_train_then_predict_then_backtest(tradewind, market_files: Path, few_trees: Path, tmp_path: Path):
    prices, news = market_files / "prices.parquet", market_files / "news.parquet"
    trained = tradewind(
        "train", "--prices", prices, "--news", news, "--train-end", "2013-02-15", "--models", TREES,
        "--settings", few_trees, "--out", tmp_path / "model", "--json",
    )  # fmt: skip
    assert trained.code == 0, trained
    assert sum(trained.json["weights"].values()) == pytest.approx(1)
    kept = TrainedModel.load(tmp_path / "model")
    explainer = Explainer.load(tmp_path / "model" / "explainer", kept)
    assert explainer.background.names == kept.preprocessor.names
    assert len(explainer.background) == 256
    model = ("--model", tmp_path / "model", "--prices", prices)
    said = tradewind("predict", *model, "--news", news, "--start", "2013-03-01", "--out", tmp_path / "f.parquet")
    assert said.code == 0, said
    forecasts = pl.read_parquet(tmp_path / "f.parquet")
    assert forecasts["date"].min().date().isoformat() == "2013-03-01"
    last = tradewind("predict", *model, "--news", news, "--json")
    assert len(last.json) == 8
    inside = tradewind("predict", *model, "--news", news, "--start", "2012-06-01")
    assert inside.code == 2
    assert "learned from" in inside.err
    without = tradewind("predict", *model)
    assert without.code == 2
    assert "--news" in without.err
    traded = tradewind(
        "backtest", "--predictions", tmp_path / "f.parquet", "--prices", prices, "--execution", "close", "--json"
    )
    assert traded.code == 0, traded
    assert traded.json["sharpe"] > 0  # the news market pays
    wrong = tradewind("backtest", "--predictions", tmp_path / "f.parquet", "--prices", prices, "--weights", "gut")
    assert wrong.code == 2
    assert "--weights" in wrong.err


@pytest.mark.slow
def test_features_table_and_list(tradewind, market_files: Path, tmp_path: Path):
    made = tradewind(
        "features", "--prices", market_files / "prices.parquet", "--news", market_files / "news.parquet",
        "--out", tmp_path / "f.csv", "--only", "rsi_14,return_5", "--json",
    )  # fmt: skip
    assert made.code == 0, made
    assert pl.read_csv(tmp_path / "f.csv").columns == ["symbol", "date", "rsi_14", "return_5"]
    listed = tradewind("features", "--list", "--json")
    assert len(listed.json) >= 60
    assert {"feature", "group", "window", "needs", "source"} == listed.json[0].keys()


@pytest.mark.slow
def test_simulate_with_faults_then_check_finds_them(tradewind, tmp_path: Path):
    made = tradewind(
        "simulate", "--kind", "random_walk", "--symbols", "16", "--days", "900", "--faults", "1", "--seed", "11",
        "--out", tmp_path, "--json",
    )  # fmt: skip
    assert made.code == 0, made
    faults = json.loads((tmp_path / "faults.json").read_text())
    assert len(faults) == made.json[0]["faults"] >= 12
    bad = tmp_path / "bad.parquet"
    found = tradewind(
        "check", "--prices", tmp_path / "prices.parquet", "--html", tmp_path / "q.html", "--quarantine", bad, "--json"
    )  # fmt: skip
    assert found.code == 0, found
    kinds = {event["kind"] for event in found.json["events"]}
    assert {"stale_price", "unadjusted_split", "price_spike"} <= kinds
    assert len(pl.read_parquet(bad)) >= 2  # the duplicate bar and the negative price stop at the border
    assert "<html" in (tmp_path / "q.html").read_text()


@pytest.mark.slow
def test_check_reconciles_two_sources(tradewind, market_files: Path, tmp_path: Path):
    bars = pl.read_parquet(market_files / "prices.parquet")
    moved = bars.with_columns(
        close=pl.when(pl.int_range(pl.len()) == 100).then(pl.col("close") * 1.05).otherwise("close")
    )
    moved.write_parquet(tmp_path / "other.parquet")
    found = tradewind(
        "check", "--prices", market_files / "prices.parquet", "--against", tmp_path / "other.parquet", "--json"
    )
    assert found.code == 0, found
    assert found.json["reconciliation"]["events"]
    shown = tradewind("check", "--prices", market_files / "prices.parquet")
    assert shown.code == 0
    assert "score" in shown.out


@pytest.mark.slow
def test_audit_of_own_features_is_clean_and_of_a_leak_is_not(tradewind, market_files: Path, tmp_path: Path):
    bars = pl.read_parquet(market_files / "prices.parquet").sort("symbol", "date")
    table = bars.select(
        "symbol", "date",
        honest=(pl.col("adj_close") / pl.col("adj_close").shift(3) - 1).over("symbol"),
        tomorrow=(pl.col("adj_close").shift(-1) / pl.col("adj_close") - 1).over("symbol"),
    )  # fmt: skip
    table.write_parquet(tmp_path / "table.parquet")
    prices = market_files / "prices.parquet"
    leak = tradewind("audit-leakage", "--table", tmp_path / "table.parquet", "--prices", prices, "--json")
    assert leak.code == 1
    assert {f["feature"] for f in leak.json["findings"] if f["severity"] == "error"} == {"tomorrow"}
    clean = tradewind("audit-leakage", "--prices", prices, "--json")
    assert clean.code == 0, clean
    assert clean.json["clean"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    ["demo", "fetch", "check", "simulate", "features", "train", "predict", "evaluate", "backtest", "audit-leakage"],
)
def test_help_has_examples(tradewind, command: str):
    found = tradewind(command, "--help")
    assert found.code == 0
    assert f"tradewind {command}" in found.out
    assert "Examples" in found.out
