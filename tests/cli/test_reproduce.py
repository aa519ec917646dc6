"""`tradewind reproduce`: equal where nothing changed, caught where something did."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def model(tradewind, market_files: Path, tmp_path: Path) -> Path:
    """Return the folder of a small model of news and prices."""
    found = tradewind(
        "train", "--prices", market_files / "prices.parquet", "--news", market_files / "news.parquet", "--universe",
        market_files / "universe.csv", "--train-end", "2013-02-15", "--models", "logistic", "--out",
        tmp_path / "model",
    )  # fmt: skip
    assert found.code == 0, found
    return tmp_path / "model"


def test_a_model_is_reproduced_and_changes_are_caught(tradewind, model: Path, market_files: Path, tmp_path: Path):
    same = tradewind("reproduce", model, "--strict", "--json")
    assert same.code == 0, same
    assert same.json["reproduced"] is True
    assert same.json["largest"] == 0.0
    assert same.json["differences"] == []
    assert [name for name, equal in same.json["files"].items() if not equal] == []

    bars = pl.read_parquet(market_files / "prices.parquet")
    shaken = pl.col("adj_close") * (1.0 + 0.01 * (pl.int_range(pl.len()) % 7))
    bars.with_columns(adj_close=shaken).write_parquet(tmp_path / "other.parquet")
    other = tradewind("reproduce", model, "--prices", tmp_path / "other.parquet")
    assert other.code == 1
    assert "NOT reproduced" in other.out
    assert "prices file: was" in other.err
    assert "data panel: was" in other.err

    index = json.loads((model / "model.json").read_text())
    index["record"]["code"]["source"] = "0" * 16
    (model / "model.json").write_text(json.dumps(index))
    code = tradewind("reproduce", model)
    assert code.code == 0
    assert "code source: was 0000000000000000" in code.err
    assert "Reproduced although something differs (see above)" in code.out
    assert tradewind("reproduce", model, "--strict").code == 1


def test_what_cannot_be_rebuilt_is_told(tradewind, model: Path, tmp_path: Path):
    assert "neither a registered model nor a model's folder" in tradewind("reproduce", tmp_path / "none").err
    index = json.loads((model / "model.json").read_text())
    index["record"]["making"]["inputs"]["prices"]["path"] = str(tmp_path / "gone.parquet")
    (model / "model.json").write_text(json.dumps(index))
    moved = tradewind("reproduce", model)
    assert moved.code == 2
    assert "say with --prices where they are" in moved.err
    del index["record"]["making"]
    (model / "model.json").write_text(json.dumps(index))
    unknown = tradewind("reproduce", model)
    assert unknown.code == 2
    assert "does not say which prices" in unknown.err
