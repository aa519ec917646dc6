"""Logging in and out: by password, by a link that works once; sessions end; guessing is held up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind.core.clock import FixedClock
from tradewind.web.access import AccessStore
from tradewind.web.guard import COOKIE
from tradewind.web.roles import Role


@pytest.mark.slow
def test_who_is_there_and_what_is_open_to_them(dashboard: Any) -> None:
    me = dashboard.client("surveillance").get("/api/me").json()
    assert me["name"] == "surveillance"
    assert me["views"] == ["executive", "surveillance"]
    assert me["signs_as"] == "surveillance"
    assert me["key_here"] is False
    assert me["has_password"] is True


@pytest.mark.slow
def test_a_link_works_once(dashboard: Any) -> None:
    ticket = dashboard.app.state.access.ticket("analyst")
    with dashboard.nobody() as client:
        first = client.get(f"/api/ticket/{ticket}")
        assert (first.status_code, first.headers["location"]) == (303, "/")
        assert client.get("/api/me").json()["name"] == "analyst"
    with dashboard.nobody() as client:
        second = client.get(f"/api/ticket/{ticket}")
        assert second.headers["location"] == "/log-in?over=1"
        assert client.get("/api/me").status_code == 401


@pytest.mark.slow
def test_logging_out_ends_the_session(dashboard: Any) -> None:
    client = dashboard.client("analyst")
    secret = client.cookies[COOKIE]
    assert client.post("/api/log-out").status_code == 204
    assert dashboard.app.state.access.session(secret) is None


def test_a_session_and_a_link_end_with_time(tmp_path: Path) -> None:
    begin = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def at(**later: float) -> AccessStore:
        return AccessStore(tmp_path / "d.db", hours=2, clock=FixedClock(begin + timedelta(**later)))

    at().add("ann", frozenset({Role.analyst}), password="a-long-password")
    secret = at().log_in("ann", "a-long-password")
    assert secret is not None
    assert at(hours=1.9).session(secret) is not None  # which prolongs it
    assert at(hours=3.8).session(secret) is not None
    assert at(hours=5.9).session(secret) is None
    ticket = at().ticket("ann")
    assert at(minutes=11).redeem(ticket) is None


@pytest.mark.slow
def test_guessing_is_held_up_and_told_for_how_long(dashboard: Any) -> None:
    with dashboard.nobody() as client:
        codes = [
            client.post("/api/log-in", json={"name": "admin", "password": "wrong-wrong"}).status_code for _ in range(6)
        ]
        assert codes == [401] * 5 + [429]
        right = client.post("/api/log-in", json={"name": "admin", "password": "walking-through-1"})
        assert right.status_code == 429  # not even the right one is looked at
        assert int(right.headers["retry-after"]) >= 1
        assert "is heard in" in right.json()["detail"]
        other = client.post("/api/log-in", json={"name": "analyst", "password": "walking-through-1"})
        assert other.status_code == 200


@pytest.mark.slow
def test_ones_own_password(dashboard: Any) -> None:
    client = dashboard.client("analyst")
    with dashboard.nobody() as elsewhere:
        elsewhere.post("/api/log-in", json={"name": "analyst", "password": "walking-through-1"})
        wrong = client.post("/api/me/password", json={"old": "not this one", "new": "another-password"})
        assert wrong.status_code == 422
        short = client.post("/api/me/password", json={"old": "walking-through-1", "new": "short"})
        assert short.status_code == 422
        done = client.post("/api/me/password", json={"old": "walking-through-1", "new": "another-password"})
        assert done.status_code == 204
        assert client.get("/api/me").status_code == 200  # this session goes on
        assert elsewhere.get("/api/me").status_code == 401  # the others do not
    with dashboard.nobody() as again:
        assert again.post("/api/log-in", json={"name": "analyst", "password": "another-password"}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"name": "", "password": ""}, {"name": "a", "password": "b" * 2000}])
def test_a_log_in_that_does_not_fit(shared_dashboard: Any, body: dict[str, str]) -> None:
    with shared_dashboard.nobody() as client:
        assert client.post("/api/log-in", json=body).status_code == 422
