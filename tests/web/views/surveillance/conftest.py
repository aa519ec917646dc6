"""A small simulated market with one spoofing episode, cases opened from what it raises, and people who sign."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tradewind.registry import Person
from tradewind.registry.people import People
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.cases import CaseStore
from tradewind.surveillance.events import EventTable, write_events
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.schemes import Scheme
from tradewind.web.app import build_dashboard
from tradewind.web.guard import MARK
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a client that nothing else here needs
    from fastapi.testclient import TestClient

PASSWORD = "a long password"
ROLES = {"grace": ["admin"], "ann": ["analyst"], "bob": ["analyst"], "sue": ["supervisor"], "tim": ["supervisor"]}


@dataclass
class Desk:
    """The application over one home; `of` gives a client that is logged in."""

    workspace: Workspace
    app: FastAPI
    alerts: tuple[Alert, ...]
    events: EventTable

    def of(self, name: str) -> httpx.Client:
        """Return a client that is logged in as ``name``."""
        return logged_in(self.app, name)


def logged_in(app: FastAPI, name: str) -> httpx.Client:
    client = TestClient(app, headers={MARK: "1"})
    answer = client.post("/api/log-in", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


@pytest.fixture
def visit() -> Callable[[FastAPI, str], httpx.Client]:
    """Return what logs somebody in to an application."""
    return logged_in


@pytest.fixture(scope="session")
def spoofed() -> tuple[EventTable, tuple[Alert, ...]]:
    """Return a market and an alert about each planted episode, as a detector that is right would raise it."""
    market = sample_market(101, schemes=[Scheme.SPOOFING, Scheme.LAYERING], episodes=2, events=15_000)
    alerts = tuple(
        Alert(
            id=f"c0ffee{number:010d}",
            scheme=deed.scheme,
            symbol=deed.symbol,
            accounts=deed.accounts,
            start=deed.start,
            end=deed.end,
            known_at=deed.end,
            score=0.97 - number / 100,
            tier=Tier.CRITICAL if number == 0 else Tier.LOW,
            evidence=(),
        )
        for number, deed in enumerate(market.truth)
    )
    return market.events, alerts


@pytest.fixture
def desk(tmp_path: Path, spoofed: tuple[EventTable, tuple[Alert, ...]], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a dashboard with cases, recorded events and people with keys."""
    for name in ("TRADEWIND_KEYS", "TRADEWIND_KEY_PASSWORD", "TRADEWIND_AUDIT", "TRADEWIND_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    events, alerts = spoofed
    workspace = Workspace.of(tmp_path / "home")
    people = People.read(Path(workspace.registry) / "people.toml")
    grace: Person | None = None
    for name, roles in ROLES.items():
        person = Person.generate(name)
        person.save(workspace.home / "keys")
        grace = grace or person
        people = people.enrolled(name, roles, person.public, by=grace)
    people.path.parent.mkdir(parents=True, exist_ok=True)
    people.write()
    write_events(events, workspace.events / "market.parquet")
    with CaseStore(workspace.cases, people=people.path) as store:
        store.ingest(alerts, "test")
    app = build_dashboard(workspace)
    for name in ROLES:
        app.state.access.add(name, frozenset({Role.surveillance}), password=PASSWORD, person=name)
    app.state.access.add("eve", frozenset({Role.surveillance}), password=PASSWORD)
    app.state.access.add("otto", frozenset({Role.oncall}), password=PASSWORD)
    return Desk(workspace, app, alerts, events)
