"""`tradewind replay`, end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tradewind.cli.main import app
from tradewind.core import UsageError

RUN = CliRunner()


@pytest.mark.slow
def test_planted_incidents_are_noticed_explained_and_written(tmp_path: Path) -> None:
    flags = ["--symbols", "12", "--years", "0.6", "--seed", "7", "--out", str(tmp_path)]
    kinds = ["--kind", "feed_stops", "--kind", "wrong_model_version"]
    shown = RUN.invoke(app, ["replay", *kinds, *flags, "--json"], catch_exceptions=False)
    assert shown.exit_code == 0
    found = json.loads(shown.stdout)
    rows = {row["kind"]: row for row in found["kinds"]}
    assert set(rows) == {"feed_stops", "wrong_model_version"}
    for row in rows.values():
        assert row["detected"]["share"] == 1.0
        assert row["delay"] == 0.0
        assert row["right"]["share"] == 1.0
        assert row["subject"]["share"] == 1.0
    assert found["clean_years"] == pytest.approx(0.6, abs=0.01)
    assert json.loads((tmp_path / "scores.json").read_text()) == found
    page = (tmp_path / "replay.html").read_text()
    assert "2 of 2 incidents explained" in page
    assert len((tmp_path / "replays.jsonl").read_text().splitlines()) == 3
    again = RUN.invoke(app, ["replay", *kinds, *flags], catch_exceptions=False)  # nothing is run anew
    assert "2 of 2 diagnoses put the right cause first" in again.stdout


@pytest.mark.slow
def test_a_kind_that_is_none_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no incident 'flood'.*feed_stops"):
        RUN.invoke(app, ["replay", "--kind", "flood", "--out", str(tmp_path)], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_settings_of_watchers_that_do_not_exist_are_named(tmp_path: Path) -> None:
    path = tmp_path / "monitor.toml"
    path.write_text("[tides]\nhigh = 1\n")
    with pytest.raises(UsageError, match="tides"):
        RUN.invoke(app, ["replay", "--settings", str(path), "--out", str(tmp_path / "out")], catch_exceptions=False)
