"""`tradewind alerts` as a user meets it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tradewind.cli import alerts
from tradewind.core import InputError, UsageError
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore, Courier

app = typer.Typer()
alerts.register(app)


def run(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["alerts", *map(str, arguments)])
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def file(tmp_path: Path, finding: Any, capsys: pytest.CaptureFixture[str]) -> Path:
    path, now = tmp_path / "alerts.db", datetime.now(UTC) - timedelta(minutes=5)
    store = AlertStore(path)
    found = [finding("feed_silent", "error", now, feed="a"), finding("feature_drift", at=now, feature="rsi", feed="a")]
    AlertManager(AlertSettings(), store).take([*found, finding("latency", "critical", now)], now)
    store.close()
    return path


def rows(*arguments: object) -> Any:
    """Return what the command prints as JSON."""
    return json.loads(run(*arguments, "--json"))


def test_list_and_show(file: Path) -> None:
    found = rows("list", "--store", file)
    assert [(row["severity"], row["state"]) for row in found] == [
        ("critical", "open"),
        ("error", "open"),
        ("warning", "held back"),
    ]
    assert [row["what"] for row in rows("list", "--store", file, "--severity", "critical")] == ["latency: everything"]
    shown = rows("show", found[1]["id"][:6], "--store", file)
    assert shown["incident"]["runbook"] == "docs/runbook.md#feed-silent"
    assert [one["kind"] for one in shown["explained"]] == ["feature_drift"]
    with pytest.raises(UsageError, match="no severity"):
        run("list", "--store", file, "--severity", "bad")
    with pytest.raises(InputError, match="no store of alerts here"):
        run("list", "--store", file.with_name("none.db"))


def test_acknowledge_silence_and_lift(file: Path) -> None:
    one = rows("list", "--store", file)[0]["id"]
    assert rows("ack", one, "--as", "ann", "--note", "on it", "--store", file)["acknowledged"]["by"] == "ann"
    assert rows("list", "--store", file)[0]["state"] == "acknowledged by ann"
    order = ("silence", "kind=feature_*", "feed=a", "--as", "ann", "--reason", "migration", "--store", file)
    made = rows(*order, "--hours", 2)
    assert made["match"] == {"kind": "feature_*", "feed": "a"}
    assert rows("list", "--silences", "--store", file)[0]["running"] == "yes"
    rows("unsilence", made["id"], "--store", file)
    assert rows("list", "--silences", "--store", file)[0]["running"] == "no"
    with pytest.raises(UsageError, match="cannot be"):
        run(*order, "--hours", 2000)
    with pytest.raises(InputError, match="no store of alerts here"):  # the monitor would never see it
        run("silence", "kind=x", "--as", "a", "--reason", "b", "--hours", 1, "--store", file.with_name("none.db"))
    for hours in ("nan", "inf", "1e300"):
        with pytest.raises(UsageError, match=r"--hours.*cannot be"):
            run(*order, "--hours", hours)
    with pytest.raises(UsageError, match="says nothing to match"):
        run("silence", "feature", "--as", "a", "--reason", "b", "--hours", 1, "--store", file)


def test_nothing_in_a_finding_can_steer_a_terminal(tmp_path: Path, finding: Any) -> None:
    now, store = datetime.now(UTC), AlertStore(tmp_path / "alerts.db")
    bad = replace(finding("latency", at=now, metric="\x1b]0;evil\x07"), message="\x1b[2Jnothing\nis wrong [/b]")
    (told,) = AlertManager(store=store).take([bad], now)
    store.close()
    said = run("list", "--store", store.path) + run("show", told.incidents[0], "--store", store.path)
    assert "]0;evil" in said
    assert not {"\x1b", "\x07"} & set(said)
    assert rows("show", told.incidents[0], "--store", store.path)["alerts"][0]["message"] == " [2Jnothing is wrong [/b]"


def test_receivers_are_tried_and_what_failed_is_shown(file: Path, tmp_path: Path) -> None:
    settings, log = tmp_path / "alerts.toml", tmp_path / "out.jsonl"
    settings.write_text(
        f"""
receivers = [
  {{name = "log", log = {{path = "{log}"}}}},
  {{name = "hook", channel = "webhook", webhook = {{url = "http://127.0.0.1:9/x", attempts = 1}}}},
]
"""
    )
    done = json.loads(run("test", "--settings", settings, "--json", code=1))
    assert [(row["receiver"], row["taken"]) for row in done] == [("log", True), ("hook", False)]
    assert json.loads(log.read_text())["reason"] == "test"
    run("test", "log", "--settings", settings)
    with pytest.raises(UsageError, match="no receiver"):
        run("test", "nobody", "--settings", settings)

    assert [row["state"] for row in rows("list", "--outbox", "--store", file)] == ["waiting", "waiting"]
    store = AlertStore(file)
    Courier.of(store.outbox, AlertSettings.from_toml(settings)).deliver("log", datetime.now(UTC))
    store.close()
    assert rows("list", "--outbox", "--store", file) == []
    assert "0 notifications" in run("resend", "--store", file)


def test_the_help_shows_examples() -> None:
    for words in (["--help"], ["silence", "--help"]):
        said = re.sub(r"\x1b\[[0-9;]*m", "", run(*words))
        assert "tradewind alerts ack" in said
