"""From an uploaded table to a project, through the real application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tradewind.web.jobs.state import state_of
from tradewind.web.projects import open_project


def give(client: Any, file: Path) -> dict[str, Any]:
    answer = client.post(f"/api/project-drafts?filename={file.name}", content=file.read_bytes())
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.slow
def test_nothing_is_there_at_first(dashboard: Any) -> None:
    assert dashboard.client("executive").get("/api/projects").json() == []
    assert dashboard.nobody().get("/api/projects").status_code == 401


@pytest.mark.slow
def test_a_table_becomes_a_project_whose_job_starts(
    yahoo: Any, days: list[str], dashboard: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        "tradewind.web.projects_api.start_job",
        lambda folder, steps, by: started.append(tuple(step.name for step in steps)),
    )
    analyst = dashboard.client("analyst")
    draft = give(analyst, yahoo(tmp_path / "AAPL.csv"))
    assert draft["needs_symbol"]
    assert draft["suggested"] == "AAPL"
    settled = analyst.patch(f"/api/project-drafts/{draft['id']}", json={"symbol": "AAPL"}).json()
    assert settled["bars"]["bars"] == len(days)
    assert settled["spans"]["test_days"] == 90
    order = {"draft": draft["id"], "title": "Äpfel & more", "models": ["logistic"]}
    made = analyst.post("/api/projects", json=order)
    assert made.status_code == 201, made.text
    assert made.json()["name"] == "apfel-more"
    assert made.json()["asked"]["test_start"] == settled["spans"]["test_start"]
    assert started == [("train", "evaluate", "predict", "explain")]
    assert analyst.get(f"/api/project-drafts/{draft['id']}").status_code == 404
    listed = dashboard.client("executive").get("/api/projects").json()
    assert [(one["title"], one["bars"]["symbols"], one["trained"]) for one in listed] == [("Äpfel & more", 1, False)]
    assert len(open_project(dashboard.workspace, "apfel-more").panel()) == len(days)
    assert analyst.delete("/api/projects/apfel-more").status_code == 204
    assert analyst.get("/api/projects").json() == []


@pytest.mark.slow
def test_faults_are_listed_and_can_be_left_out(yahoo: Any, days: list[str], dashboard: Any, tmp_path: Path) -> None:
    file = yahoo(tmp_path / "bad.csv")
    lines = file.read_text().splitlines()
    lines[5] = lines[5].replace(",11.5,", ",-11.5,")
    file.write_text("\n".join(lines) + "\n")
    analyst = dashboard.client("analyst")
    draft = give(analyst, file)
    settled = analyst.patch(f"/api/project-drafts/{draft['id']}", json={"symbol": "AAA"}).json()
    assert settled["bars"] is None
    assert [(one["row"], one["column"]) for one in settled["faults"]] == [(5, "high")]
    assert settled["faults"][0]["fix"]
    refused = analyst.post("/api/projects", json={"draft": draft["id"], "title": "x", "models": ["logistic"]})
    assert refused.status_code == 422
    left = analyst.patch(f"/api/project-drafts/{draft['id']}", json={"leave_out": True}).json()
    assert left["bars"]["bars"] == len(days) - 1


@pytest.mark.slow
def test_a_universe_beside_the_prices_is_checked(yahoo: Any, dashboard: Any, tmp_path: Path) -> None:
    analyst = dashboard.client("analyst")
    draft = give(analyst, yahoo(tmp_path / "AAPL.csv"))
    analyst.patch(f"/api/project-drafts/{draft['id']}", json={"symbol": "AAPL"})
    address = f"/api/project-drafts/{draft['id']}/files/universe"
    wrong = analyst.put(f"{address}?filename=u.csv", content=b"symbol\nAAPL\n").json()
    assert wrong["extras"]["universe"]["problem"]["detail"]
    right = analyst.put(f"{address}?filename=u.csv", content=b"symbol,name,sector\nAAPL,Apple,IT\n").json()
    assert right["extras"]["universe"] == {"name": "u.csv", "problem": None}
    assert analyst.delete(address).json()["extras"] == {}


@pytest.mark.slow
def test_who_may_not_change_may_look(yahoo: Any, dashboard: Any, tmp_path: Path) -> None:
    file = yahoo(tmp_path / "AAPL.csv")
    executive = dashboard.client("executive")
    assert executive.post("/api/project-drafts?filename=a.csv", content=file.read_bytes()).status_code == 403
    draft = give(dashboard.client("analyst"), file)
    assert dashboard.client("admin").get(f"/api/project-drafts/{draft['id']}").status_code == 404  # not theirs


@pytest.mark.slow
def test_what_cannot_be_read_is_told_and_nothing_escapes_the_folder(dashboard: Any, tmp_path: Path) -> None:
    analyst = dashboard.client("analyst")
    odd = analyst.post("/api/project-drafts?filename=../../etc/x.exe", content=b"MZ")
    assert odd.status_code == 422
    broken = analyst.post("/api/project-drafts?filename=..%2F..%2Fp.parquet", content=b"PAR1 not whole").json()
    assert broken["file"] == "p.parquet"
    assert "truncated" in broken["problem"]["detail"]
    assert analyst.get("/api/projects/none").status_code == 404
    assert analyst.get("/api/project-drafts/..%2F..").status_code == 404


@pytest.mark.slow
def test_a_job_that_is_not_there_cannot_be_cancelled(dashboard: Any) -> None:
    folder = dashboard.workspace.projects / "bare"
    folder.mkdir(parents=True)
    answer = dashboard.client("analyst").post("/api/projects/bare/job/cancel")
    assert answer.status_code == 422
    assert "no job" in answer.json()["detail"]
    assert state_of(folder) is None
