"""A home that a monitor has filled: 110 sessions, a feed silent in the last three; and people who log in."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from tradewind.core.clock import FixedClock
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore
from tradewind.monitoring.composition import MonitorSettings, make_monitor
from tradewind.monitoring.drift import DriftReference, DriftSettings
from tradewind.monitoring.jobs import Job, JobRules, JobScheduler, JobStore
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.references import References
from tradewind.monitoring.slices import Bars, LabelArrival, ServedForecasts, ServiceSample, Slice
from tradewind.serving.rollout import Experiment, Rollout
from tradewind.serving.rollout.settings import Arm
from tradewind.serving.rollout.standing import ROLLOUT
from tradewind.web.app import build_dashboard
from tradewind.web.guard import MARK
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a client that nothing else here needs
    from fastapi.testclient import TestClient

PASSWORD = "a long password"
DAYS, SYMBOLS, REFERENCE = 110, 12, 80
NAMES = ("rsi_14", "return_5", "made_up", "volume_ratio_20")
SETTINGS = MonitorSettings(drift=DriftSettings(window=5, every=5, threads=1, min_rows=5))
Visit = Callable[..., httpx.Client]


def slices(end: datetime) -> list[Slice]:
    """Return the sessions up to the day before ``end``; feature 1 moves by three deviations in the last 30."""
    rng = np.random.default_rng(3)
    last = np.datetime64(end.date(), "D") - 1
    days = np.busday_offset(last, np.arange(-DAYS + 1, 1), roll="backward").astype("datetime64[us]")
    symbol = np.array([f"S{i:02d}" for i in range(SYMBOLS)])
    feed = np.where(np.arange(SYMBOLS) % 2 == 0, "alpha", "beta")
    signal, noise = rng.normal(size=(2, DAYS, SYMBOLS))
    moves = 0.01 * (0.4 * signal + noise)
    close = 100 * np.cumprod(1 + moves, axis=0)
    found = []
    for d in range(DAYS):
        moment = days[d].item().replace(hour=21, tzinfo=UTC)
        x = rng.normal(size=(SYMBOLS, len(NAMES))).astype(np.float32)
        x[:, 1] += 3.0 if d >= DAYS - 30 else 0.0
        here = feed == "alpha" if d >= DAYS - 3 else np.ones(SYMBOLS, bool)
        price = close[d][here]
        labels = None
        if d:
            labels = LabelArrival(
                symbol=symbol,
                time=np.full(SYMBOLS, days[d - 1]),
                direction=(moves[d] > 0).astype(float),
                forward_return=moves[d],
            )
        found.append(
            Slice(
                time=days[d],
                known_at=moment,
                symbol=symbol[here],
                sector=np.where(np.arange(SYMBOLS) % 3 == 0, "Tech", "Energy")[here],
                expected=tuple(symbol.tolist()),
                feed=feed[here],
                bars=Bars(
                    open=price,
                    high=price * 1.01,
                    low=price * 0.99,
                    close=price,
                    adj_close=price,
                    volume=np.full(len(price), 1e6),
                ),
                names=NAMES,
                features=x[here],
                champion="demo/1",
                served=(
                    ServedForecasts(
                        version="demo/1",
                        role="champion",
                        symbol=symbol[here],
                        probability=0.5 + 0.1 * np.tanh(signal[d][here]),
                        expected_return=0.001 * signal[d][here],
                        lower=np.full(len(price), -0.02),
                        upper=np.full(len(price), 0.02),
                        made_at=moment,
                    ),
                ),
                labels=labels,
                service=ServiceSample(
                    seconds=100.0, requests=1000, latency_p50=0.004, latency_p99=0.01 + 0.001 * rng.random(), memory=5e8
                ),
            )
        )
    return found


def fill(place: Workspace, now: datetime) -> None:
    """Let a monitor watch the sessions, a job fail, and a canary begin."""
    rng = np.random.default_rng(4)
    days = np.repeat(_days(), SYMBOLS)
    x = rng.normal(size=(len(days), len(NAMES))).astype(np.float32)
    sector = np.tile(np.where(np.arange(SYMBOLS) % 3 == 0, "Tech", "Energy"), REFERENCE)
    drift = DriftReference.of(x, NAMES, days, sector, settings=SETTINGS.drift)
    references = References(
        drift=drift, expectation=None, business=None, estimate=None, regimes=None, about={"model": "demo/1"}
    )
    references.save(place.references)
    monitor, journal = make_monitor(references, SETTINGS), Journal(place.journal)
    store = AlertStore(place.alerts)
    manager = AlertManager(AlertSettings(), store)
    for one in slices(now):
        findings = monitor.observe(one)
        journal.write(one, findings)
        manager.take(findings, one.known_at)
    store.close()
    jobs = JobStore(place.journal.parent / "jobs.db")

    def fails(_: object) -> None:
        raise RuntimeError("the disk is full")

    job = Job(name="report", work=fails, rules=JobRules(attempts=1))
    scheduler = JobScheduler(jobs, [job], clock=FixedClock(now))
    scheduler.trigger("report", "first")
    scheduler.tick()
    jobs.close()
    experiment = Experiment(
        name="try",
        kind="canary",
        arms=(Arm(name="control", model="demo/1", share=0.99), Arm(name="canary", model="demo/2", share=0.01)),
    )
    folder = place.serving / ROLLOUT
    folder.mkdir(parents=True)
    (folder / "try.json").write_text(experiment.model_dump_json())
    Rollout(experiment, folder)


def _days() -> np.ndarray:
    return (np.datetime64("2020-01-01", "D") + np.arange(REFERENCE)).astype("datetime64[us]")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("oncall") / "home"
    home.mkdir()
    fill(Workspace.of(home), datetime.now(UTC))
    return home


@pytest.fixture(autouse=True)
def _no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_AUDIT", "off")


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Return what logs somebody in to an application over a home."""
    entered: list[httpx.Client] = []

    def enter(home: Path, name: str = "otto", role: Role = Role.oncall, **places: str | None) -> httpx.Client:
        app: FastAPI = build_dashboard(Workspace.of(home, **places))
        app.state.access.add(name, frozenset({role}), password=PASSWORD)
        client = TestClient(app, headers={MARK: "1"})
        entered.append(client)
        assert client.post("/api/log-in", json={"name": name, "password": PASSWORD}).status_code == 200
        return client

    yield enter
    for client in entered:
        client.close()


@pytest.fixture
def copied(filled: Path, tmp_path: Path) -> Path:
    """Return a copy of the home, to be changed."""
    return Path(shutil.copytree(filled, tmp_path / "home"))


@pytest.fixture
def reader(filled: Path, visit: Visit) -> httpx.Client:
    return visit(filled)
