"""`tradewind drift` on two tables of features."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

SYMBOLS = 20


def write(path: Path, start: int, days: int, *, shift: float = 0.0) -> Path:
    rng = np.random.default_rng(start)
    date = np.repeat(np.datetime64("2015-01-01") + np.arange(start, start + days), SYMBOLS)
    symbol = np.tile([f"S{i:02}" for i in range(SYMBOLS)], days)
    x = rng.standard_normal((len(date), 3)) + np.repeat(rng.standard_normal((days, 3)), SYMBOLS, axis=0)
    x[:, 1] += shift * (np.arange(len(date)) % SYMBOLS)
    frame = pl.DataFrame({"symbol": symbol, "date": date, "a": x[:, 0], "b": x[:, 1], "c": x[:, 2]})
    frame.write_parquet(path)
    return path


@pytest.fixture(scope="module")
def past(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("drift") / "past.parquet", 0, 240)


@pytest.mark.slow
def test_a_table_like_the_past_ends_with_0(tradewind, past, tmp_path):
    result = tradewind("drift", "--reference", past, "--current", write(tmp_path / "now.parquet", 300, 20), "--json")
    assert result.code == 0, result.err
    assert result.json["drift"] is False
    assert result.json["window"] == 20


@pytest.mark.slow
def test_drift_ends_with_1_and_is_written_down(tradewind, past, tmp_path):
    now = write(tmp_path / "now.parquet", 300, 20, shift=0.2)
    result = tradewind("drift", "--reference", past, "--current", now, "--out", tmp_path / "out")
    assert result.code == 1, result.err
    assert json.loads((tmp_path / "out" / "drift.json").read_text(encoding="utf-8"))["drifted"] == ["b"]
    page = (tmp_path / "out" / "drift.html").read_text(encoding="utf-8")
    assert "Data drift" in page
    assert "http" not in page.split("</head>")[1].replace("http://www.w3.org", "")


@pytest.mark.slow
def test_sectors_are_judged_by_name(tradewind, past, tmp_path):
    universe = tmp_path / "universe.csv"
    rows = [f"S{i:02},{'energy' if i < 10 else 'finance'}" for i in range(SYMBOLS)]
    universe.write_text("symbol,sector\n" + "\n".join(rows) + "\n", encoding="utf-8")
    now = write(tmp_path / "now.parquet", 300, 20, shift=0.2)
    result = tradewind(
        "drift", "--reference", past, "--current", now, "--by", "sector", "--universe", universe, "--json"
    )
    assert result.code == 1, result.err
    assert {row["group"] for row in result.json["groups"] if row["drift"]} == {"energy", "finance"}


@pytest.mark.slow
def test_bad_input_is_named(tradewind, past, tmp_path):
    bare = tmp_path / "bare.parquet"
    pl.DataFrame({"symbol": ["A"], "a": [1.0]}).write_parquet(bare)
    result = tradewind("drift", "--reference", past, "--current", bare)
    assert result.code == 2
    assert "bare.parquet" in result.err
    assert "date" in result.err
    assert tradewind("drift", "--reference", past, "--current", past, "--by", "sector").code == 2
    assert tradewind("drift", "--reference", past, "--current", tmp_path / "none.parquet").code == 2
