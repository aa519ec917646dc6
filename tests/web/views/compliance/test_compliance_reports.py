"""Reports, fairness and incidents in the dashboard."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest


def _new(page: Any) -> dict[str, Any]:
    return {
        "reference": page.get("/incidents").json()["next"],
        "title": "Forecasts stood still",
        "severity": "high",
        "status": "open",
        "models": ["equity-daily/1"],
        "owner": "ann",
        "started": "2026-01-05T08:00:00Z",
        "detected": "2026-01-05T09:00:00Z",
        "summary": "No forecast for an hour.",
        "cause": "Under investigation.",
        "impact": {"words": "An hour without forecasts."},
        "timeline": [{"at": "2026-01-05T08:00:00Z", "what": "The last forecast", "audit": 2}],
        "actions": [{"what": "Watch the age of forecasts", "owner": "ann", "due": "2026-02-01"}],
    }


@pytest.mark.slow
def test_an_incident_is_recorded_changed_and_closed(open_page):
    page = open_page()
    sent = _new(page)
    made = page.post("/incidents", sent)
    assert made.status_code == 201
    filed = made.json()
    assert filed["overdue"] == 1
    assert page.get("/models/equity-daily/1").json()["row"]["incidents"] == 2
    closed = {**filed["incident"], "status": "closed", "resolved": "2026-01-05T10:00:00Z", "cause": "A full disk"}
    waiting = page.put(f"/incidents/{filed['name']}", {"revision": filed["revision"], "incident": closed})
    assert waiting.status_code == 422
    assert "not done" in waiting.json()["detail"]
    closed["actions"] = [{**closed["actions"][0], "done": "2026-01-06"}]
    done = page.put(f"/incidents/{filed['name']}", {"revision": filed["revision"], "incident": closed})
    assert done.json()["incident"]["status"] == "closed"
    late = page.put(f"/incidents/{filed['name']}", {"revision": filed["revision"], "incident": closed})
    assert late.status_code == 409
    told = page.get("/audit/entries", kind="incident", text=filed["name"]).json()["rows"]
    assert [row["words"] for row in told] == ["closed: Forecasts stood still", "recorded: Forecasts stood still"]
    assert "Forecasts stood still" in page.get(f"/incidents/{filed['name']}/report.html").text


def test_what_is_not_filled_in_or_not_there_is_refused(open_page):
    page = open_page()
    assert page.post("/incidents", {**_new(page), "cause": "tbd"}).status_code == 422
    absent = {**_new(page), "timeline": [{"at": "2026-01-05T08:00:00Z", "what": "x", "audit": 10**9}]}
    assert "no row" in page.post("/incidents", absent).json()["detail"]
    assert page.get("/incidents/INC-1999-001").status_code == 404


def test_an_unfinished_file_is_listed_with_what_it_lacks(open_page, home: Path):
    page = open_page()
    (home / "incidents" / "half.toml").write_text('title = "FILL IN"\n')
    found = next(one for one in page.get("/incidents").json()["incidents"] if one["name"] == "half")
    assert found["incident"] is None
    assert "title" in found["problem"]


@pytest.mark.slow
def test_reports_are_listed_made_and_handed_out(open_page):
    page = open_page()
    made = page.get("/reports").json()
    assert [one["kind"] for one in made["made"]] == ["compliance"]
    assert [one["name"] for one in made["schedule"]] == ["inventory", "compliance"]
    task = page.wait(page.post("/reports", {"kind": "inventory"}))
    assert task["state"] == "done", task["problem"]
    name = next(file for file in task["result"]["files"] if file.endswith(".html"))
    answer = page.get(f"/reports/file/{name}", inline=True)
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "equity-daily" in answer.text
    assert page.get("/reports/file/../dashboard.db").status_code == 404
    assert page.get("/audit/entries", kind="report").json()["rows"][0]["by"] == "compliance"


@pytest.mark.slow
def test_a_quarter_is_judged_by_the_forecasts_of_a_project(open_page):
    page = open_page()
    asked = {"kind": "quarterly", "quarter": "2013Q2", "project": "small", "model": "equity-daily/1"}
    task = page.wait(page.post("/reports", asked))
    assert task["state"] == "done", task["problem"]
    wrong = page.wait(page.post("/reports", {"kind": "quarterly", "quarter": "2013Q3"}))
    assert wrong["state"] == "failed"
    assert "prices" in wrong["problem"]
    assert page.post("/reports", {"kind": "quarterly", "quarter": "spring"}).status_code == 422


@pytest.mark.slow
def test_what_is_due_is_made_once(open_page):
    page = open_page()
    ticks = page.wait(page.post("/reports/due"))["result"]["ticks"]
    assert {tick["outcome"] for tick in ticks} == {"waiting"}


@pytest.mark.slow
def test_fairness_is_measured_over_time(open_page, home: Path):
    page = open_page()
    shutil.rmtree(home / "projects" / "small" / "fairness")
    before = page.get("/fairness/small").json()
    assert before["measured"] is None
    assert before["balance"] is None
    task = page.wait(page.post("/fairness/small/measure"))
    assert task["state"] == "done", task["problem"]
    after = page.get("/fairness/small").json()
    assert [kind["by"] for kind in after["measured"]["kinds"]] == ["sector", "size_bucket", "location"]
    assert after["balance"]["rows"] > 0
    assert not after["stale"]
    assert page.get("/fairness/small/fairness.html").status_code == 200
    assert page.get("/fairness/nothing").status_code == 404
