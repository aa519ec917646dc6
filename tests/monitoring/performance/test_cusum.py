"""The CUSUM's rate of false alarms is the one stated, whatever is watched for."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.monitoring.performance.cusum import DAYS, Cusum, limit_for, run_length


def simulated_run_length(limit: float, slack: float, paths: int = 400, longest: int = 20_000) -> float:
    rng = np.random.default_rng(0)
    total, alive, length = np.zeros(paths), np.ones(paths, dtype=bool), np.zeros(paths)
    for _ in range(longest):
        total = np.maximum(total + rng.normal(size=paths) - slack, 0.0)
        length += alive
        alive &= total <= limit
        if not alive.any():
            break
    return float(length.mean())


@pytest.mark.parametrize(("limit", "slack"), [(4.0, 0.5), (8.0, 0.25), (2.5, 1.0)])
def test_the_run_length_is_that_of_a_simulation(limit: float, slack: float) -> None:
    assert run_length(limit, slack) == pytest.approx(simulated_run_length(limit, slack), rel=0.15)


def test_known_values_of_the_literature() -> None:
    """Montgomery, Introduction to Statistical Quality Control, table 9.3: k = 1/2, one-sided h = 4: 336, h = 5: 930."""
    assert run_length(4.0, 0.5) == pytest.approx(336, rel=0.02)
    assert run_length(5.0, 0.5) == pytest.approx(930, rel=0.02)


@pytest.mark.parametrize("alarms", [0.2, 0.01, 1e-4])
@pytest.mark.parametrize("slack", [0.1, 0.5, 1.0])
def test_the_limit_gives_the_rate_that_was_asked_for(alarms: float, slack: float) -> None:
    assert 1 - np.exp(-DAYS / run_length(limit_for(slack, alarms), slack)) == pytest.approx(alarms, rel=1e-6)


def cusum(alarms: float = 0.1, side: int = -1) -> Cusum:
    return Cusum(centre=0.5, deviation=0.1, side=side, tolerance=0.0, shifts=(0.3, 1.0), alarms_per_year=alarms)


@pytest.mark.slow
def test_false_alarms_of_quiet_years_do_not_exceed_their_rate() -> None:
    rng = np.random.default_rng(1)
    loud = 0
    for _ in range(300):
        one = cusum()
        for value in 0.5 + 0.1 * rng.normal(size=DAYS):
            one.update(value)
            if one.alarmed:
                loud += 1
                break
    assert 5 <= loud <= 45  # at most 0.1 of 300 expected, with three standard errors; and it is not deaf


@pytest.mark.parametrize("side", [-1, 1])
def test_a_change_is_seen_on_its_side_only_and_forgotten_when_over(side: int) -> None:
    one, other = cusum(side=side), cusum(side=-side)
    for _ in range(20):
        one.update(0.5 + 0.1 * side)
        other.update(0.5 + 0.1 * side)
    assert one.alarmed
    assert one.run == 20
    assert one.p_value() < 0.1
    assert not other.alarmed
    for _ in range(60):
        one.update(0.5)
    assert not one.alarmed


def test_a_long_trouble_is_over_soon_after_it_ends() -> None:
    one = cusum()
    for _ in range(200):
        one.update(0.3)
    assert one.alarmed
    days = 0
    while one.alarmed:
        one.update(0.5)
        days += 1
    assert days <= 25


def test_missing_days_change_nothing() -> None:
    one = cusum()
    one.update(0.2)
    level, count = one.level, one.count
    one.update(float("nan"))
    assert (one.level, one.count) == (level, count)
