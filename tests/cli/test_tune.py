"""`tradewind tune` as a user meets it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest


@pytest.fixture(scope="module")
def window(market_files: Path) -> tuple[str, str, str]:
    """Return the last training day and the first and last test day of the small market."""
    days = pl.read_parquet(market_files / "prices.parquet")["date"].unique().sort()
    return tuple(str(days[int(share * len(days)) - 1])[:10] for share in (0.8, 0.85, 1.0))  # type: ignore[return-value]


def quick(window: tuple[str, str, str], *more: object) -> tuple[object, ...]:
    """Return flags of a quick search."""
    flags = "--models logistic,xgboost --trials 3 --ensemble-trials 3 --joint-trials 2 --splits 3 --periods 2 --seed 3"
    return (*flags.split(), "--train-end", window[0], *more)


@pytest.mark.slow
def test_search_then_evaluate(tradewind: Any, market_files: Path, window: tuple[str, str, str], tmp_path: Path) -> None:
    prices = ("--prices", market_files / "prices.parquet")
    store = f"sqlite:///{tmp_path / 'runs.db'}"
    told = tradewind("tune", *prices, *quick(window), "--out", tmp_path / "search", "--track", store)
    assert told.code == 0, told.err
    (kept,) = tradewind("runs", "list", "--track", store, "--json").json
    assert kept["command"] == "tune"
    assert "weights" in told.out
    assert "default" in told.out
    assert "variants" in told.out
    assert "best so far" in told.err
    for name in ("tuned.toml", "trials.parquet", "search.html", "study.db"):
        assert (tmp_path / "search" / name).stat().st_size > 0
    tuned = tomllib.loads((tmp_path / "search" / "tuned.toml").read_text())
    trials = pl.read_parquet(tmp_path / "search" / "trials.parquet")
    assert tuned["tuning"]["trials"] == trials.height == 3 + 3 + 3 + 2
    scored = tradewind(
        "evaluate", *prices, "--settings", tmp_path / "search" / "tuned.toml", "--train-end", window[0],
        "--test-start", window[1], "--test-end", window[2], "--out", tmp_path / "tuned", "--json",
    )  # fmt: skip
    assert scored.code == 0, scored.err
    again = tradewind("tune", *prices, *quick(window), "--out", tmp_path / "search", "--json")
    assert again.code == 0, again.err
    assert again.json["trials"] == 11
    assert tomllib.loads((tmp_path / "search" / "tuned.toml").read_text()) == tuned


@pytest.mark.slow
def test_another_seed_is_another_search(
    tradewind: Any, market_files: Path, window: tuple[str, str, str], tmp_path: Path
) -> None:
    flags = ("tune", "--prices", market_files / "prices.parquet", *quick(window), "--out", tmp_path)
    short = ("--models", "logistic", "--trials", 1, "--ensemble-trials", 0, "--joint-trials", 0)
    assert tradewind(*flags, *short).code == 0
    other = tradewind(*flags, *short, "--seed", 4)
    assert other.code == 2
    assert "other settings" in other.err
    assert "--out" in other.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--train-end", "soon"), "not a date"),
        (("--models", "crystal_ball"), "crystal_ball"),
        (("--sampler", "prayer"), "prayer"),
        (("--splits", "1"), "equal to 2"),
    ],
)
def test_a_bad_flag_is_named(
    tradewind: Any, market_files: Path, window: tuple[str, str, str], tmp_path: Path, flags: tuple[str, ...], said: str
) -> None:
    told = tradewind(
        "tune", "--prices", market_files / "prices.parquet", *quick(window), "--out", tmp_path / "s", *flags
    )
    assert told.code == 2
    assert said in told.err
