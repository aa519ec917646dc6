"""What calls for a retraining, what holds it back, and that no storm comes whatever is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Severity, UsageError
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.retraining import (
    PastRun,
    PolicySettings,
    Request,
    RetrainingPolicy,
    TriggerState,
    WeeklyPerformance,
)

MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
FEATURES = tuple(f"f{i}" for i in range(8))
NO_CALENDAR = PolicySettings(calendar=None)


def drift(day: float, feature: str = "f0", psi: float = 0.4, **evidence: object) -> Finding:
    at = MONDAY + timedelta(days=day)
    return Finding(
        kind="feature_drift", area=Area.DRIFT, severity=Severity.WARNING, message="drifted", time=at, known_at=at,
        subject={"feature": feature}, statistic=psi, threshold=0.2, evidence=evidence,
    )  # fmt: skip


def bad_data(day: float, **evidence: object) -> Finding:
    at = MONDAY + timedelta(days=day)
    return Finding(
        kind="unadjusted_split", area=Area.DATA_QUALITY, severity=Severity.ERROR, message="split", time=at,
        known_at=at, subject={"symbol": "S000"}, evidence=evidence,
    )  # fmt: skip


def week(number: int, value: float, **more: float) -> WeeklyPerformance:
    start = MONDAY + timedelta(weeks=number)
    rest = {"expected": 0.55, "rows": 400, **more}
    return WeeklyPerformance(start=start, known_at=start + timedelta(days=7), value=value, **rest)


def at(day: float, **more) -> TriggerState:
    return TriggerState(now=MONDAY + timedelta(days=day), features=len(FEATURES), **more)


def names(state: TriggerState, rules: PolicySettings = NO_CALENDAR) -> list[str]:
    return [one.trigger for one in RetrainingPolicy(rules).decide(state).fired]


def test_three_weeks_in_a_row_below_call_for_it_and_two_or_a_gap_do_not() -> None:
    bad = [week(i, 0.50) for i in range(3)]
    assert names(at(28, weeks=bad)) == ["performance"]
    assert names(at(28, weeks=bad[1:])) == []
    assert names(at(28, weeks=[bad[0], bad[2], week(3, 0.50)])) == []
    assert names(at(28, weeks=[*bad[:2], week(2, 0.525)])) == []  # 4.5 % short
    thin = [*bad[:2], week(2, 0.60, rows=10)]
    assert names(at(28, weeks=thin)) == []
    assert names(at(35, weeks=[*thin, week(3, 0.50)])) == ["performance"]
    assert names(at(35, weeks=[*bad[:2], week(2, 0.60), week(3, 0.50)])) == []


def test_weeks_that_may_be_chance_do_not_call_for_it() -> None:
    assert names(at(28, weeks=[week(i, 0.51, deviation=0.10) for i in range(3)])) == []
    assert names(at(28, weeks=[week(i, 0.51, deviation=0.02) for i in range(3)])) == ["performance"]


def test_weeks_from_before_the_last_retraining_do_not_count_again() -> None:
    bad = [week(i, 0.50) for i in range(3)]
    run = PastRun(run="a", started=MONDAY + timedelta(days=10), finished=True, won=True, trigger="performance")
    assert names(at(28, weeks=bad, runs=[run])) == []


def test_sustained_drift_of_what_matters_calls_for_it() -> None:
    found = [drift(day, feature) for day in range(0, 22, 5) for feature in FEATURES[:3]]
    assert names(at(21, findings=found)) == ["drift"]
    assert names(at(10, findings=found)) == []
    few = [one for one in found if one.subject["feature"] == "f0"]
    assert names(at(21, findings=few)) == []
    assert names(at(21, findings=few, importance={"f0": 0.5, "f1": 0.5})) == ["drift"]
    weak = [drift(day, feature, psi=0.15) for day in range(0, 22, 5) for feature in FEATURES]
    assert names(at(21, findings=weak)) == []
    other = [drift(day, feature, psi=9.0, statistic="ks") for day in range(0, 22, 5) for feature in FEATURES]
    assert names(at(21, findings=other)) == []


def test_a_summary_of_many_features_and_a_multivariate_finding_count() -> None:
    told = dict.fromkeys(FEATURES, 0.5)
    assert names(at(21, findings=[drift(day, "f0", psi_by_feature=told) for day in range(0, 22, 5)])) == ["drift"]
    whole = [
        Finding(kind="multivariate_drift", area=Area.DRIFT, severity=Severity.WARNING, message="d",
                time=MONDAY + timedelta(days=d), known_at=MONDAY + timedelta(days=d))
        for d in range(0, 22, 5)
    ]  # fmt: skip
    assert names(at(21, findings=whole)) == ["drift"]


def test_drift_that_comes_and_goes_never_calls_for_it() -> None:
    found = [drift(20 * k + day, feature) for k in range(18) for day in (0, 1) for feature in FEATURES]
    assert all(names(at(day, findings=found)) == [] for day in range(360))


def test_the_calendar_asks_once_a_month() -> None:
    rules = PolicySettings()
    first = at(0)
    assert names(first, rules) == ["calendar"]
    run = PastRun(run="a", started=MONDAY, finished=True, won=True, trigger="calendar")
    assert names(at(20, runs=[run]), rules) == []
    assert names(at(27, runs=[run]), rules) == ["calendar"]


def test_bad_data_hold_back_even_a_person_and_that_is_said() -> None:
    asked = Request(person="ada", reason="new rule", at=MONDAY)
    decision = RetrainingPolicy(NO_CALENDAR).decide(at(1, request=asked, findings=[bad_data(0.5)]))
    assert not decision.go
    assert "unadjusted_split" in decision.words
    assert "mend the data" in decision.words
    mended = [bad_data(0.5), bad_data(0.8, resolved=True)]
    assert RetrainingPolicy(NO_CALENDAR).decide(at(1, request=asked, findings=mended)).go
    assert RetrainingPolicy(NO_CALENDAR).decide(at(5, request=asked, findings=[bad_data(0.5)])).go


def test_losing_challengers_make_the_gap_longer_up_to_a_limit() -> None:
    policy = RetrainingPolicy()

    def lost(count: int) -> list[PastRun]:
        runs = [PastRun(run=str(i), started=MONDAY, finished=True, won=False, trigger="drift") for i in range(count)]
        return [PastRun(run="w", started=MONDAY, finished=True, won=True, trigger="drift"), *runs]

    assert [policy.gap(lost(n)).days for n in (0, 1, 2, 3, 50)] == [14, 28, 56, 84, 84]


def test_a_rollback_is_let_settle_and_a_run_that_goes_on_holds_another_back() -> None:
    found = [drift(day, feature) for day in range(0, 22, 5) for feature in FEATURES]
    policy = RetrainingPolicy(NO_CALENDAR)
    assert policy.decide(at(21, findings=found)).go
    assert "a rollback" in policy.decide(at(21, findings=found, rolled_back=MONDAY + timedelta(days=18))).words
    going = PastRun(run="abc", started=MONDAY - timedelta(days=30), finished=False, won=None, trigger="drift")
    assert "abc" in policy.decide(at(21, findings=found, runs=[going])).words


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="time zone"):
        TriggerState(now=datetime(2025, 1, 1))


FOUND = st.builds(
    lambda day, feature, psi, grave: bad_data(day) if grave else drift(day, f"f{feature}", psi),
    day=st.floats(0, 180),
    feature=st.integers(0, 7),
    psi=st.floats(0.0, 5.0),
    grave=st.booleans(),
)


def year(findings, weeks, won, days: int = 182) -> list[float]:
    """Return the days on which retrainings begin where the policy is asked each day."""
    policy, runs, begun = RetrainingPolicy(), [], []
    for day in range(days):
        state = at(day, findings=findings, weeks=weeks, runs=tuple(runs))
        if policy.decide(state).go:
            begun.append(day)
            outcome = won[len(runs) % len(won)] if won else None
            runs.append(PastRun(run=str(day), started=state.now, finished=True, won=outcome, trigger="x"))
    return begun


@settings(max_examples=20, deadline=None)
@given(
    found=st.lists(FOUND, max_size=60),
    values=st.lists(st.floats(0.3, 0.7), min_size=26, max_size=26),
    won=st.lists(st.sampled_from([True, False, None]), max_size=4),
)
def test_whatever_is_found_no_quarter_sees_more_than_the_budget(found, values, won) -> None:
    rules = PolicySettings()
    begun = year(found, [week(i, v) for i, v in enumerate(values)], won)
    for day in begun:
        assert sum(day - 91 < other <= day for other in begun) <= rules.per_quarter
        assert sum(day - 30 < other <= day for other in begun) <= rules.per_month
        assert all(abs(day - other) >= rules.gap_days for other in begun if other != day)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(period=st.integers(1, 30), on=st.integers(1, 30))
def test_oscillating_drift_brings_no_storm(period: int, on: int) -> None:
    found = [
        drift(day, feature) for day in range(182) if day % (period + on) < on for feature in FEATURES
    ]  # fmt: skip
    assert len(year(found, [], [False])) <= 8


def test_sustained_drift_does_retrain() -> None:
    found = [drift(day, feature) for day in range(0, 182, 5) for feature in FEATURES]
    policy = RetrainingPolicy(NO_CALENDAR)
    begun = [day for day in range(40) if policy.decide(at(day, findings=found)).go]
    assert begun
    assert begun[0] <= 16


@settings(max_examples=20, deadline=None)
@given(found=st.lists(FOUND, max_size=40), day=st.integers(0, 180))
def test_nothing_that_is_known_later_moves_a_decision(found, day: int) -> None:
    past = [one for one in found if one.known_at <= MONDAY + timedelta(days=day)]
    weeks = [week(i, 0.50) for i in range(26)]
    known = [one for one in weeks if one.known_at <= MONDAY + timedelta(days=day)]
    policy = RetrainingPolicy()
    assert policy.decide(at(day, findings=found, weeks=weeks)) == policy.decide(at(day, findings=past, weeks=known))
