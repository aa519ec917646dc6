"""The service against its own past: what is told, what is named, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tradewind.monitoring.service import ServiceSettings, ServiceWatcher
from tradewind.monitoring.service.baseline import Baseline, Hysteresis
from tradewind.monitoring.service.memory import MemoryTrend
from tradewind.monitoring.slices import Slice
from tradewind.monitoring.watcher import Watcher

Change = Callable[[int, Slice], Slice]


def told(slices: list[Slice], watcher: ServiceWatcher | None = None) -> dict[tuple[str, str], list[int]]:
    watcher = watcher or ServiceWatcher()
    found: dict[tuple[str, str], list[int]] = {}
    for day, one in enumerate(slices):
        for finding in watcher.observe(one):
            found.setdefault((finding.kind, finding.about), []).append(day)
    return found


def planted(change: Callable[[Any, int], Any], start: int = 40, end: int = 50) -> Change:
    def hook(day: int, one: Slice) -> Slice:
        return replace(one, service=change(one.service, day)) if start <= day < end else one

    return hook


def test_a_slow_dependency_is_named_in_the_slice_in_which_it_begins(make_slices: Any) -> None:
    def slower(sample: Any, _: int) -> Any:
        parts = {**sample.dependencies, "feature_store": sample.dependencies["feature_store"] + 0.2}
        return replace(sample, dependencies=parts, latency_p99=sample.latency_p99 + 0.2)

    found = told(make_slices(60, 3, 1, hook=planted(slower)))
    assert found[("slow_dependency", "dependency=feature_store")] == list(range(40, 50))
    assert found[("latency", "metric=latency_p99")] == list(range(40, 50))
    assert set(found) == {("slow_dependency", "dependency=feature_store"), ("latency", "metric=latency_p99")}


def test_a_dependency_that_explains_little_of_the_slowdown_is_not_named(make_slices: Any) -> None:
    def both(sample: Any, _: int) -> Any:
        parts = {**sample.dependencies, "cache": sample.dependencies["cache"] + 0.02}
        return replace(sample, dependencies=parts, latency_p99=sample.latency_p99 + 0.5)

    found = told(make_slices(60, 3, 2, hook=planted(both)))
    assert set(found) == {("latency", "metric=latency_p99")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"errors": 400}, "error_rate"),
        ({"errors": 4000}, "error_rate"),
        ({"rejected": 900}, "overload"),
        ({"lag": 40.0}, "lag"),
        ({"requests": 15_000, "errors": 0}, "throughput_drop"),
        ({"requests": 0, "errors": 0, "latency_p50": float("nan"), "latency_p99": float("nan")}, "throughput_drop"),
        ({"latency_p50": 0.05}, "latency"),
    ],
)
def test_each_trouble_is_told_at_once_and_no_longer_than_it_lasts(
    make_slices: Any, values: dict[str, Any], kind: str
) -> None:
    found = told(make_slices(60, 3, 3, hook=planted(lambda sample, _: replace(sample, **values))))
    assert {name for name, _ in found} == {kind}
    assert next(iter(found.values())) == list(range(40, 50))


@pytest.mark.slow
def test_memory_that_leaks_is_told_and_memory_that_settles_is_not(make_slices: Any) -> None:
    def leak(sample: Any, day: int) -> Any:
        return replace(sample, memory=sample.memory * (1 + 0.02 * (day - 40)))

    found = told(make_slices(80, 3, 4, hook=planted(leak, 40, 80)))
    assert set(found) == {("memory_leak", "everything")}
    assert min(found[("memory_leak", "everything")]) <= 52

    def step(sample: Any, _: int) -> Any:
        return replace(sample, memory=sample.memory * 1.3)

    assert not told(make_slices(80, 3, 4, hook=planted(step, 40, 80)))


def test_a_limit_of_memory_is_told_at_once(make_slices: Any) -> None:
    slices = make_slices(5, 3, 4, hook=planted(lambda sample, _: replace(sample, memory=3e9), 3, 4))
    found = told(slices, ServiceWatcher(ServiceSettings(memory_limit=2e9)))
    assert found == {("memory_leak", "everything"): [3]}


@pytest.mark.slow
def test_quiet_years_are_quiet(make_slices: Any) -> None:
    assert not any(told(make_slices(252, 2, seed, n_features=1)) for seed in range(8))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda sample: replace(sample, latency_p99=6 * sample.latency_p99), "latency"),
        (lambda sample: replace(sample, requests=sample.requests // 4), "throughput_drop"),
        (lambda sample: replace(sample, errors=200), "error_rate"),
    ],
)
def test_a_new_normal_is_told_for_long_then_taken_up_and_a_worse_one_told_again(
    make_slices: Any, change: Any, kind: str
) -> None:
    def hook(day: int, one: Slice) -> Slice:
        times = 0 if day < 40 else 1 if day < 130 else 2
        sample: Any = one.service
        for _ in range(times):
            sample = change(sample)
        if times == 2 and kind == "error_rate":
            sample = replace(sample, errors=1500)
        return replace(one, service=sample)

    found = told(make_slices(140, 3, 5, hook=hook), ServiceWatcher(ServiceSettings(renew=30)))
    days = next(days for (name, _), days in found.items() if name == kind)
    assert days == [*range(40, 70), *range(130, 140)]
    assert {(name, tuple(days)) for (name, _), days in found.items() if name == "new_normal"} == {("new_normal", (69,))}


def test_what_is_over_a_hard_limit_never_becomes_usual(make_slices: Any) -> None:
    slices = make_slices(120, 3, 6, hook=planted(lambda sample, _: replace(sample, latency_p99=2.0), 20, 120))
    found = told(slices, ServiceWatcher(ServiceSettings(renew=20)))
    assert found == {("latency", "metric=latency_p99"): list(range(20, 120))}


def test_hard_limits_hold_before_anything_is_known(make_slices: Any) -> None:
    slices = make_slices(3, 3, 1, hook=planted(lambda sample, _: replace(sample, latency_p99=2.0), 0, 1))
    assert told(slices) == {("latency", "metric=latency_p99"): [0]}


def test_slices_without_a_sample_or_with_nothing_in_it_are_borne(make_slices: Any) -> None:
    empty = replace(make_slices(1, 3, 1)[0].service, seconds=0.0, requests=0, errors=0, lag=float("nan"))
    slices = make_slices(40, 3, 1, hook=lambda day, one: replace(one, service=None if day % 2 else empty))
    assert not told(slices)


@pytest.mark.slow
def test_later_slices_change_nothing_and_equal_slices_give_equal_findings(make_slices: Any) -> None:
    def slower(sample: Any, _: int) -> Any:
        return replace(sample, latency_p99=sample.latency_p99 * 5, errors=300)

    long = make_slices(60, 3, 1, hook=planted(slower, 30, 45))
    for cut in (35, 60):
        first, second = ServiceWatcher(), ServiceWatcher()
        assert isinstance(first, Watcher)
        a = [finding.to_dict() for one in long for finding in first.observe(one)]
        b = [finding.to_dict() for one in long[:cut] for finding in second.observe(one)]
        assert b == a[: len(b)]
        assert b
    assert ServiceWatcher().state() == {"scores": {}, "usual": {}}
    assert first.state() == second.state()


@given(values=st.lists(st.floats(1e-3, 1e3), min_size=10, max_size=40), value=st.floats(1e-3, 1e3))
@settings(max_examples=60, deadline=None)
def test_scores_equal_those_of_scipy(values: list[float], value: float) -> None:
    baseline = Baseline(memory=100, least=10)
    for one in values:
        baseline.add(one)
    logs = np.log(values)
    spread = max(float(stats.median_abs_deviation(logs, scale="normal")), 0.05)
    assert baseline.score(value) == pytest.approx((np.log(value) - np.median(logs)) / spread, rel=1e-3, abs=1e-6)


def test_trouble_ends_after_calm_and_not_before() -> None:
    state = Hysteresis(calm=2)
    steps = [(False, True), (False, True), (False, False), (False, True), (False, False), (False, False), (False, True)]
    assert [state.update(sudden=sudden, high=high) for sudden, high in steps] == [
        False,
        True,
        False,
        True,
        False,
        False,
        False,
    ]


def test_a_restart_begins_the_trend_anew() -> None:
    trend = MemoryTrend(window=6)
    for value in [100.0, 110, 120, 130, 140, 150]:
        trend.add(value)
    assert trend.trend is not None
    assert trend.trend.slope == pytest.approx(10.0)
    assert trend.trend.lasting
    trend.add(80.0)
    assert trend.trend is None
