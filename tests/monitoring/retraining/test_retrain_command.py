"""`tradewind retrain` as people use it, with a real registry, real keys and a real audit log."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tradewind.cli import retrain
from tradewind.core import InputError, Severity, TradewindError, UsageError
from tradewind.core.clock import SystemClock
from tradewind.data import write_prices
from tradewind.features import LabelSettings, make_labels
from tradewind.governance.audit import AuditLog
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.retraining import Materials, RetrainingSettings
from tradewind.monitoring.retraining.weekly import weekly_accuracy
from tradewind.registry import Stage

pytestmark = pytest.mark.slow

RULES = """approve_alone = true
explainer = false
bad_bars = 0.9

[plan]
months = 8
"""


@pytest.fixture
def call(bench, world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a way to call the command with the bench's registry, keys, prices and a log."""
    for name, person in bench.people.items():
        if name != "mallory":
            person.save(tmp_path / "keys")
    monkeypatch.setenv("TRADEWIND_KEYS", str(tmp_path / "keys"))
    budgets = tmp_path / "budgets.toml"
    budgets.write_text('[use_cases.trial]\nbaseline = "momentum"\ngain_per_tenfold = -1.0\n')
    monkeypatch.setenv("TRADEWIND_BUDGETS", str(budgets))
    (tmp_path / "rules.toml").write_text(RULES)
    bench.registry._clock = SystemClock()  # as the command's own registry
    app = typer.Typer()
    retrain.register(app)
    app.command("other")(lambda: None)
    day = str(world.data.panel.times[-1])[:10]
    common = {
        "check": ("--prices", world.prices, "--settings", tmp_path / "rules.toml", "--as-of", day),
        "run": ("--prices", world.prices, "--settings", tmp_path / "rules.toml", "--as-of", day,
                "--audit", tmp_path / "audit.db"),
        "trial": ("--prices", world.prices, "--settings", tmp_path / "rules.toml", "--as-of", day),
        "rollback": ("--audit", tmp_path / "audit.db"),
        "status": (),
    }  # fmt: skip

    def run(name: str, *flags: object) -> str:
        where = () if name == "status" else ("--registry", bench.registry.folder)
        state = () if name in {"trial", "rollback"} else ("--state", tmp_path / "runs")
        line = ["retrain", name, "--model", "demo", *common[name], *where, *state, *flags]
        done = CliRunner().invoke(app, [str(part) for part in line])
        if isinstance(done.exception, TradewindError):
            raise done.exception
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout

    return run


def test_a_retraining_from_the_command_line_is_signed_logged_and_listed(call, bench, tmp_path: Path) -> None:
    checked = json.loads(call("check", "--json"))
    assert {one["trigger"] for one in checked["fired"]} == {"performance", "calendar"}
    assert "has not been retrained" in call("status")
    dry = call("run", "--as", "ada", "--reason", "the rule has turned", "--kind", "full", "--dry-run")
    assert "Nothing was done" in dry
    assert bench.registry.versions("demo") == [1]
    said = call("run", "--as", "ada", "--reason", "the rule has turned", "--kind", "full", "--validator", "vera")
    assert "It waits for an approver" in said
    assert bench.registry.stage("demo", 2) is Stage.validated
    told = json.loads(call("run", "--as", "ada", "--approver", "paul", "--operator", "otto", "--json"))
    assert [step["stand"] for step in told["steps"]][-2:] == ["approved", "canary"]
    assert "promote demo/2" in told["waits_for"]
    assert "canary" in call("status")
    passed = json.loads(call("trial", "--challenger", "demo/2", "--json"))
    assert passed["passed"] is True
    with AuditLog.open(tmp_path / "audit.db", readonly=True) as log:
        assert log.verify().ok
        steps = [entry.body["step"] for entry in log.query(kind="retraining")]
        assert steps == ["planned", "data_checked", "trained", "registered", "trialled", "validated", "approved",
                         "canary"]  # fmt: skip
        assert len(log.query(kind="decision")) >= 4
    bench.registry.move("demo", 2, Stage.champion, bench.people["otto"], "won")
    assert "rolled back to 1" in call("rollback", "--as", "otto", "--reason", "fell on the first day")
    assert bench.registry.serving("demo").record.version == 1


def test_bars_that_come_while_a_run_waits_do_not_move_its_trial(call, bench, world, tmp_path: Path) -> None:
    panel, whole = world.data.panel, tmp_path / "whole.parquet"
    short = tmp_path / "short.parquet"
    write_prices(panel, whole)
    write_prices(panel.select(panel.time <= panel.times[-3]), short)  # the feed lags behind the clock
    said = call("run", "--as", "ada", "--reason", "turned", "--kind", "full", "--prices", short)
    assert "validate demo/2" in said
    later = call("run", "--as", "ada", "--validator", "vera", "--prices", whole)
    assert "held the trial again" in later
    assert bench.registry.stage("demo", 2) is Stage.validated


def test_drift_counts_by_what_the_champion_looks_at(call, bench, world, tmp_path: Path) -> None:
    seen = [one for one in bench.registry.record("demo", 1).features if one in world.data.names]
    assert "realised_volatility_20" not in seen
    last = world.data.panel.times[-1].item().replace(tzinfo=UTC)

    def fired(*features: str) -> bool:
        lines = [
            json.dumps(
                Finding(
                    kind="feature_drift", area=Area.DRIFT, severity=Severity.WARNING, message="drift", time=at,
                    known_at=at, subject={"feature": name}, statistic=0.4, threshold=0.2,
                ).to_dict()
            )
            for at in (last - timedelta(days=ago) for ago in range(20))
            for name in features
        ]  # fmt: skip
        (tmp_path / "found.jsonl").write_text("\n".join(lines))
        told = json.loads(call("check", "--findings", tmp_path / "found.jsonl", "--json"))
        return "drift" in {one["trigger"] for one in told["fired"]}

    assert fired(*seen[:2])
    assert not fired("realised_volatility_20", "volume_ratio_20", "gap_1")


def test_findings_that_are_none_are_named(call, tmp_path: Path) -> None:
    (tmp_path / "found.jsonl").write_text('{"kind": "x"}\n')
    with pytest.raises(InputError, match="row 1: is no finding"):
        call("check", "--findings", tmp_path / "found.jsonl")
    with pytest.raises(UsageError, match="--kind has no meaning"):
        call("run", "--as", "ada", "--kind", "full")


def test_help_shows_examples() -> None:
    app = typer.Typer()
    retrain.register(app)
    app.command("other")(lambda: None)
    for name in ("check", "run", "status", "trial", "rollback"):
        done = CliRunner().invoke(app, ["retrain", name, "--help"])
        assert f"tradewind retrain {name}" in done.output


def test_weeks_are_those_that_were_known_and_later_bars_change_none(world) -> None:
    data, times = world.data, world.data.panel.times
    now = datetime.combine(times[420].item().date(), datetime.min.time(), tzinfo=UTC)
    whole = weekly_accuracy(world.champion, Materials(data=data), 0.6, now)
    cut = data.select(data.panel.time <= times[420])
    again = weekly_accuracy(world.champion, Materials(data=cut), 0.6, now)
    assert list(map(repr, again)) == list(map(repr, whole))
    assert whole
    assert all(one.start.weekday() == 0 and one.known_at <= now for one in whole)
    turned = [one.value for one in whole if one.start.replace(tzinfo=None) > world.turn.item()]
    before = [one.value for one in whole if one.start.replace(tzinfo=None) < world.turn.item()]
    assert np.mean(before) > 0.6 > np.mean(turned)


def test_a_week_is_full_only_when_all_its_labels_are_known(world) -> None:
    labels = make_labels(world.data.panel, LabelSettings(horizon=7))
    on, first = Materials(data=replace(world.data, labels=labels)), world.data.panel.times[400].item()
    told: dict[datetime, tuple[float, int]] = {}
    for days in range(16):  # weekends too
        for week in weekly_accuracy(
            world.champion, on, 0.6, first.replace(tzinfo=UTC) + timedelta(days=days, hours=23)
        ):
            assert told.setdefault(week.start, (week.value, week.rows)) == (week.value, week.rows)
    assert told


def test_settings_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(RetrainingSettings(canary_days=2).to_toml())
    assert RetrainingSettings.from_toml(tmp_path / "s.toml").canary_days == 2
