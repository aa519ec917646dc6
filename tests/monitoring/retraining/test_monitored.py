"""One command keeps a promoted model right: references, all watchers, the order to roll back, jobs, restarts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tradewind.cli import jobs, monitor
from tradewind.cli.watching import monitor_settings
from tradewind.core import InputError, TradewindError, UsageError
from tradewind.core.clock import SystemClock
from tradewind.core.panel import PRICE_FIELDS
from tradewind.governance.audit import AuditLog
from tradewind.monitoring.composition import References
from tradewind.monitoring.jobs import JobStore
from tradewind.monitoring.journal import Journal
from tradewind.registry import Stage, make_record
from tradewind.serving.node import Deployed, Deployment, Universe
from tradewind.streaming.log import open_log
from tradewind.streaming.records import Bar, Prediction

pytestmark = pytest.mark.slow

FIRST, LAST = 240, 300
"""Bars of the span that is expected of the model."""
SETTINGS = """
[live]
patience = 0.0
grace = 0.0
fresh_hours = 1e6

[regime]
least = 60

[jobs]
store = "{place}/jobs.db"

[jobs.drift]
sessions = 10
out = "{place}/drift"

[jobs.drift.when]
every = "daily"
at = "00:00"

[jobs.retrain]
arguments = ["--model", "demo", "--registry", "{registry}", "--prices", "{prices}", "--state", "{place}/runs"]
"""


class Place:
    """A registry with two versions, a log that grows, and the commands."""

    def __init__(self, bench: Any, world: Any, root: Path) -> None:
        self.bench, self.panel, self.root = bench, world.data.panel, root
        self.app = typer.Typer()
        monitor.register(self.app)
        jobs.register(self.app)
        self.prices = world.prices
        place = {"place": root, "registry": bench.registry.folder, "prices": world.prices}
        (root / "monitor.toml").write_text(SETTINGS.format(**place))
        Deployment(
            universe=Universe.of(dict(zip(self.panel.symbols, self.panel.sectors, strict=True))),
            roles={"champion": "demo/2"},
            versions={"demo/2": Deployed(artefact="demo-2", model="-")},
        ).write(root / "deployment.json")

    def call(self, *flags: object) -> str:
        done = CliRunner().invoke(self.app, [str(flag) for flag in flags])
        if isinstance(done.exception, TradewindError):
            raise done.exception
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout

    def prepare(self, first: int = FIRST, model: str = "demo@champion") -> dict[str, Any]:
        days = self.panel.times
        told = self.call(
            "monitor", "prepare", "--model", model, "--prices", self.prices, "--from", str(days[first])[:10],
            "--to", str(days[LAST])[:10], "--registry", self.bench.registry.folder, "--out", self.root / "references",
            "--settings", self.root / "monitor.toml", "--json",
        )  # fmt: skip
        return dict(json.loads(told))

    def flags(self, *more: object) -> list[str]:
        root = self.root
        given: list[object] = [
            "monitor", "run", "--log", root / "log", "--deployment", root / "deployment.json",
            "--registry", self.bench.registry.folder, "--model", "demo", "--references", root / "references",
            "--journal", root / "journal", "--store", root / "alerts.db", "--settings", root / "monitor.toml",
            "--audit", root / "audit.db", "--rollback", "--as", "otto", *more,
        ]  # fmt: skip
        return [str(one) for one in given]

    def once(self) -> dict[str, Any]:
        return dict(json.loads(self.call(*self.flags("--once", "--json"))))

    def send(self, first: int, last: int, version: str) -> None:
        """Let the bars from ``first`` up to ``last`` come, and ``version`` answer as champion."""
        panel, rows = self.panel, np.lexsort((self.panel.symbol_code, self.panel.time))
        rows = rows[(panel.time_code[rows] >= first) & (panel.time_code[rows] < last)]
        at, known = (one.astype("datetime64[us]").astype(np.int64) for one in (panel.time, panel.known_at))
        with open_log(str(self.root / "log")) as log:
            producer = log.producer()
            for row in rows.tolist():
                symbol = panel.symbols[panel.symbol_code[row]]
                values = {name: float(getattr(panel, name)[row]) for name in PRICE_FIELDS}
                bar = Bar(symbol=symbol, time=int(at[row]), known_at=int(known[row]), **values)
                answer = Prediction(
                    id=f"{symbol}{row}", symbol=symbol, time=bar.time, known_at=bar.known_at,
                    made_at=bar.known_at + 1, model=version, probability=0.4 + 0.2 * (row % 7) / 7,
                    expected_return=0.0, lower=float("nan"), upper=float("nan"), inputs_id="x",
                )  # fmt: skip
                producer.send_many([bar, answer])
            producer.close()


@pytest.fixture
def place(bench: Any, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name, person in bench.people.items():
        if name != "mallory":
            person.save(tmp_path / "keys")
    monkeypatch.setenv("TRADEWIND_KEYS", str(tmp_path / "keys"))
    bench.registry._clock = SystemClock()
    record = make_record(
        world.folder, name="demo", author="ada", metrics=world.metrics, use_case="trial", purpose="x",
        limitations=["Simulated data only."],
    )  # fmt: skip
    version = bench.registry.register(world.folder, record, bench.people["ada"])
    for stage, by in ((Stage.validated, "vera"), (Stage.approved, "paul"), (Stage.champion, "otto")):
        bench.registry.move("demo", version, stage, bench.people[by], "as agreed")
    return Place(bench, world, tmp_path)


def test_references_come_back_as_they_were_and_refuse_what_the_model_learned_from(place: Place) -> None:
    told = place.prepare()
    assert told["model"] == "demo/2"
    assert told["days"] >= 30
    folder = place.root / "references"
    first = References.load(folder)
    again = References.load(first.save(place.root / "copy"))
    assert again.about == first.about
    assert first.expectation is not None
    assert again.expectation is not None
    assert again.expectation.overall == first.expectation.overall
    assert again.expectation.largest_psi == first.expectation.largest_psi
    np.testing.assert_array_equal(again.expectation.edges, first.expectation.edges)
    assert vars(again.business) == vars(first.business)
    assert again.estimate.calibrator.to_dict() == first.estimate.calibrator.to_dict()
    np.testing.assert_array_equal(again.drift.sample, first.drift.sample)
    assert (again.regimes is None) == (first.regimes is None)
    with pytest.raises(UsageError, match="learned from"):
        place.prepare(200)
    damaged = next(folder.glob("drift-*.npz"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(InputError, match="holds no references"):
        References.load(folder)


def test_a_save_that_is_cut_leaves_the_old_references_in_force(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.prepare()
    folder = place.root / "references"
    before = References.load(folder)
    real = os.replace

    def cut(source: Any, target: Any) -> None:
        if str(target).endswith("references.json"):
            raise OSError("no space left")
        real(source, target)

    monkeypatch.setattr(os, "replace", cut)
    other = References(drift=before.drift, about={"model": "demo/9"})
    with pytest.raises((TradewindError, OSError)):
        other.save(folder)
    monkeypatch.undo()
    assert References.load(folder).about == before.about


@pytest.mark.slow
def test_a_wrong_version_is_taken_back_within_its_slice_and_once(place: Place) -> None:
    place.prepare()
    place.send(290, 305, "demo/2")
    first = place.once()
    assert (first["slices"], first["actions"]) == (15, 1)
    journal = Journal(place.root / "journal")
    assert [one.kind for one in journal.actions()] == ["rollback_remark"]  # no trial: accuracy is not watched
    place.send(305, 306, "demo/7")
    began = time.monotonic()
    told = place.once()
    took = time.monotonic() - began
    print(f"from the wrong version in the log to the order, start of the monitor included: {took:.1f} s")
    assert took < 60
    assert (told["slices"], told["remembered"]) == (1, 15)
    orders = [one for one in journal.actions() if one.kind == "rollback"]
    assert len(orders) == 1
    assert orders[0].details["cause"] == "wrong_version"
    assert orders[0].details["seconds"] < 60
    assert place.bench.registry.serving("demo").record.version == 1
    kinds = [one.kind for one in journal.findings(place.panel.times[305])]
    assert {"wrong_version", "rolled_back"} <= set(kinds)
    place.send(306, 309, "demo/7")
    assert place.once()["slices"] == 3
    assert [one.kind for one in journal.actions()].count("rollback") == 1
    assert [one.act for one in place.bench.registry.history("demo")].count("fallback") == 1
    with AuditLog.open(place.root / "audit.db", readonly=True) as log:
        assert len(list(log.query(kind="rollback"))) == 1
        assert len(list(log.query(kind="fallback"))) == 1


@pytest.mark.slow
def test_the_running_monitor_orders_before_the_next_slice_and_counts_what_it_did(place: Place) -> None:
    place.prepare()
    place.send(290, 300, "demo/2")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "tradewind.cli.main", *place.flags("--port", port)]
    running = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    journal = Journal(place.root / "journal")
    try:
        until(lambda: journal.last() == place.panel.times[299])
        place.send(300, 301, "demo/7")
        began = time.monotonic()
        until(lambda: any(one.kind == "rollback" for one in journal.actions()))
        took = time.monotonic() - began
        print(f"from the wrong version in the log to the order: {took:.2f} s")
        assert took < 60
        until(lambda: journal.last() == place.panel.times[300])
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert 'tradewind_monitor_actions_total{kind="rollback"} 1.0' in text
        alerts = next(row for row in text.splitlines() if row.startswith("tradewind_monitor_alerts_total"))
        assert float(alerts.split()[1]) > 0
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=60)
        assert running.returncode == 0, said
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()


def until(there: Any, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def test_one_file_serves_the_monitor_and_the_replay(place: Place) -> None:
    chosen = monitor_settings(place.root / "monitor.toml")
    assert chosen.regime.least == 60
    assert not hasattr(chosen, "alerts")


def test_flags_that_do_not_go_together_are_refused(place: Place) -> None:
    with pytest.raises(UsageError, match="go together"):
        place.call("monitor", "run", "--log", "x", "--deployment", "y", "--rollback", "--once")
    with pytest.raises(InputError, match="no such store"):
        place.call("jobs", "list", "--store", place.root / "none.db")


def test_jobs_run_once_over_restarts_and_their_failure_is_told_and_settled(place: Place) -> None:
    from datetime import timedelta

    from tradewind.core.clock import FixedClock
    from tradewind.monitoring.jobs import JobScheduler, job_findings
    from tradewind.monitoring.running import Around, MonitorFile, jobs_of

    place.prepare()
    place.send(285, 300, "demo/2")
    place.once()
    settings = MonitorFile.from_toml(place.root / "monitor.toml")
    references = References.load(place.root / "references")
    end = place.panel.known_at.max().item()
    clock = FixedClock(end.replace(tzinfo=SystemClock().now().tzinfo))
    journal, store = Journal(place.root / "journal"), JobStore(place.root / "own.db")
    known = jobs_of(settings.jobs, Around(journal=journal, drift=references.drift, clock=clock))
    assert [one.name for one in known] == ["drift", "retrain"]
    drift = known[:1]
    last = [one.known_at for one in journal.slices()][-1]

    def ticks(days: float) -> list[Any]:
        return JobScheduler(store, drift, clock=FixedClock(last + timedelta(days=days))).tick()

    assert ticks(0) == []
    made = ticks(1)
    assert [one.outcome for one in made] == ["done"]
    assert made[0].result["sessions"] == 10
    assert Path(made[0].result["report"]).exists()
    assert ticks(1) == []
    store.close()
    path = place.root / "failing.db"  # of its own: the monitor above has planned today in the other
    failing = MonitorFile.model_validate({"jobs": {"store": path, "retrain": {"arguments": ["--nonsense"]}}})
    again = jobs_of(failing.jobs, Around(journal=journal, drift=None, clock=SystemClock()))
    kept = JobStore(path)
    scheduler = JobScheduler(kept, again, clock=FixedClock(last))
    scheduler.trigger("retrain", "now")
    outcomes = scheduler.tick()
    assert [one.outcome for one in outcomes] == ["retry"]
    for minutes in (10, 60):
        late = FixedClock(last + timedelta(minutes=minutes))
        outcomes = [one for one in JobScheduler(kept, again, clock=late).tick() if one.key == "trigger:now"]
    assert [one.kind for one in job_findings(outcomes, last)] == ["job_failed"]
    kept.close()
    runs = json.loads(place.call("jobs", "list", "--waiting", "--store", path, "--json"))
    assert [one["key"] for one in runs] == ["trigger:now"]
    place.call("jobs", "settle", "retrain", "trigger:now", "--as", "otto", "--done", "--store", path)
    assert json.loads(place.call("jobs", "list", "--waiting", "--store", path, "--json")) == []
