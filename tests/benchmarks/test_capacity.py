"""The capacity model and its simulation: against queueing theory, against arithmetic, and against the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def inputs() -> Any:
    from capacity_model import INPUTS, Inputs

    return Inputs.from_toml(INPUTS)


def waits(busy: float, cores: int, *, constant: bool, seconds: float) -> tuple[float, float]:
    from capacity_sim import World, arrivals, simulate

    rng = np.random.default_rng(7)
    due = arrivals(np.full(int(seconds), busy * cores), 1.0, rng)
    service = np.ones(len(due)) if constant else rng.exponential(1.0, len(due))
    run = simulate(due, service, World(nodes=1, cores=cores, choices=1), seed=1)
    kept = run.waited[len(due) // 20 :]
    return float(np.mean(kept > 0)), float(kept.mean())


@pytest.mark.parametrize(("busy", "cores"), [(0.5, 1), (0.8, 1), (0.7, 4), (0.9, 8), (0.6, 32)])
def test_the_simulation_agrees_with_erlang(busy: float, cores: int) -> None:
    from capacity_sim import erlang_c

    chance, mean = erlang_c(busy * cores, 1.0, cores)
    seen_chance, seen_mean = waits(busy, cores, constant=False, seconds=400_000 / cores)
    assert seen_chance == pytest.approx(chance, rel=0.06, abs=0.003)
    assert seen_mean == pytest.approx(mean, rel=0.1, abs=0.003)


@pytest.mark.parametrize(("busy", "cores"), [(0.5, 1), (0.8, 1), (0.7, 4), (0.9, 8)])
def test_the_simulation_agrees_with_crommelin(busy: float, cores: int) -> None:
    from capacity_sim import crommelin

    chance, mean = crommelin(busy * cores, 1.0, cores)
    seen_chance, seen_mean = waits(busy, cores, constant=True, seconds=400_000 / cores)
    assert seen_chance == pytest.approx(chance, rel=0.06)
    assert seen_mean == pytest.approx(mean, rel=0.1)


def test_the_theories_agree_with_pollaczek_and_khinchine() -> None:
    from capacity_sim import crommelin, erlang_c

    for busy in (0.3, 0.8):
        assert crommelin(busy, 1.0, 1)[1] == pytest.approx(busy / (2 * (1 - busy)), rel=1e-6)
        assert erlang_c(busy, 1.0, 1)[1] == pytest.approx(busy / (1 - busy))


def test_a_lost_node_loses_what_it_held_and_what_was_sent_before_it_was_noticed() -> None:
    from capacity_sim import LOST, Outage, World, simulate

    due = np.arange(0.0, 10.0, 0.001)
    outage = Outage(nodes=(1,), start=4.0, end=8.0)
    world = World(nodes=2, cores=4, detect=1.0, choices=1, outages=(outage,))
    run = simulate(due, np.full(len(due), 0.002), world, seed=3)
    lost = due[run.fate == LOST]
    assert 4.0 - 0.01 <= lost.min() < 4.05
    assert 4.95 < lost.max() < 5.0
    assert len(lost) == pytest.approx(500, abs=80)
    second = World(nodes=2, cores=4, detect=1.0, choices=1, retry=0.2, outages=(outage,))
    retried = simulate(due, np.full(len(due), 0.002), second, seed=3)
    assert 0 < retried.count(LOST) < len(lost)
    assert retried.quantile(1.0) == pytest.approx(0.202, abs=0.01)
    none = simulate(due, np.full(len(due), 0.002), World(nodes=2, cores=4), seed=3)
    assert none.count(LOST) == 0


def test_overload_is_refused_and_those_who_are_served_wait_no_longer_than_the_bound() -> None:
    from capacity_sim import REFUSED, World, arrivals, simulate

    due = arrivals(np.full(200, 200.0), 0.1, np.random.default_rng(1))
    run = simulate(due, np.full(len(due), 0.1), World(nodes=1, cores=10, most_wait=0.5, choices=1), seed=1)
    assert run.share(REFUSED) == pytest.approx(0.5, abs=0.04)
    assert np.nanmax(run.waited) <= 0.5
    assert run.quantile(1.0) <= 0.6 + 1e-9


def test_two_choices_wait_less_than_one() -> None:
    from capacity_sim import World, arrivals, simulate

    due = arrivals(np.full(100, 80_000.0), 0.01, np.random.default_rng(1))
    service = np.full(len(due), 0.001)
    one, two = (simulate(due, service, World(nodes=100, cores=1, choices=n), seed=1).quantile(0.99) for n in (1, 2))
    assert two < one / 2


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), rate=st.floats(0, 5000), seconds=st.integers(1, 20))
def test_arrivals_are_ordered_and_as_many_as_the_rate_says(seed: int, rate: float, seconds: int) -> None:
    from capacity_sim import arrivals

    due = arrivals(np.full(seconds * 10, rate), 0.1, np.random.default_rng(seed))
    assert np.all(np.diff(due) >= 0)
    assert abs(len(due) - rate * seconds) <= 6 * np.sqrt(rate * seconds) + 6


def test_the_plan_is_the_least_that_keeps_both_marks(inputs: Any) -> None:
    from capacity_model import plan_fleet

    plan, fleet = plan_fleet(inputs), inputs.fleet
    assert plan.nodes % fleet.zones == 0
    assert plan.busy <= fleet.most_busy
    assert plan.busy_zone_lost <= fleet.most_busy_zone_lost
    less = plan.nodes - fleet.zones
    left = less - less // fleet.zones - fleet.spare_nodes
    too_few = plan.cores_of_work / fleet.cores
    assert too_few / less > fleet.most_busy or left < 1 or too_few / left > fleet.most_busy_zone_lost


def test_cost_is_the_sum_of_what_is_rented_and_sent(inputs: Any) -> None:
    from capacity_model import HOURS, cost_of, day_curve, plan_fleet

    plan = plan_fleet(inputs)
    cost = cost_of(inputs, plan)
    assert cost.parts["nodes"] == pytest.approx(plan.nodes * 0.34 * 0.62 * HOURS)
    assert cost.total == pytest.approx(sum(cost.parts.values()))
    curve = day_curve(inputs)
    assert curve.max() <= inputs.demand.peak
    assert curve.min() >= inputs.demand.peak * inputs.demand.trough
    assert cost.per_million == pytest.approx(cost.total / (curve.mean() * HOURS * 3600) * 1e6)


def test_the_shares_of_the_mix_add_up_and_have_a_figure_each(inputs: Any) -> None:
    assert sum(inputs.demand.mix.values()) == pytest.approx(1.0)
    assert set(inputs.demand.mix) == {work.name for work in inputs.work}


def test_the_page_is_of_these_inputs(inputs: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()
    assert f"inputs `{inputs.id}`" in page
    for work in inputs.work:
        assert work.measured or "placeholder" in page
