"""Nothing is told to who is not logged in, or has not the role; no other site's page can change anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tradewind.web.guard import COOKIE, MARK
from tradewind.web.roles import OPENS, Role, View

OPEN = {("post", "/api/log-in")}
FOR = {"/api/people": {Role.admin}, "/api/ratings/report": {Role.compliance, Role.admin}}
FOR["/api/ratings/export"] = FOR["/api/ratings/report"]


def operations(dashboard: Any) -> Iterator[tuple[str, str]]:
    """Yield method and address of every operation of the schema, its parameters filled in."""
    for path, methods in dashboard.app.openapi()["paths"].items():
        assert path.startswith("/api/"), path
        for method in methods:
            yield method, re.sub(r"\{[^}]+\}", "x", path)


@pytest.mark.slow
def test_there_are_operations_to_walk(shared_dashboard: Any) -> None:
    assert len(list(operations(shared_dashboard))) > 30


@pytest.mark.slow
def test_every_operation_asks_for_a_log_in(shared_dashboard: Any) -> None:
    with shared_dashboard.nobody() as client:
        told = {
            (method, path): client.request(method, path).status_code
            for method, path in operations(shared_dashboard)
            if (method, path) not in OPEN
        }
    assert {at: code for at, code in told.items() if code != 401} == {}


@pytest.mark.slow
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.admin])
def test_every_view_is_shut_to_other_roles(shared_dashboard: Any, role: Role) -> None:
    client, let_in = shared_dashboard.client(role), []
    for method, path in operations(shared_dashboard):
        view = path.split("/")[2]
        shut = view in list(View) and role not in OPENS[View(view)]
        shut = shut or any(path.startswith(place) and role not in roles for place, roles in FOR.items())
        if shut and client.request(method, path).status_code != 403:
            let_in.append((method, path))
    assert let_in == []


def test_no_change_is_taken_from_another_sites_page(shared_dashboard: Any) -> None:
    session = shared_dashboard.client(Role.admin).cookies[COOKIE]
    taken = []
    with TestClient(shared_dashboard.app, cookies={COOKIE: session}) as client:
        for method, path in operations(shared_dashboard):
            if method != "get" and client.request(method, path).status_code != 403:
                taken.append((method, path))
    assert taken == []


def test_the_cookie_is_kept_from_scripts_and_other_sites(shared_dashboard: Any) -> None:
    with shared_dashboard.nobody() as client:
        answer = client.post("/api/log-in", json={"name": "analyst", "password": "walking-through-1"})
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "path=/" in said
    assert "secure" not in said  # on this machine alone there is no TLS


@pytest.mark.parametrize("path", ["/", "/api/me", "/assets/none.js", "/analyst/market"])
def test_every_answer_guards_the_page(shared_dashboard: Any, path: str) -> None:
    with shared_dashboard.nobody() as client:
        headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../../pyproject.toml",
        "/..%2f..%2fweb/app.py",
        "/%2e%2e/app.py",
        "/assets/..%2f..%2fapp.py",
        "/assets/%2e%2e/%2e%2e/app.py",
        "//etc/passwd",
        "/assets//etc/passwd",
    ],
)
def test_no_file_outside_the_page_is_given(shared_dashboard: Any, path: str) -> None:
    with shared_dashboard.nobody() as client:
        text = client.get(path).text
    assert "build_dashboard" not in text
    assert "root:" not in text
    assert "[project]" not in text


def test_an_unknown_operation_is_not_answered_with_the_page(shared_dashboard: Any) -> None:
    with shared_dashboard.nobody() as client:
        answer = client.get("/api/none", headers={MARK: "1"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_nobody_foresaw_is_one_line_of_the_log(dashboard: Any, caplog: pytest.LogCaptureFixture) -> None:
    @dashboard.app.get("/api/fault", name="fault_of_a_test")
    def fault() -> None:
        raise ZeroDivisionError("a secret")

    routes = dashboard.app.router.routes
    routes.insert(0, routes.pop())  # before the page, which answers every address
    with dashboard.nobody() as client, caplog.at_level("INFO", logger="tradewind.web"):
        answer = client.get("/api/fault")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"]
    lines = [record.getMessage() for record in caplog.records if record.name == "tradewind.web"]
    assert len(lines) == 1
    assert "GET /api/fault failed: ZeroDivisionError: a secret at " in lines[0]
    assert "\n" not in lines[0]
