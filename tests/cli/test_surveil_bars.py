"""`tradewind surveil bars`: bars set on labelled folders, and a run with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradewind.surveillance.events import write_events
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.truth_files import write_truth

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of three days: two with deeds in them, and a calm one."""
    folder = tmp_path_factory.mktemp("history")
    for seed, episodes in ((71, 12), (72, 12), (73, 0)):
        made = sample_market(seed, events=12_000, episodes=episodes)
        write_events(made.events, folder / str(seed) / "events.parquet")
        write_truth(made.truth, folder / str(seed) / "truth.parquet")
    return folder


@pytest.mark.slow
def test_bars_are_set_told_and_used(tradewind: Run, history: Path, tmp_path: Path) -> None:
    days = sorted(history.iterdir())
    told = tradewind("surveil", "bars", *days, "--out", tmp_path / "ours", "--precision", "0.9", "--json")
    assert told.code == 0, told.err
    bars = told.json["bars"]
    assert {bar["how"] for bar in bars.values()} <= {"found", "kept", "raised", "silent"}
    assert sum(bar["episodes"] for bar in bars.values()) == told.json["before"]["overall"]["planted"] > 10
    assert told.json["after"]["markets"] == 3
    kept = json.loads((tmp_path / "ours" / "bars.json").read_text())
    assert kept["model"] == told.json["model"]
    run = tradewind(
        "surveil",
        "run",
        "--events",
        days[0] / "events.parquet",
        "--model",
        tmp_path / "ours",
        "--out",
        tmp_path / "run",
    )
    assert run.code == 0, run.err
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["model"] == told.json["model"]


@pytest.mark.slow
def test_what_is_set_is_said_in_words(tradewind: Run, history: Path, tmp_path: Path) -> None:
    day = history / "73"
    (tmp_path / "costs.toml").write_text("missed_cost.layering = 2.0\n")
    (tmp_path / "owners.txt").write_text("one, other  # a married couple\n")
    told = tradewind(
        "surveil", "bars", day, "--out", tmp_path / "calm", "--columns", "account=account",
        "--settings", tmp_path / "costs.toml", "--linked", tmp_path / "owners.txt",
    )  # fmt: skip
    assert told.code == 0, told.err
    assert "one market alone" in told.err
    assert "quote_stuffing" in told.out
    assert "use it with --model" in told.out


def test_a_folder_without_truth_is_named(tradewind: Run, tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    told = tradewind("surveil", "bars", tmp_path / "day", "--out", tmp_path / "ours")
    assert told.code != 0
    assert "truth.parquet" in told.err
    assert "no row where nothing was done" in told.err
    assert not (tmp_path / "ours").exists()
