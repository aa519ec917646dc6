"""The inventory, one version, and approvals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def _seen(page: Any, reference: str) -> tuple[int, dict[str, Any]]:
    queue = page.get("/approvals").json()
    one = next(one for one in queue["waiting"] if one["reference"] == reference)
    return one["seen"], {act["act"]: act for act in one["acts"]}


@pytest.mark.slow
def test_the_inventory_tells_where_every_version_stands(open_page):
    found = open_page().get("/models").json()
    assert {row["reference"]: row["stage"] for row in found["rows"]} == {
        "equity-daily/1": "champion",
        "equity-daily/2": "validated",
        "equity-daily/3": "draft",
    }
    first = found["rows"][0]
    assert first["owner"]
    assert first["budget_kept"]
    assert first["incidents"] == 1
    assert "equity-daily/1" in found["serving"]["equity-daily"]


@pytest.mark.slow
def test_an_empty_workspace_says_what_makes_a_model(open_page):
    answer = open_page(empty=True).get("/models")
    assert answer.status_code == 404
    assert "tradewind models register" in answer.json()["fix"]


@pytest.mark.slow
def test_a_version_comes_with_lineage_decisions_and_card(open_page):
    page = open_page().get("/models/equity-daily/1").json()
    assert next(step["kind"] for step in page["lineage"]) == "data"
    assert [one["by"] for one in page["decisions"]] == ["oncall", "admin", "compliance", "analyst"]
    assert all(one["key"].startswith("ed25519:") for one in page["decisions"])
    assert page["card"]["sections"]
    assert open_page().get("/models/equity-daily/1/card.html").text.startswith("<!doctype html>")
    assert open_page().get("/models/equity-daily/9").status_code == 404


@pytest.mark.slow
def test_the_queue_says_who_may_decide_and_why_others_may_not(open_page):
    _, acts = _seen(open_page(), "equity-daily/2")
    assert acts["approve"]["mine"]
    assert acts["approve"]["people"] == ["compliance"]
    assert acts["approve"]["barred"] == {"analyst": "author", "admin": "validator"}
    _, acts = _seen(open_page("admin"), "equity-daily/2")
    assert "second pair of eyes" in acts["approve"]["why_not"]


@pytest.mark.slow
def test_an_approval_is_signed_and_told_to_the_log(open_page):
    page = open_page()
    seen, _ = _seen(page, "equity-daily/2")
    made = page.post("/models/equity-daily/2/decisions", {"act": "approve", "reason": "meets policy", "seen": seen})
    assert made.status_code == 201
    assert made.json()["words"] == "validated -> approved"
    assert page.get("/models/equity-daily/2").json()["row"]["stage"] == "approved"
    rows = page.get("/audit/entries", kind="decision", text="meets policy").json()["rows"]
    assert rows[0]["by"] == "compliance"


@pytest.mark.slow
def test_of_two_tabs_the_slower_is_told_who_was_quicker(open_page):
    first, second = open_page(), open_page()
    seen, _ = _seen(first, "equity-daily/2")
    body = {"act": "approve", "reason": "looked at it", "seen": seen}
    assert first.post("/models/equity-daily/2/decisions", body).status_code == 201
    answer = second.post("/models/equity-daily/2/decisions", {**body, "act": "reject"})
    assert answer.status_code == 409
    assert "by compliance: looked at it" in answer.json()["detail"]


@pytest.mark.slow
def test_the_registry_enforces_four_eyes(open_page):
    page = open_page("admin")
    seen, _ = _seen(page, "equity-daily/2")
    answer = page.post("/models/equity-daily/2/decisions", {"act": "approve", "reason": "mine too", "seen": seen})
    assert answer.status_code == 422
    assert "validator" in answer.json()["detail"]


@pytest.mark.slow
def test_without_a_key_nothing_is_signed(open_page, home: Path):
    page = open_page()
    (home / "keys" / "compliance.pem").unlink()
    seen, acts = _seen(page, "equity-daily/3")
    assert "tradewind models keygen" in acts["validate"]["why_not"]
    answer = page.post("/models/equity-daily/3/decisions", {"act": "validate", "reason": "x", "seen": seen})
    assert answer.status_code == 403
    assert "keygen" in answer.json()["fix"]


def test_a_forged_ledger_is_shown_as_unsound(open_page, home: Path):
    ledger = home / "registry" / "ledgers" / "equity-daily.jsonl"
    page = open_page()
    ledger.write_text(ledger.read_text().replace("meets the policy", "meets no policy"))
    found = page.get("/models").json()
    assert found["rows"] == []
    assert "not sound" in found["unsound"][0]["problem"]
    assert page.get("/models/equity-daily/1").status_code == 409


@pytest.mark.slow
def test_the_check_of_everything_finds_a_changed_file(open_page, home: Path):
    page = open_page()
    assert page.wait(page.post("/models/check"))["result"]["sound"]
    held = home / "registry" / "models" / "equity-daily" / "1" / "model" / "sample.json"
    held.write_text("{}")
    found = page.wait(page.post("/models/check"))["result"]
    assert not found["sound"]
    assert found["beside_log"]
    assert "sample.json" in str(found["findings"]["equity-daily"])


@pytest.mark.slow
def test_the_executive_view_is_told_which_version_is_in_service_and_whether_it_speaks(open_page, home: Path):
    page = open_page("executive")
    told = page._client.get("/api/executive/champion/small").json()
    (champion,) = told["champions"]
    assert (champion["name"], champion["version"], champion["speaks"]) == ("equity-daily", "1", True)
    assert [step["stage"] for step in champion["steps"]] == ["validated", "approved", "champion"]
    assert champion["waiting"] == ["equity-daily/2 is validated", "equity-daily/3 is draft"]
    made = home / "projects" / "small" / "model" / "model.json"
    made.write_text(made.read_text() + "\n")
    assert not page._client.get("/api/executive/champion/small").json()["champions"][0]["speaks"]


def test_without_a_registry_nobody_is_in_service(open_page):
    page = open_page("executive", empty=True)
    place = page.app.state.workspace.projects / "bare"
    place.mkdir(parents=True)
    assert page._client.get("/api/executive/champion/bare").json() == {
        "champions": [],
        "registered": False,
        "unsound": [],
    }
