"""The queue and the cases of the dashboard: what is shown, what may be done, and by whom."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tradewind.web.app import build_dashboard
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

ROOT = "/api/surveillance"


def act(client: httpx.Client, case: str, doing: str, **more: Any) -> Any:
    return client.post(f"{ROOT}/cases/{case}/acts", json={"doing": doing, **more})


def may(case: dict[str, Any]) -> dict[str, bool]:
    return {one["doing"]: one["allowed"] for one in case["may"]}


def test_nothing_is_there_yet_and_the_command_that_makes_it_is_told(tmp_path, visit):
    app = build_dashboard(Workspace.of(tmp_path / "home"))
    app.state.access.add("ann", frozenset({Role.surveillance}), password="a long password")
    answer = visit(app, "ann").get(f"{ROOT}/cases")
    assert answer.status_code == 404
    assert "surveil case ingest" in answer.json()["fix"]


@pytest.mark.slow
def test_other_roles_see_nothing(desk):
    assert desk.of("otto").get(f"{ROOT}/cases").status_code == 403


@pytest.mark.slow
def test_the_queue_has_the_gravest_first_and_says_who_works_on_it(desk):
    queue = desk.of("ann").get(f"{ROOT}/cases").json()
    assert queue["total"] == len(queue["cases"]) >= 2
    assert queue["cases"][0]["tier"] == "critical"
    assert {one["name"] for one in queue["people"]} == {"ann", "bob", "sue", "tim"}
    assert (queue["acting_as"], queue["acting_roles"]) == ("ann", ["analyst"])


@pytest.mark.slow
def test_a_log_in_without_a_key_can_look_but_not_act(desk):
    client = desk.of("eve")
    queue = client.get(f"{ROOT}/cases").json()
    assert queue["acting_as"] is None
    assert "--person" in queue["acting_problem"]
    case = queue["cases"][0]["id"]
    assert not any(may(client.get(f"{ROOT}/cases/{case}").json()).values())
    assert act(client, case, "take").status_code == 403


@pytest.mark.slow
def test_four_eyes_from_taking_to_closing(desk):
    ann, sue, tim = desk.of("ann"), desk.of("sue"), desk.of("tim")
    case = ann.get(f"{ROOT}/cases").json()["cases"][0]["id"]
    assert may(ann.get(f"{ROOT}/cases/{case}").json())["take"]
    taken = act(ann, case, "take").json()
    assert (taken["row"]["state"], taken["row"]["assignee"]) == ("in_review", "ann")
    assert act(ann, case, "note", text="asked the desk").json()["notes"][0]["text"] == "asked the desk"
    refused = act(ann, case, "propose", outcome="escalated", reason=" ")
    assert refused.status_code == 422
    assert "reason" in refused.json()["detail"]
    proposed = act(ann, case, "propose", outcome="escalated", reason="two cycles").json()
    assert proposed["proposal"]["by"] == "ann"
    confirm = {one["doing"]: one for one in proposed["may"]}["confirm"]
    assert not confirm["allowed"]
    assert "supervisor" in confirm["why"]
    back = act(sue, case, "reject", reason="which cycles?").json()
    assert back["row"]["state"] == "in_review"
    act(ann, case, "propose", outcome="escalated", reason="those at 10:02 and 10:04")
    closed = act(tim, case, "confirm").json()
    assert (closed["row"]["outcome"], closed["confirmed_by"]) == ("escalated", "tim")
    assert [one["doing"] for one in closed["acts"]][-1] == "confirm"
    assert all(one["signed"] for one in closed["acts"] if one["role"])
    assert case not in [row["id"] for row in ann.get(f"{ROOT}/cases").json()["cases"]]
    assert case in [row["id"] for row in ann.get(f"{ROOT}/cases", params={"closed": True}).json()["cases"]]
    figures = ann.get(f"{ROOT}/statistics").json()
    assert (figures["all"]["closed"], figures["all"]["judged"], figures["all"]["precision"]) == (1, 1, 1.0)
    assert {one["name"]: one["proposed"] for one in figures["people"]}["ann"] == 2


@pytest.mark.slow
def test_a_supervisor_who_proposed_may_not_confirm_and_is_told_why(desk):
    sue = desk.of("sue")
    case = sue.get(f"{ROOT}/cases").json()["cases"][0]["id"]
    act(sue, case, "take")
    act(sue, case, "propose", outcome="false_alarm", reason="a maker")
    case_now = sue.get(f"{ROOT}/cases/{case}").json()
    why = {one["doing"]: one["why"] for one in case_now["may"]}["confirm"]
    assert "second pair of eyes" in why
    assert act(sue, case, "confirm").status_code == 422


@pytest.mark.slow
def test_several_cases_are_taken_at_once_and_refusals_are_told(desk):
    ann, bob, sue = desk.of("ann"), desk.of("bob"), desk.of("sue")
    cases = [row["id"] for row in ann.get(f"{ROOT}/cases").json()["cases"]]
    act(bob, cases[0], "take")
    made = ann.post(f"{ROOT}/cases/take", json={"cases": cases}).json()
    assert made["done"] == cases[1:]
    assert made["refused"][0]["case"] == cases[0]
    assert "with bob" in made["refused"][0]["why"]
    given = sue.post(f"{ROOT}/cases/assign", json={"cases": cases[:1], "analyst": "ann"}).json()
    assert given["done"] == cases[:1]
    assert (
        "supervisor"
        in ann.post(f"{ROOT}/cases/assign", json={"cases": cases, "analyst": "bob"}).json()["refused"][0]["why"]
    )


@pytest.mark.slow
def test_every_act_is_verified_against_signatures_and_the_audit_log(desk):
    ann = desk.of("ann")
    case = ann.get(f"{ROOT}/cases").json()["cases"][0]["id"]
    act(ann, case, "take")
    found = ann.get(f"{ROOT}/verification").json()
    assert (found["sound"], found["audit_log"]) == (True, True)
    assert found["acts"] >= 3


@pytest.mark.slow
def test_what_is_no_act_or_no_case_is_said_so(desk):
    ann = desk.of("ann")
    assert act(ann, "C000001", "burn").status_code == 422
    assert ann.get(f"{ROOT}/cases/C999999").status_code == 422
    assert ann.get(f"{ROOT}/cases/C000001/alerts/none/evidence").status_code == 404
