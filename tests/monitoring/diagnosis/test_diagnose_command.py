"""`tradewind diagnose`: of a journal and of files, end to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from tradewind.cli.diagnose import register
from tradewind.core import InputError, Severity, UsageError
from tradewind.data import write_news, write_prices
from tradewind.monitoring.diagnosis import CauseKind
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.replay.world import WorldSettings, build_world

APP = typer.Typer()
register(APP)


def run(*flags: Any) -> Result:
    return CliRunner().invoke(APP, [str(one) for one in flags], catch_exceptions=False)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A journal, and the days of the period in it."""

    folder: Path
    days: tuple[str, str]


@pytest.fixture(scope="session")
def kept(plant: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("journal")
    slices = plant(CauseKind.FEED_STOPS, days=126).slices
    moment = slices[108].known_at
    told = Finding(
        kind="feed_silent",
        area=Area.DATA_QUALITY,
        severity=Severity.ERROR,
        message="feed alpha is silent",
        time=moment,
        known_at=moment,
        subject={"feed": "alpha"},
    )
    journal = Journal(folder)
    for day, one in enumerate(slices):
        journal.write(one, (told,) if day == 108 else ())
    return Kept(folder=folder, days=(str(slices[90].time)[:10], str(slices[119].time)[:10]))


@pytest.mark.slow
def test_a_journal_is_diagnosed_as_its_slices_are(kept: Kept, plant: Callable[..., Any], tmp_path: Path) -> None:
    begin, end = kept.days
    shown = run("--journal", kept.folder, "--model", "demo@champion", "--from", begin, "--to", end, "--json",
                "--out", tmp_path)  # fmt: skip
    assert shown.exit_code == 1
    found = json.loads(shown.stdout)
    assert found == json.loads((tmp_path / "diagnosis.json").read_text())
    assert found["causes"][0]["kind"] == "feed_stops"
    assert found["causes"][0]["subject"] == {"feed": "alpha"}
    assert found["reference_slices"] == 90
    assert [one["kind"] for one in found["findings"]] == ["feed_silent"]
    direct = plant(CauseKind.FEED_STOPS, days=126).diagnosis().to_dict()  # nothing after --to was read
    assert found["causes"][0]["since"] == direct["causes"][0]["since"]
    assert found["error_slices"] == direct["error_slices"]
    assert found["feature_shifts"] == direct["feature_shifts"]
    assert (tmp_path / "diagnosis.html").read_text().startswith("<!doctype html>")


@pytest.mark.slow
def test_people_read_the_cause_first_and_the_play_book(kept: Kept) -> None:
    shown = run("--journal", kept.folder, "--from", kept.days[0], "--to", kept.days[1], "--reference", 60)
    assert shown.stdout.startswith("Feed stops: feed alpha, since ")
    assert "Play-book" in shown.stdout
    assert "Infrastructure" in shown.stdout


def test_days_before_the_fault_have_none(kept: Kept, plant: Callable[..., Any]) -> None:
    slices = plant(CauseKind.FEED_STOPS, days=126).slices
    shown = run("--journal", kept.folder, "--from", str(slices[70].time)[:10], "--to", str(slices[104].time)[:10])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("No fault found")


@pytest.mark.parametrize(
    ("flags", "error", "words"),
    [
        (("--from", "2024-05-01", "--to", "2024-06-01"), UsageError, "give --journal or --prices"),
        (("--from", "May", "--to", "2024-06-01"), UsageError, "--from 'May' is not a date"),
        (("--journal", "{j}", "--from", "2024-06-01", "--to", "2024-05-01"), UsageError, "lies before --from"),
        (("--journal", "{j}", "--model", "other/1", "--from", "2024-05-06", "--to", "2024-06-01"), UsageError,
         "is of demo and not of 'other'"),
        (("--journal", "{j}", "--news", "n.csv", "--from", "2024-05-06", "--to", "2024-06-01"), UsageError,
         "no meaning with --journal"),
        (("--journal", "nowhere", "--from", "2024-05-06", "--to", "2024-06-01"), InputError, "there is no journal"),
        (("--journal", "{j}", "--from", "2030-05-06", "--to", "2030-06-01"), InputError, "period holds no slice"),
        (("--journal", "{j}", "--from", "2024-01-05", "--to", "2024-06-01"), InputError, "lie before the period"),
        (("--prices", "p.csv", "--from", "2024-05-06", "--to", "2024-06-01"), UsageError, "--prices needs --model"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(kept: Kept, flags: tuple[str, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        run(*(flag.format(j=kept.folder) for flag in flags))


@pytest.mark.slow
def test_files_are_diagnosed_with_what_the_model_would_have_said(tmp_path: Path) -> None:
    settings = WorldSettings(symbols=12, train_days=240, judged_days=60, replay_days=120, seed=3)
    world = build_world(settings)
    world.models[-1].save(tmp_path / "model")
    panel, news = world.stage.panel, world.stage.news
    assert news is not None
    days = panel.times
    split = (panel.symbol_code == 4) & (panel.time >= days[380])
    factor = np.where(split, 0.5, 1.0)
    names = ("open", "high", "low", "close", "adj_close")
    bad = replace(panel, **{name: getattr(panel, name) * factor for name in names})
    write_prices(bad, tmp_path / "prices.parquet")
    write_news(news, tmp_path / "news.parquet")
    begin, end = str(days[365])[:10], str(days[394])[:10]
    flags = ("--model", tmp_path / "model", "--prices", tmp_path / "prices.parquet", "--news",
             tmp_path / "news.parquet", "--from", begin, "--to", end, "--json")  # fmt: skip
    found = json.loads(run(*flags).stdout)
    assert found["causes"][0]["kind"] == "unadjusted_split"
    assert found["causes"][0]["subject"] == {"symbol": panel.symbols[4]}
    assert found["causes"][0]["since"][:10] == str(days[380])[:10]
    version = next(one for one in found["causes"] if one["kind"] == "wrong_model_version")
    assert "no registry" in version["ruled_out"]
    # cut at --to, the files give the same: nothing later was looked at
    write_prices(bad.until(days[394]), tmp_path / "prices.parquet")
    write_news(news.select(news.published_at <= days[394] + np.timedelta64(20, "h")), tmp_path / "news.parquet")
    assert json.loads(run(*flags).stdout) == found
    with pytest.raises(InputError, match="lie between the end of the model's training"):
        run(*flags[:6], "--from", str(days[245])[:10], "--to", end)
