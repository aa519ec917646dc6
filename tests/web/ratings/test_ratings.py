"""Ratings are kept, one of each person for each subject, and reported."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind.core.clock import FixedClock
from tradewind.evaluation.significance import wilson_interval
from tradewind.web.ratings import RatingStore, report_of
from tradewind.web.ratings.table import csv_of

SUBJECT = "demo/AAPL/2024-03-05/executive"


def rating(useful: bool, why: str = "", subject: str = SUBJECT) -> dict[str, Any]:
    return {
        "kind": "explanation",
        "subject": subject,
        "useful": useful,
        "why": why,
        "context": {"layer": "executive", "model": "m/1"},
    }


@pytest.mark.slow
def test_a_second_thought_takes_the_place_of_the_first(dashboard: Any) -> None:
    analyst, oncall = dashboard.client("analyst"), dashboard.client("oncall")
    assert analyst.get(f"/api/ratings/explanation/{SUBJECT}").json() == {"mine": None, "share": None}
    analyst.post("/api/ratings", json=rating(useful=True))
    oncall.post("/api/ratings", json=rating(useful=True))
    now = analyst.post("/api/ratings", json=rating(useful=False, why=" It names no news. ")).json()
    assert now["mine"]["useful"] is False
    assert now["mine"]["why"] == "It names no news."
    assert (now["share"]["useful"], now["share"]["of"]) == (1, 2)
    assert oncall.get(f"/api/ratings/explanation/{SUBJECT}").json()["mine"]["useful"] is True


@pytest.mark.slow
def test_a_rating_can_be_taken_back(dashboard: Any) -> None:
    analyst = dashboard.client("analyst")
    analyst.post("/api/ratings", json=rating(useful=True))
    assert analyst.delete(f"/api/ratings/explanation/{SUBJECT}").status_code == 204
    assert analyst.get(f"/api/ratings/explanation/{SUBJECT}").json()["share"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong", [{"kind": "No kind"}, {"subject": ""}, {"why": "x" * 2001}, {"context": {"much": "x" * 9000}}]
)
def test_what_does_not_fit_is_refused(shared_dashboard: Any, wrong: dict[str, Any]) -> None:
    sent = rating(useful=True) | wrong
    assert shared_dashboard.client("analyst").post("/api/ratings", json=sent).status_code == 422


def test_the_report_tells_shares_layers_weeks_and_reasons(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
    for i in range(10):
        store = RatingStore(tmp_path / "d.db", clock=FixedClock(begin + timedelta(days=i)))
        context = {"layer": "analyst" if i % 2 else "executive"}
        store.give(f"p{i % 3}", "explanation", f"s{i}", useful=i > 3, why="" if i > 3 else f"why {i}", context=context)
    store.give("p0", "case", "c1", useful=True)
    report = report_of(store.all())
    assert report.total is not None
    assert (report.total.useful, report.total.of) == (7, 11)
    shares = {(one.kind, one.layer): (one.share.useful, one.share.of, one.people) for one in report.kinds}
    assert shares == {
        ("case", None): (1, 1, 1),
        ("explanation", None): (6, 10, 3),
        ("explanation", "analyst"): (3, 5, 3),
        ("explanation", "executive"): (3, 5, 3),
    }
    assert [(one.week, one.share.of) for one in report.weeks] == [("2026-03-02", 7), ("2026-03-09", 4)]
    assert [one.why for one in report.reasons] == ["why 3", "why 2", "why 1", "why 0"]
    interval = wilson_interval(7, 11)
    assert (report.total.lower, report.total.upper) == (interval.lower, interval.upper)


def test_no_rating_is_no_share() -> None:
    assert report_of([]).total is None


@pytest.mark.slow
def test_the_report_and_the_table_are_for_those_they_concern(dashboard: Any) -> None:
    dashboard.client("analyst").post("/api/ratings", json=rating(useful=False, why="=SUM(A1)"))
    assert dashboard.client("analyst").get("/api/ratings/report").status_code == 403
    report = dashboard.client("compliance").get("/api/ratings/report").json()
    assert report["total"]["of"] == 1
    answer = dashboard.client("admin").get("/api/ratings/export")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows[0]["name"] == "analyst"
    assert rows[0]["useful"] == "no"
    assert rows[0]["why"] == "'=SUM(A1)"  # no spreadsheet runs it


def test_the_table_of_nothing_is_its_head() -> None:
    assert csv_of([]) == "at,name,kind,subject,useful,why,context\r\n"
