"""Every model by name, parity and the correction for tries, as a user asks for them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tradewind.models import MODELS

RULES = {"always_up", "last_direction", "momentum", "reversal"}
LEARNERS = sorted(set(MODELS) - RULES)
NETS = ("lstm", "gru", "cnn", "tcn", "transformer", "hybrid", "graph")
SPAN = ("--train-end", "2013-02-15", "--test-start", "2013-03-01", "--test-end", "2013-04-30")


@pytest.mark.slow
def test_evaluate_takes_every_model_by_name_and_keeps_the_contract(tradewind, market_files: Path, tmp_path: Path):
    file = tmp_path / "quick.toml"
    file.write_text(
        "[ensemble]\ninner_folds = 1\n"
        + "".join(f"[members.{name}]\nmax_epochs = 2\nhidden = 8\n" for name in NETS)
        + "[members.random_forest]\nn_trees = 20\n"
    )
    said = tradewind(
        "evaluate", "--prices", market_files / "prices.parquet", *SPAN, "--models", ",".join(LEARNERS),
        "--settings", file, "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    assert said.code == 0, said
    assert set(LEARNERS) <= set(said.json["models"])
    predictions = pl.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert predictions.columns == ["symbol", "date", "probability", "expected_return", "lower", "upper", "label"]
    folds = json.loads((tmp_path / "out" / "metrics.json").read_text())["context"]["folds"]
    assert set(folds[0]["weights"]) == set(LEARNERS)


@pytest.mark.slow
def test_parity_is_trained_for_measured_and_priced(tradewind, market_files: Path, tmp_path: Path):
    said = tradewind(
        "evaluate", "--prices", market_files / "prices.parquet", "--universe", market_files / "universe.csv", *SPAN,
        "--models", "xgboost", "--parity", "2", "--parity-by", "sector", "--reweight", "--parity-curve",
        "--trials", "10", "--out", tmp_path / "out",
    )  # fmt: skip
    assert said.code == 0, said
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["verdict"]["trials"] == 10
    assert metrics["verdict"]["deflated_p_value"] >= metrics["verdict"]["p_value"]
    assert len(metrics["parity_curve"]["points"]) >= 4
    assert "10 variants" in said.out
    page = (tmp_path / "out" / "report.html").read_text()
    assert "parity" in page.lower()


def test_parity_by_sector_needs_sectors(tradewind, market_files: Path, tmp_path: Path):
    said = tradewind(
        "evaluate", "--prices", market_files / "prices.parquet", *SPAN, "--models", "xgboost", "--parity", "1",
        "--parity-by", "sector", "--jobs", "2", "--out", tmp_path / "out",
    )  # fmt: skip
    assert said.code == 2
    assert "--jobs has no effect" in said.err
    assert "sector" in said.err
    assert "--universe" in said.err
