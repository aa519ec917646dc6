"""What the sliders are told is what the whole model says of the changed day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tradewind.explain.what_if.replay import Replay
from tradewind.explain.what_if.scenario import run_together
from tradewind.explain.what_if.scenario_text import Scenario
from tradewind.web.projects import Project
from tradewind.web.views.analyst.why_desk import desk_of

DAY = "2013-05-15"


@pytest.fixture(scope="module")
def replay(first: Project) -> Replay:
    desk = desk_of(first)
    return Replay(desk.model, desk.data, desk.asked("SIM002", DAY).row)


def move(client: TestClient, **more: Any) -> dict[str, Any]:
    body = {"project": "first", "symbol": "SIM002", "date": DAY, **more}
    answer = client.post("/api/analyst/what-if/move", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def changed(replay: Replay, **values: float) -> np.ndarray:
    row = np.array(replay.features)
    for name, value in values.items():
        row[replay.names.index(name)] = value
    return row


def test_what_can_be_moved_comes_with_the_range_of_training(analyst: TestClient, replay: Replay) -> None:
    found = analyst.get(
        "/api/analyst/what-if/start", params={"project": "first", "symbol": "SIM002", "date": DAY}
    ).json()
    assert found["probability"] == pytest.approx(replay.probability, abs=1e-6)
    assert {one["name"] for one in found["features"]} == set(replay.names)
    assert [abs(one["gives"]) for one in found["features"]] == sorted(
        (abs(one["gives"]) for one in found["features"]), reverse=True
    )
    for one in found["features"]:
        assert one["low"] < one["high"]
        assert one["marks"] == sorted(one["marks"])


def test_a_moved_feature_is_run_by_the_whole_model(analyst: TestClient, replay: Replay) -> None:
    name = replay.names[0]
    goal = float(replay.bounds[1][0])
    found = move(analyst, values={name: goal}, due=True)
    whole = replay.whole(replay.with_features(changed(replay, **{name: goal})))
    assert found["after"] == pytest.approx(whole, abs=1e-6)
    assert found["flips"] == ((replay.probability > 0.5) != (whole > 0.5))
    assert sum(one["gives"] for one in found["due_to"]) == pytest.approx(found["after"] - found["before"], abs=1e-6)
    assert [one["name"] for one in found["moved"]] == [name]
    assert all(one["after"] is not None for one in found["members"])


def test_nothing_moved_is_the_forecast_as_it_is(analyst: TestClient, replay: Replay) -> None:
    found = move(analyst)
    assert found["after"] == pytest.approx(found["before"], abs=1e-6)
    assert found["moved"] == []
    assert found["due_to"] is None


def test_beyond_training_is_told(analyst: TestClient, replay: Replay) -> None:
    name, high = replay.names[0], float(replay.bounds[1][0])
    assert move(analyst, values={name: high + abs(high) + 1.0})["outside"] == [name]


@pytest.mark.parametrize("texts", [["price -5%"], ["price -2%", "volume x2"], ["gap +3%"], ["market -3%"]])
def test_a_scenario_is_run_by_the_whole_model(analyst: TestClient, replay: Replay, texts: list[str]) -> None:
    found = move(analyst, scenarios=texts)
    whole = run_together(replay, [Scenario.parse(text, replay.names) for text in texts])
    assert found["after"] == pytest.approx(whole.after, abs=2e-6)


def test_a_slider_holds_against_a_scenario(analyst: TestClient, replay: Replay) -> None:
    name, value = replay.names[0], float(replay.features[0])
    found = move(analyst, scenarios=["price -5%"], values={name: value})
    assert name not in {one["name"] for one in found["moved"]}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"scenarios": ["prise -3%"]}, "prise"),
        ({"values": {"nothing": 1.0}}, "nothing"),
        ({"scenarios": ["vix +10"]}, "fear"),
        ({"scenarios": ["volume x2"] * 9}, "scenarios"),
    ],
)
def test_what_cannot_be_run_is_refused(analyst: TestClient, more: dict[str, Any], said: str) -> None:
    body = {"project": "first", "symbol": "SIM002", "date": DAY, **more}
    answer = analyst.post("/api/analyst/what-if/move", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_the_curve_is_run_and_its_turns_change_side(analyst: TestClient, replay: Replay) -> None:
    name = replay.names[0]
    body = {"project": "first", "symbol": "SIM002", "date": DAY, "feature": name}
    found = analyst.post("/api/analyst/what-if/curve", json=body).json()
    middle = found["at"][30]
    whole = replay.whole(replay.with_features(changed(replay, **{name: middle})))
    assert found["probability"][30] == pytest.approx(whole, abs=1e-6)
    sides = np.array(found["probability"]) > 0.5
    assert len(found["turns"]) == int((sides[1:] != sides[:-1]).sum())
    wide = analyst.post("/api/analyst/what-if/curve", json={**body, "scenarios": ["market -3%"]})
    assert wide.status_code == 422


def test_one_by_one_gives_what_stacked_variants_give(first: Project) -> None:
    desk = desk_of(first)
    row = desk.asked("SIM002", DAY).row
    stacked, single = Replay(desk.model, desk.data, row), Replay(desk.model, desk.data, row)
    single.__dict__["_tail"] = 0  # as of a model whose variants cannot be stacked
    values = np.stack([stacked.features, changed(stacked, **{stacked.names[0]: float(stacked.bounds[0][0])})])
    for bars in (None, [stacked.bar, stacked.bar]):
        one, other = stacked.forecasts(values, bars), single.forecasts(values, bars)
        assert one.keys() == other.keys()
        for name, forecast in one.items():
            np.testing.assert_allclose(forecast.probability, other[name].probability, atol=1e-6)
            np.testing.assert_allclose(forecast.upper, other[name].upper, atol=1e-6)
