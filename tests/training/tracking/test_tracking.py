"""Runs are recorded in a real MLflow store and read back; a store that fails costs a warning and no more."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import InputError, UsageError
from tradewind.training.tracking import Place, Runs, Tracker, masked, place_of
from tradewind.training.tracking.flat import LONGEST, flat, numbers

pytestmark = pytest.mark.slow


def no_warning(text: str) -> None:
    raise AssertionError(text)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a store with four runs: two fine ones, one without skill, one that crashed."""
    folder = tmp_path_factory.mktemp("home")
    place = place_of(str(folder / "deep"))
    assert place is not None
    tracker = Tracker(place, no_warning)
    table = pl.DataFrame({"symbol": ["A"], "probability": [0.6]})
    table.write_parquet(folder / "predictions.parquet")
    (folder / "model").mkdir()
    (folder / "model" / "model.json").write_text("{}")
    for number, accuracy in enumerate((0.52, 0.58)):
        with tracker.run("evaluate", dataset=f"data/market_{number}.parquet") as log:
            log.facts("settings", {"seed": 7 + number, "models": ["lstm", "xgboost"], "label": {"up": 0.0055}})
            log.metrics({"accuracy": accuracy, "ic": float("nan"), "skill": True})
            for step in range(3):
                log.metrics({"accuracy": accuracy + step / 100}, prefix="fold.", step=step)
            log.attach(folder / "predictions.parquet", folder / "absent.html")
            log.attach_folder("model", folder / "model")
    with tracker.run("evaluate", dataset="data/market_0.parquet") as log:
        log.no_skill("It shows no skill: accuracy 50.1 %")
    with (
        pytest.raises(ValueError, match="seven"),
        tracker.run("train", dataset="https://me:hush@host/p.parquet?token=abc") as log,
    ):
        raise ValueError("seven bars at https://me:hush@host are not enough")
    return place


def test_a_run_is_read_back_whole(store: Place):
    runs = Runs(store)
    best = runs.all(metric="accuracy")[0]
    assert best.metrics == {"accuracy": 0.58, "fold.accuracy": pytest.approx(0.60)}
    assert best.params == {
        "settings.seed": "8",
        "settings.models": '["lstm", "xgboost"]',
        "settings.label.up": "0.0055",
    }
    assert (best.command, best.dataset, best.status) == ("evaluate", "data/market_1.parquet", "FINISHED")
    assert best.ended is not None
    assert best.began <= best.ended
    assert runs.folds(best, "fold.accuracy") == pytest.approx([0.58, 0.59, 0.60])
    assert sorted(runs.files(best)) == ["model", "predictions.parquet"]
    table = runs.predictions(best)
    assert table is not None
    assert table["probability"].to_list() == [0.6]


def test_runs_are_filtered_ordered_and_found_by_prefix(store: Place):
    runs = Runs(store)
    every = runs.all()
    assert len(every) == 4
    assert [run.began for run in every] == sorted((run.began for run in every), reverse=True)
    assert len(runs.all(dataset="market_0")) == 2
    assert [run.metrics["accuracy"] for run in runs.all(metric="accuracy")] == [0.58, 0.52]
    assert len(runs.all(limit=1)) == 1
    assert runs.find(every[0].id[:12]).id == every[0].id
    with pytest.raises(UsageError, match="no run 'zzz'"):
        runs.find("zzz")
    with pytest.raises(UsageError, match="no run ''"):
        runs.find("")


def test_an_ambiguous_prefix_is_refused(store: Place, monkeypatch: pytest.MonkeyPatch):
    runs = Runs(store)
    first = runs.all()[0]
    monkeypatch.setattr(runs, "_read", lambda: [first, first])
    with pytest.raises(UsageError, match="2 runs begin with"):
        runs.find(first.id[:3])


def test_the_journal_keeps_failures_and_is_searched(store: Place):
    runs = Runs(store)
    found = {entry.kind: entry for entry in runs.journal()}
    assert found.keys() >= {"crashed", "no skill"}
    assert "ValueError: seven bars" in found["crashed"].reason
    assert [entry.kind for entry in runs.journal("SKILL 50.1")] == ["no skill"]
    assert runs.journal("nothing holds this") == []
    fine = runs.all(metric="accuracy")[1]
    runs.reject(fine, " prices were not adjusted ")
    rejected = runs.journal("rejected adjusted market_0")
    assert [(entry.run, entry.reason) for entry in rejected] == [(fine.id, "prices were not adjusted")]
    assert rejected[0].moment >= found["crashed"].moment
    assert runs.find(fine.id).outcome == "rejected"
    with pytest.raises(UsageError, match="reason is empty"):
        runs.reject(fine, "  ")


def test_no_credential_reaches_the_store(store: Place):
    crashed = next(run for run in Runs(store).all() if run.command == "train")
    assert crashed.status == "FAILED"
    assert crashed.dataset == "https://***@host/p.parquet?token=***"
    assert store.database is not None
    assert b"hush" not in store.database.read_bytes()


def test_a_store_that_cannot_be_written_costs_one_warning(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    warned: list[str] = []
    place = place_of(str(tmp_path / "file" / "store"))
    with Tracker(place, warned.append).run("evaluate", dataset="d") as log:
        log.metrics({"accuracy": 0.5})
    assert len(warned) == 1
    assert "was not recorded" in warned[0]
    assert "\n" not in warned[0]


def test_a_damaged_store_is_named_when_read_and_costs_a_warning_when_written(tmp_path: Path):
    (tmp_path / "runs.db").write_text("not a database" * 100)
    place = place_of(str(tmp_path))
    assert place is not None
    warned: list[str] = []
    with Tracker(place, warned.append).run("evaluate", dataset="d"):
        pass
    assert len(warned) == 1
    with pytest.raises(InputError, match="cannot be read"):
        Runs(place).all()


def test_reading_makes_no_store(tmp_path: Path):
    place = place_of(str(tmp_path / "none"))
    assert place is not None
    assert Runs(place).all() == []
    assert list(tmp_path.iterdir()) == []


def test_places_come_from_the_flag_then_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert place_of() is None  # the tests' own setting
    assert place_of("off") is None
    monkeypatch.delenv("TRADEWIND_TRACK")
    default = place_of()
    assert default is not None
    assert default.database == tmp_path / ".tradewind" / "runs.db"
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
    home = place_of()
    assert home is not None
    assert home.database == tmp_path / "home" / "runs.db"
    named = place_of(f"sqlite:///{tmp_path}/x/y.db")
    assert named is not None
    assert (named.folder, named.database) == (tmp_path / "x", tmp_path / "x" / "y.db")
    far = place_of("https://user:p@ss@mlflow.example:5000")
    assert far is not None
    assert (far.folder, far.shown) == (None, "https://***@mlflow.example:5000")


def test_files_lie_beside_the_database_or_with_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
    for text, files in (
        (f"{tmp_path}/x", tmp_path / "x" / "artifacts"),
        ("postgresql+psycopg://a:b@h/db", tmp_path / "home" / "artifacts"),
        ("https://mlflow.example", None),
    ):
        place = place_of(text)
        assert place is not None
        assert place.files == files
    with pytest.raises(UsageError, match="cannot be kept at 'ftp://") as caught:
        place_of("ftp://me:hush@host/runs")
    assert "hush" not in str(caught.value)


def test_a_server_that_is_down_costs_a_warning_soon(monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as taken:  # bound, but nothing listens: connections are refused
        taken.bind(("127.0.0.1", 0))
        place = place_of(f"http://me:hush@127.0.0.1:{taken.getsockname()[1]}")
        warned: list[str] = []
        began = time.monotonic()
        with Tracker(place, warned.append).run("evaluate", dataset="d"):
            pass
    assert time.monotonic() - began < 60
    assert len(warned) == 1
    assert "hush" not in warned[0]


def test_a_plot_that_fails_leaves_the_rest_of_the_run(tmp_path: Path):
    place = place_of(str(tmp_path))
    assert place is not None
    warned: list[str] = []
    told: list[str] = []
    tracker = Tracker(place, warned.append, told.append)
    with tracker.run("evaluate", dataset="d") as log:
        log.metrics({"accuracy": 0.5})
        log.attach_texts("plots", lambda: {"a.svg": "<svg/>"})
    with tracker.run("evaluate", dataset="d") as log:
        log.metrics({"accuracy": 0.6})
        log.attach_texts("plots", lambda: {}["absent"])
    second, first = Runs(place).all()
    assert told == [f"Recorded as run {first.id[:8]} in {place.shown}"]
    assert (tmp_path / "artifacts" / first.id / "artifacts" / "plots" / "a.svg").read_text() == "<svg/>"
    assert len(warned) == 1
    assert (second.status, second.metrics["accuracy"]) == ("FINISHED", 0.6)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql+psycopg://a:b@h/db", "postgresql+psycopg://***@h/db"),
        ("http://h/x?api_key=1&n=2", "http://h/x?api_key=***&n=2"),
        ("password=secret", "password=***"),
        ("data/prices.parquet", "data/prices.parquet"),
    ],
)
def test_credentials_are_masked(text: str, shown: str):
    assert masked(text) == shown


def test_settings_are_flattened_and_long_ones_cut():
    found = flat({"a": {"b": None, "c": True, "d?": "x" * 9000}, "e": Path("f")}, "s.")
    assert found.keys() == {"s.a.b", "s.a.c", "s.a.d_", "s.e"}
    assert (found["s.a.b"], found["s.a.c"], found["s.e"]) == ("null", "true", "f")
    assert len(found["s.a.d_"]) <= LONGEST
    assert found["s.a.d_"].endswith("(9000 in all)")
    assert numbers({"a": 1, "b": float("inf"), "c": "2", "d": True, "e": {"f": 0.5}}) == {"a": 1.0, "e.f": 0.5}


WRITE = """
import sys
from tradewind.training.tracking import Tracker, place_of
warned = []
with Tracker(place_of(sys.argv[1]), warned.append).run("evaluate", dataset="d") as log:
    log.metrics({"accuracy": 0.5})
sys.exit("; ".join(warned) or 0)
"""


def test_two_processes_may_make_the_store_at_once_and_say_nothing(tmp_path: Path):
    command = [sys.executable, "-c", WRITE, str(tmp_path / "home")]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ})
        for _ in range(2)
    ]
    said = [process.communicate(timeout=240)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert said == ["", ""]
    place = place_of(str(tmp_path / "home"))
    assert place is not None
    assert len(Runs(place).all()) == 2
