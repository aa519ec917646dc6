"""Administrators keep the people."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.slow
def test_a_person_comes_changes_and_goes(dashboard: Any) -> None:
    admin = dashboard.client("admin")
    made = admin.post("/api/people", json={"name": "ann", "roles": ["analyst"]})
    assert made.status_code == 201
    with dashboard.nobody() as ann:
        assert ann.post("/api/log-in", json={"name": "ann", "password": made.json()["secret"]}).status_code == 200
        changed = admin.put("/api/people/ann", json={"roles": ["oncall"], "signs_as": "ann"}).json()
        assert (changed["roles"], changed["signs_as"], changed["has_password"]) == (["oncall"], "ann", True)
        assert ann.get("/api/me").json()["views"] == ["executive", "oncall"]  # at once, in the session that is open
        assert admin.delete("/api/people/ann").status_code == 204
        assert ann.get("/api/me").status_code == 401
    assert "ann" not in {person["name"] for person in admin.get("/api/people").json()}


@pytest.mark.slow
def test_a_new_password_and_a_link(dashboard: Any) -> None:
    admin, analyst = dashboard.client("admin"), dashboard.client("analyst")
    secret = admin.post("/api/people/analyst/password").json()["secret"]
    assert analyst.get("/api/me").status_code == 401
    with dashboard.nobody() as again:
        assert again.post("/api/log-in", json={"name": "analyst", "password": secret}).status_code == 200
    link = admin.post("/api/people/analyst/link").json()["secret"]
    with dashboard.nobody() as by_link:
        assert by_link.get(link).headers["location"] == "/"
        assert by_link.get("/api/me").json()["name"] == "analyst"


@pytest.mark.slow
def test_somebody_always_stays_to_keep_the_people(dashboard: Any) -> None:
    admin = dashboard.client("admin")
    assert admin.delete("/api/people/admin").status_code == 409
    assert admin.put("/api/people/admin", json={"roles": ["analyst"]}).status_code == 409
    admin.put("/api/people/oncall", json={"roles": ["oncall", "admin"]})
    assert admin.put("/api/people/admin", json={"roles": ["analyst"]}).status_code == 200
    assert admin.get("/api/people").status_code == 403


@pytest.mark.slow
def test_what_does_not_fit_is_refused(dashboard: Any) -> None:
    admin = dashboard.client("admin")
    assert admin.post("/api/people", json={"name": "analyst", "roles": ["analyst"]}).status_code == 409
    assert admin.post("/api/people", json={"name": "a b", "roles": ["analyst"]}).status_code == 422
    assert admin.post("/api/people", json={"name": "ann", "roles": []}).status_code == 422
    assert admin.post("/api/people", json={"name": "ann", "roles": ["king"]}).status_code == 422
    assert admin.post("/api/people", json={"name": "ann", "roles": ["analyst"], "password": "short"}).status_code == 422
    assert admin.put("/api/people/nobody", json={"roles": ["analyst"]}).status_code == 404
    assert admin.delete("/api/people/nobody").status_code == 404
