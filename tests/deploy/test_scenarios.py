"""Scenarios are read, plan what they say, and refuse what contradicts itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st


def test_every_file_is_read_and_named_after_itself(root: Path) -> None:
    from scenarios import chaos_scenarios, load_scenarios  # type: ignore[import-not-found]

    for folder, found in (("load", load_scenarios()), ("chaos", chaos_scenarios())):
        assert set(found) == {path.stem for path in (root / "deploy" / folder).glob("*.toml")}
    assert {"steady", "ramp", "spike", "slow_clients", "mixed"} <= set(load_scenarios())


def test_every_fault_ends_while_its_load_still_runs() -> None:
    from scenarios import chaos_scenarios

    covered = set()
    for scenario in chaos_scenarios().values():
        seconds = scenario.load_scenario().seconds
        for fault in scenario.fault:
            covered.add(fault.kind)
            assert fault.over + (scenario.expect.recovered or 0.0) <= seconds, scenario.name
    assert covered >= {"kill-server", "redis-down", "broker-down", "disk-full", "clock-jump", "corrupt-model"}
    kill = chaos_scenarios()["kill_server"].fault[0]
    assert len(kill.moments) == 50


@given(first=st.floats(0, 3000), last=st.floats(0, 3000), seconds=st.floats(1, 20), seed=st.integers(0, 2**31))
def test_arrivals_follow_the_rate(first: float, last: float, seconds: float, seed: int) -> None:
    from scenarios import LoadScenario

    phase = {"seconds": seconds, "rate": first, "until": last}
    plan = LoadScenario(name="x", words="", seed=seed, phase=[phase]).plan()
    assert np.all(np.diff(plan.due) >= 0)
    assert len(plan) == 0 or (plan.due[0] >= 0 and plan.due[-1] <= seconds * (1 + 1e-9))
    mean = (first + last) / 2 * seconds
    assert abs(len(plan) - mean) <= 6 * np.sqrt(mean) + 6
    half = (first + (first + last) / 2) / 2 * seconds / 2
    assert abs(np.sum(plan.due < seconds / 2) - half) <= 6 * np.sqrt(half) + 6


def test_equal_seeds_plan_equal_requests_and_the_mix_is_kept() -> None:
    from scenarios import load_scenarios

    mixed = load_scenarios()["mixed"]
    one, two = mixed.plan(), mixed.plan()
    assert np.array_equal(one.due, two.due)
    assert np.array_equal(one.kind, two.kind)
    share = np.bincount(one.kind, minlength=len(one.kinds)) / len(one)
    assert share == pytest.approx(np.array(list(mixed.mix.values())), abs=0.01)
    counts = np.bincount(one.symbol, minlength=mixed.symbols)
    assert counts[0] > 3 * counts[9]


@pytest.mark.parametrize(
    "change",
    [
        {"mix": {"cached": 0.0}},
        {"mix": {"slow": 1.0}},
        {"phase": []},
        {"phase": [{"seconds": 0, "rate": 1}]},
        {"expect": {"wrong": 1}},
    ],
)
def test_a_load_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    from scenarios import LoadScenario

    with pytest.raises(ValueError):
        LoadScenario.model_validate({"name": "x", "words": "", "phase": [{"seconds": 1, "rate": 1}], **change})


def test_faults_that_overlap_themselves_or_lack_a_size_are_refused() -> None:
    from scenarios import Fault

    with pytest.raises(ValueError, match="every must be longer"):
        Fault(kind="redis-down", at=1, lasts=5, times=2, every=3)
    with pytest.raises(ValueError, match="needs by"):
        Fault(kind="clock-jump", at=1)
