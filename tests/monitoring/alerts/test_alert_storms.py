"""No storm: whatever is found, a receiver gets no more than its limit, and nothing critical is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import Severity
from tradewind.monitoring.alerts import AlertManager, AlertSettings, Notification, Receiver, Step

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
KINDS = ("feature_drift", "accuracy_drop", "feed_silent", "wrong_version", "latency", "drawdown", "regime_change")
NEWS = {"opened", "raised", "reopened", "escalated"}
one_finding = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from([severity.value for severity in Severity]),
    st.sampled_from(["", "a", "b", "c", "d"]),
    st.integers(0, 12),
)
steps = st.lists(st.tuples(st.integers(-40, 90), st.lists(one_finding, max_size=12)), min_size=1, max_size=25)


def told_by_limit(found: list[Notification], limit: int) -> None:
    """Every 60 minutes hold at most ``limit`` notifications of a receiver."""
    times = sorted(one.at for one in found)
    for n, at in enumerate(times):
        within = [other for other in times[n:] if other - at < HOUR]
        assert len(within) <= limit, f"{len(within)} in the hour from {at}"


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, limit=st.integers(3, 12), forward=st.booleans())
def test_the_limit_holds_and_nothing_critical_is_lost(
    finding: Any, start: datetime, steps: Any, limit: int, forward: bool
) -> None:
    manager = AlertManager(
        AlertSettings(
            receivers=(Receiver(name="desk", least=Severity.INFO, per_hour=limit),),
            chain=(Step(receivers=("desk",)),),
            resolve_after_hours=0.5,
        )
    )
    at, found, critical_at = start, list[Notification](), list[datetime]()
    latest = at
    for gap, rows in steps:
        # half of the time the clock is set back now and then; the hour that people live through is then the later one
        at = at + abs(gap) * MINUTE if forward else max(at + gap * MINUTE, start)
        made = [finding(k, s, start, version=v, feature=f"f{n}") for k, s, v, n in rows]
        told = list(manager.take(made, at))
        if forward:
            state = manager.store.read()
            fresh = {
                incident.id
                for incident in state.incidents.values()
                if incident.told_first == at and incident.severity is Severity.CRITICAL
            }
            if fresh and not any(at - one < HOUR for one in critical_at):
                assert any(one.reason in NEWS and one.severity is Severity.CRITICAL for one in told)
            critical_at += [at] * any(one.severity is Severity.CRITICAL and one.reason != "resolved" for one in told)
        found += told
        latest = max(latest, at)
    for n in range(1, 31):
        found += manager.take([], latest + n * 11 * MINUTE)
    if forward:
        told_by_limit(found, limit)
    named = {name for one in found for name in one.incidents}
    for alert in manager.store.read().alerts.values():
        if alert.severity is Severity.CRITICAL and alert.inhibited_by is None and alert.opened_at <= latest:
            incident = manager.store.read().incidents[alert.incident]
            assert incident.id in named or (incident.told_first is None and not alert.open), "a critical alert was lost"
    assert "desk" not in manager.store.read().ledgers or manager.store.read().ledgers["desk"].held == {}


@pytest.mark.slow
def test_ten_thousand_in_a_minute_are_few_words(desk: AlertSettings, finding: Any, start: datetime) -> None:
    manager = AlertManager(desk)
    found: list[Notification] = []
    for second in range(0, 60, 6):
        rows = [
            finding("feature_drift", feature=f"f{n}", feed=f"v{n % 97}")
            for n in range(second * 166, second * 166 + 1000)
        ]
        found += manager.take(rows, start + timedelta(seconds=second))
    assert len(manager.store.read().alerts) > 9000
    assert len(found) == 14  # 20 an hour, less 5 kept for what is critical and 1 for the summary
    critical = manager.take([finding("wrong_version", "critical", version="m/2")], start + MINUTE)
    assert [one.title for one in critical] == ["wrong_version: version=m/2"]
    (summary,) = manager.take([], start + 6 * MINUTE)
    assert summary.reason == "summary"
    assert summary.title == "83 incidents were held back by the limit of notifications, 0 of them critical"
    assert summary.lines == ("warning: feature_drift, 83 incidents",)
    told_by_limit([*found, *critical, summary], 20)


def test_many_critical_incidents_are_all_named(desk: AlertSettings, finding: Any, start: datetime) -> None:
    manager = AlertManager(desk)
    found = list(manager.take([finding("wrong_version", "critical", version=f"m/{n:03}") for n in range(200)], start))
    assert len(found) == 19
    (summary,) = manager.take([], start + 5 * MINUTE)
    assert len(summary.incidents) == 181
    assert len(summary.lines) == 51
    assert {name for one in [*found, summary] for name in one.incidents} == set(manager.store.read().incidents)


@pytest.mark.slow
@pytest.mark.parametrize("period", [1, 2, 7, 26])
def test_oscillating_drift_says_little(desk: AlertSettings, finding: Any, start: datetime, period: int) -> None:
    """Drift that comes and goes every few slices of an hour, for a year: a word every few days at most."""
    manager = AlertManager(desk.model_copy(update={"resolve_after_hours": 6.0, "resolve_after_hours_of": {}}))
    found: list[Notification] = []
    for hour in range(24 * 365):
        on = (hour // period) % 2 == 0
        at = start + hour * HOUR
        found += manager.take([finding("feature_drift", feature="rsi", feed="a", at=at)] if on else [], at)
    told_by_limit(found, 20)
    assert len(found) <= 3 + 365 / 2.9


def test_a_clock_that_was_ahead_blocks_nobody_for_longer_than_an_hour(
    desk: AlertSettings, finding: Any, start: datetime
) -> None:
    manager, ahead = AlertManager(desk), start + timedelta(days=900)
    full = manager.take([finding("wrong_version", "critical", version=f"m/{n}") for n in range(30)], ahead)
    assert len(full) == 19
    assert manager.take([finding("latency", "critical")], start) == ()
    (summary,) = manager.take([], start + 5 * MINUTE)
    assert summary.reason == "summary"
    assert any("latency" in line for line in summary.lines)
    after = manager.take([finding("feed_silent", "critical")], start + HOUR)
    assert [one.title for one in after] == ["feed_silent: everything"]
