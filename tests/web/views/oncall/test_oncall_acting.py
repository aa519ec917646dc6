"""What people on call do: acknowledge, assign, resolve, silence, settle, stop; kept under their name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tradewind.governance.audit import AuditLog, KeyRing, place_of
from tradewind.monitoring.alerts import AlertStore
from tradewind.monitoring.journal import Journal
from tradewind.web.workspace import Workspace

Visit = Callable[..., httpx.Client]
VIEW = "/api/oncall"


def first_open(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{VIEW}/alerts").json()["incidents"][0]
    return found


@pytest.mark.slow
def test_the_gravest_that_is_open_stands_first(reader: httpx.Client) -> None:
    found = reader.get(f"{VIEW}/alerts").json()
    assert found["incidents"][0]["kinds"] == ["feed_silent"]
    assert found["incidents"][0]["standing"] in {"open", "escalated"}
    assert sum(found["standings"].values()) == len(found["incidents"])


def test_an_incident_has_its_findings_in_time(reader: httpx.Client) -> None:
    found = reader.get(f"{VIEW}/alerts/{first_open(reader)['id']}").json()
    assert found["members"][0]["subject"] == {"feed": "beta"}
    times = [one["at"] for one in found["timeline"]]
    assert times == sorted(times, reverse=True)
    assert {"opened", "finding"} <= {one["what"] for one in found["timeline"]}
    assert reader.get(f"{VIEW}/alerts/nothing").status_code == 422


def test_acknowledging_is_kept_in_store_journal_and_audit_log(
    copied: Path, visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRADEWIND_AUDIT")
    client = visit(copied, audit=str(tmp_path / "audit.db"))
    name = first_open(client)["id"]
    after = client.post(f"{VIEW}/alerts/{name}/acknowledge", json={"note": "vendor called"}).json()
    assert (after["standing"], after["acknowledged_by"], after["note"]) == ("acknowledged", "otto", "vendor called")
    held = AlertStore(Workspace.of(copied).alerts, create=False)
    kept = held.read().incidents[name].acknowledged
    held.close()
    assert kept is not None
    assert kept.by == "otto"
    assert [one.kind for one in Journal(Workspace.of(copied).journal).actions()] == ["acknowledged"]
    place = place_of(str(tmp_path / "audit.db"))
    assert place is not None
    with AuditLog.open(place, key=KeyRing.of_environment(), readonly=True) as log:
        assert [entry.body["by"] for entry in log.query(kind="alert")] == ["otto"]
    entries = client.get(f"{VIEW}/alerts/{name}").json()["timeline"]
    assert any(one["what"] == "action" and "otto" in one["text"] for one in entries)


def test_an_incident_is_given_to_somebody(copied: Path, visit: Visit) -> None:
    client = visit(copied)
    body = {"note": "please", "assignee": "ann"}
    after = client.post(f"{VIEW}/alerts/{first_open(client)['id']}/acknowledge", json=body).json()
    assert (after["acknowledged_by"], after["note"]) == ("ann", "given to ann by otto: please")


def test_a_resolved_incident_is_over_and_cannot_be_resolved_again(copied: Path, visit: Visit) -> None:
    client = visit(copied)
    name = first_open(client)["id"]
    assert client.post(f"{VIEW}/alerts/{name}/resolve", json={"note": ""}).status_code == 422
    after = client.post(f"{VIEW}/alerts/{name}/resolve", json={"note": "feed restarted"}).json()
    assert after["standing"] == "resolved"
    assert client.post(f"{VIEW}/alerts/{name}/resolve", json={"note": "again"}).status_code == 422


@pytest.mark.slow
def test_a_silence_runs_until_it_is_ended(copied: Path, visit: Visit) -> None:
    client = visit(copied)
    order = {"match": {"kind": "feature_*"}, "hours": 2, "reason": "vendor migration"}
    made = client.post(f"{VIEW}/silences", json=order).json()
    assert (made["running"], made["author"]) == (True, "otto")
    assert client.get(f"{VIEW}/alerts").json()["silences"][0]["id"] == made["id"]
    assert client.delete(f"{VIEW}/silences/{made['id']}").json()["running"] is False
    for wrong in ({"match": {"colour": "red"}}, {"hours": 10_000}, {"match": {}}):
        assert client.post(f"{VIEW}/silences", json=order | wrong).status_code == 422


def test_findings_can_be_narrowed_by_severity(reader: httpx.Client) -> None:
    every = reader.get(f"{VIEW}/findings", params={"days": 730}).json()
    grave = reader.get(f"{VIEW}/findings", params={"days": 730, "severity": "critical"}).json()
    assert 0 < len(grave) < len(every)
    assert [one["at"] for one in every] == sorted((one["at"] for one in every), reverse=True)


def test_a_failed_run_waits_for_a_person_who_settles_it(copied: Path, visit: Visit) -> None:
    client = visit(copied)
    found = client.get(f"{VIEW}/jobs").json()
    assert (found["waiting"], found["runs"][0]["state"]) == (1, "failed")
    body = {"job": "report", "key": found["runs"][0]["key"], "again": False}
    assert client.post(f"{VIEW}/jobs/settle", json=body).json()["state"] == "done"
    assert client.post(f"{VIEW}/jobs/settle", json=body).status_code == 422


@pytest.mark.slow
def test_stopping_leaves_word_for_the_server(copied: Path, visit: Visit) -> None:
    client = visit(copied)
    answer = client.post(f"{VIEW}/rollout/stop", json={"experiment": "try", "reason": "wrong feed"}).json()
    assert answer == {"experiment": "try", "taken_up": False}
    word = (Workspace.of(copied).serving / "rollout" / "try.stop").read_text()
    assert "otto: wrong feed" in word


def test_a_promotion_needs_a_registry(reader: httpx.Client) -> None:
    body = {"name": "demo", "version": 2, "reason": "better"}
    assert reader.post(f"{VIEW}/rollout/promote", json=body).status_code == 404


def test_another_site_cannot_act(copied: Path, visit: Visit) -> None:
    client = visit(copied)
    answer = client.post(f"{VIEW}/alerts/x/resolve", json={"note": "x"}, headers={"x-tradewind": ""})
    assert answer.status_code in {403, 422}
    del client.headers["x-tradewind"]
    assert client.post(f"{VIEW}/alerts/x/resolve", json={"note": "x"}).status_code == 403
