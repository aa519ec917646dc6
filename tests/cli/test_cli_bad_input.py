"""Bad input: one clear error that says where and how to mend it, no traceback, exit code 2, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

Spoil = Callable[[pl.DataFrame], pl.DataFrame]


def put(column: str, row: int, value: object) -> Spoil:
    """Return a change of one cell."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        values = frame[column].to_list()
        values[row] = value
        return frame.with_columns(pl.Series(column, values))

    return change


def as_text(column: str, row: int, value: str) -> Spoil:
    """Return a change of one cell in a column written as text."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        values = [str(v) for v in frame[column].to_list()]
        values[row] = value
        return frame.with_columns(pl.Series(column, values))

    return change


SPOILED: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "missing column": (lambda f: f.drop("adj_close"), ("adj_close",)),
    "text in numbers": (as_text("close", 4, "n/a!"), ("row 5", "close", "n/a!")),
    "infinite value": (put("high", 9, float("inf")), ("row 10", "high")),
    "negative price": (put("close", 7, -3.0), ("row 8", "close")),
    "zero price": (put("adj_close", 7, 0.0), ("row 8", "adj_close")),
    "negative volume": (put("volume", 2, -1.0), ("row 3", "volume")),
    "no symbol": (put("symbol", 3, None), ("row 4", "symbol")),
    "no close": (put("close", 3, None), ("row 4", "close")),
    "all-NaN column": (lambda f: f.with_columns(open=pl.lit(None, pl.Float64)), ("open",)),
    "duplicate bars": (lambda f: pl.concat([f.head(6), f.slice(5)]), ("row 7",)),
    "unsorted": (lambda f: pl.concat([f.slice(10, 1), f.head(10), f.slice(11)]), ("date",)),
    "empty": (lambda f: f.head(0), ("prices.csv",)),
    "three bars": (lambda f: f.head(3), ("61",)),
    "bad date": (as_text("date", 6, "2015-13-45"), ("row 7", "date", "2015-13-45")),
    "future date": (as_text("date", 6, "2190-01-01"), ("row 7", "date")),
    "time zones mixed": (as_text("date", 6, "2013-01-10T00:00:00+05:00"), ("row 7", "date")),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", SPOILED)
def test_spoiled_prices(tradewind, market_files: Path, tmp_path: Path, case: str):
    spoil, words = SPOILED[case]
    frame = pl.read_parquet(market_files / "prices.parquet").with_columns(pl.col("date").dt.date())
    spoil(frame).write_csv(tmp_path / "prices.csv")
    found = tradewind("features", "--prices", tmp_path / "prices.csv", "--out", tmp_path / "out.parquet")
    assert found.code == 2, found
    assert found.err.count("error:") == 1
    assert "Traceback" not in found.err
    for word in ("prices.csv", "Fix:", *words):
        assert word in found.err.replace("\n", " ")
    assert not (tmp_path / "out.parquet").exists()


def evaluate_args(folder: Path, out: Path, **changes: object) -> list[object]:
    """Return arguments of a good `evaluate`, with changes."""
    flags: dict[str, object] = {
        "prices": folder / "prices.parquet",
        "train-end": "2013-03-01",
        "test-start": "2013-04-01",
        "test-end": "2013-06-01",
        "out": out,
    }
    flags.update({name.replace("_", "-"): value for name, value in changes.items()})
    return [word for name, value in flags.items() if value is not None for word in (f"--{name}", value)]


FLAGS: dict[str, tuple[dict[str, object], str]] = {
    "no such file": ({"prices": "nowhere.parquet"}, "nowhere.parquet"),
    "unknown suffix": ({"prices": "prices.xlsx"}, "prices.xlsx"),
    "test before training": ({"train_end": "2013-05-01"}, "--train-end"),
    "test ends before it starts": ({"test_end": "2013-03-02"}, "--test-end"),
    "not a date": ({"test_start": "spring"}, "spring"),
    "test after the bars": ({"test_start": "2100-01-01", "test_end": "2100-02-01"}, "2100"),
    "no model of that name": ({"models": "xgbost"}, "xgbost"),
    "a model twice": ({"models": "xgboost,xgboost"}, "twice"),
    "thresholds crossed": ({"label": "updown", "up": "-0.01", "down": "0.01"}, "--down"),
    "thresholds without updown": ({"up": "0.01"}, "--up"),
    "unknown label": ({"label": "sideways"}, "sideways"),
    "training before the bars": ({"train_end": "1999-01-01"}, "1999"),
    "no train end": ({"train_end": None}, "--train-end"),
    "settings that do not exist": ({"settings": "none.toml"}, "none.toml"),
    "seed below zero": ({"seed": "-1"}, "seed"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", FLAGS)
def test_wrong_flags(tradewind, market_files: Path, tmp_path: Path, case: str):
    changes, word = FLAGS[case]
    found = tradewind("evaluate", *evaluate_args(market_files, tmp_path / "out", **changes))
    assert found.code == 2, found
    assert "Traceback" not in found.err
    assert word in found.err
    assert not (tmp_path / "out" / "metrics.json").exists()


@pytest.mark.slow
def test_truncated_parquet(tradewind, market_files: Path, tmp_path: Path):
    whole = (market_files / "prices.parquet").read_bytes()
    (tmp_path / "prices.parquet").write_bytes(whole[: len(whole) // 2])
    found = tradewind("check", "--prices", tmp_path / "prices.parquet")
    assert found.code == 2
    assert "prices.parquet" in found.err
    assert found.err.count("error:") == 1


def test_output_that_cannot_be_written(tradewind, market_files: Path, tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    found = tradewind("evaluate", *evaluate_args(market_files, tmp_path / "taken"))
    assert found.code == 2
    assert "taken" in found.err
    assert (tmp_path / "taken").read_text() == "a file"


def test_news_before_prices(tradewind, market_files: Path, tmp_path: Path):
    news = pl.read_parquet(market_files / "news.parquet").with_columns(pl.col("published_at").dt.offset_by("-20y"))
    news.write_parquet(tmp_path / "news.parquet")
    found = tradewind("evaluate", *evaluate_args(market_files, tmp_path / "out", news=tmp_path / "news.parquet"))
    assert found.code == 2
    assert "news.parquet" in found.err


def test_universe_of_other_symbols(tradewind, market_files: Path, tmp_path: Path):
    (tmp_path / "u.csv").write_text("symbol,name,sector\nZZZ,Zed,Tech\n")
    found = tradewind("evaluate", *evaluate_args(market_files, tmp_path / "out", universe=tmp_path / "u.csv"))
    assert found.code == 2
    assert "u.csv" in found.err


def test_bad_rows_go_to_quarantine_when_asked(tradewind, market_files: Path, tmp_path: Path):
    frame = pl.read_parquet(market_files / "prices.parquet")
    put("close", 4, -1.0)(frame).write_parquet(tmp_path / "prices.parquet")
    found = tradewind(
        "features", "--prices", tmp_path / "prices.parquet", "--only", "rsi_14", "--out", tmp_path / "f.parquet",
        "--quarantine", tmp_path / "bad.parquet",
    )  # fmt: skip
    assert found.code == 0, found
    assert len(pl.read_parquet(tmp_path / "f.parquet")) == len(frame) - 1
    assert len(pl.read_parquet(tmp_path / "bad.parquet")) == 1
    assert "bad.parquet" in found.err


def test_a_folder_without_a_model(tradewind, market_files: Path, tmp_path: Path):
    found = tradewind("predict", "--model", tmp_path, "--prices", market_files / "prices.parquet")
    assert found.code == 2
    assert "no trained model" in found.err


def test_unknown_feature_is_answered_with_near_names(tradewind, market_files: Path, tmp_path: Path):
    found = tradewind(
        "features", "--prices", market_files / "prices.parquet", "--only", "rsi_15", "--out", tmp_path / "f.parquet"
    )
    assert found.code == 2
    assert "rsi_14" in found.err


def test_fetch_without_its_extra_says_what_to_install(tradewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "yfinance", None)  # as if it were not installed
    words = ("fetch", "--symbols", "AAPL", "--start", "2020-01-01", "--end", "2020-02-01", "--out", tmp_path / "p.csv")
    found = tradewind(*words)
    assert found.code == 2
    assert "pip install 'tradewind[yfinance]'" in found.err
    assert not (tmp_path / "p.csv").exists()
