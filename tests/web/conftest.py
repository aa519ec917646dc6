"""The dashboard as a browser meets it: the real application over a workspace of its own, and people who log in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would have its client use httpx2, which we do not need
    from fastapi.testclient import TestClient

from tradewind.web.app import build_dashboard
from tradewind.web.guard import MARK
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

PASSWORD = "walking-through-1"


@dataclass
class Dashboard:
    """An application over ``workspace``, in which each role has a person of its name."""

    app: FastAPI
    workspace: Workspace
    _clients: dict[Role, TestClient] = field(default_factory=dict)

    def client(self, role: Role | str) -> TestClient:
        """Return a client in which the person of ``role`` has logged in, through the real log-in."""
        known = Role(role)
        if known not in self._clients:
            client = self.nobody()
            answer = client.post("/api/log-in", json={"name": known.value, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            self._clients[known] = client
        return self._clients[known]

    def nobody(self) -> TestClient:
        """Return a client of the page in which nobody is logged in."""
        return TestClient(self.app, headers={MARK: "1"}, follow_redirects=False)

    def close(self) -> None:
        """Close what was opened."""
        for client in self._clients.values():
            client.close()


DashboardMaker = Callable[[Path], Dashboard]


def make_dashboard(home: Path) -> Dashboard:
    """Return the dashboard over ``home``, with a person of each role."""
    workspace = Workspace.of(home)
    app = build_dashboard(workspace)
    for role in Role:
        app.state.access.add(role.value, frozenset({role}), password=PASSWORD, person=role.value)
    return Dashboard(app=app, workspace=workspace)


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    """Yield a dashboard over an empty workspace."""
    made = make_dashboard(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Yield one dashboard over an empty workspace for all tests that change nothing."""
    made = make_dashboard(tmp_path_factory.mktemp("dashboard"))
    yield made
    made.close()
