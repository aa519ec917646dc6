"""An explanation in the dashboard is the one that `tradewind explain` makes, and it is made once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tradewind.explain.rationale import LAYERS, check_record, explain, subject_of
from tradewind.web.projects import Project
from tradewind.web.views.analyst import why_desk
from tradewind.web.views.analyst.why_desk import desk_of
from tradewind.web.views.analyst.why_held import Held

EXPLANATION = "/api/analyst/why/explanation"


def asked(**more: str) -> dict[str, str]:
    return {"project": "first", "symbol": "SIM002", **more}


def test_it_is_the_explanation_that_the_command_makes(analyst: TestClient, first: Project) -> None:
    found = analyst.get(EXPLANATION, params=asked(date="2013-05-15")).json()
    data = first.dataset()
    rows = data.panel.rows_of("SIM002")
    row = rows.start + int(np.searchsorted(data.panel.time[rows], np.datetime64("2013-05-15")))
    whole = explain(subject_of(first.explainer(), data, np.array([row]), track=first.metrics()), 0)
    assert found["id"] == whole.id
    assert [layer["name"] for layer in found["layers"]] == list(LAYERS)


def test_base_and_contributions_are_the_probability(analyst: TestClient) -> None:
    found = analyst.get(EXPLANATION, params=asked()).json()
    groups = sum(group["gives"] for group in found["groups"])
    assert found["base"] + groups + found["left"] == pytest.approx(found["probability"], abs=1e-9)
    for group in found["groups"]:
        assert sum(one["gives"] for one in group["features"]) == pytest.approx(group["gives"], abs=1e-9)
    assert sum(member["weight"] for member in found["members"]) == pytest.approx(1.0)
    assert {member["name"] for member in found["members"]} == {"lstm", "random_forest", "xgboost"}


def test_a_day_without_a_bar_is_told_by_the_bar_before(analyst: TestClient) -> None:
    saturday = analyst.get(EXPLANATION, params=asked(date="2013-05-18")).json()
    assert saturday["date"] == "2013-05-17"
    assert saturday["outcome"]["day"] == "2013-05-20"


def test_what_came_is_not_known_of_the_newest_bar(analyst: TestClient) -> None:
    assert analyst.get(EXPLANATION, params=asked()).json()["outcome"] is None


def test_it_lists_what_can_be_explained(analyst: TestClient) -> None:
    found = analyst.get("/api/analyst/why/bars", params={"project": "first"}).json()
    assert len(found["symbols"]) == 8
    assert all(one["first"] >= found["trained_until"] for one in found["symbols"])


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        (asked(date="2012-06-01"), 422, "learned until"),
        (asked(symbol="NONE"), 404, "NONE"),
        (asked(date="yesterday"), 422, "date"),
        (asked(project="bare"), 404, "model"),
        (asked(project="absent"), 404, "absent"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_what_to_do(
    analyst: TestClient, query: dict[str, str], status: int, said: str
) -> None:
    answer = analyst.get(EXPLANATION, params=query)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


@pytest.mark.slow
def test_record_and_page_can_be_taken_away(analyst: TestClient) -> None:
    record = analyst.get("/api/analyst/why/record", params=asked())
    assert check_record(record.json()) == ()
    assert 'filename="explanation-SIM002-' in record.headers["content-disposition"]
    page = analyst.get("/api/analyst/why/page", params=asked())
    assert page.text.lstrip().lower().startswith("<!doctype html")
    assert "SIM002" in page.text


def test_what_would_have_turned_it_was_run(analyst: TestClient) -> None:
    found = analyst.get("/api/analyst/why/turned", params=asked()).json()
    assert [one["kind"] for one in found["searches"]] == ["bar", "features"]
    for one in found["searches"]:
        assert one["runs"] > 0
        if one["found"]:
            assert (one["probability"] > 0.5) != (found["probability"] > 0.5)


def test_newest_bars_are_explained_ahead(first: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why_desk, "_PAUSE", 0.02)
    desk = desk_of(first)
    newest = [desk.asked(symbol, None) for symbol in desk.data.panel.symbols]
    desk.explain_ahead()
    for _ in range(600):
        if all(desk.has(one) for one in newest):
            return
        time.sleep(0.05)
    pytest.fail("the newest bars were not explained ahead")


def test_what_is_held_is_made_once_and_the_least_used_goes() -> None:
    held: Held[int] = Held(2)
    made: list[int] = []

    def maker(value: int) -> Callable[[], int]:
        def make() -> int:
            time.sleep(0.02)
            made.append(value)
            return value

        return make

    threads = [threading.Thread(target=held.get, args=("a", maker(1))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    held.get("b", maker(2))
    held.get("a", maker(1))
    held.get("c", maker(3))
    assert "a" in held
    assert "b" not in held
    assert len(held) == 2
