"""What people are told, and what they are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind.core import Severity, UsageError
from tradewind.monitoring.alerts import (
    AlertManager,
    AlertSettings,
    AlertStore,
    MemoryAlertStore,
    Notification,
    Receiver,
    SilenceOrder,
    StateStore,
    Step,
    acknowledge,
    silence,
    unsilence,
)

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def words(found: Any) -> list[tuple[str, str]]:
    return [(one.reason, one.title) for one in found]


def test_forty_features_of_one_feed_are_one_notification(desk: AlertSettings, finding: Any, start: datetime) -> None:
    manager = AlertManager(desk)
    found = manager.take([finding("feature_drift", feature=f"f{n}", feed="a") for n in range(40)], start)
    assert words(found) == [("opened", "feature_drift: 40 alerts, feed=a")]
    assert (found[0].members, found[0].runbook) == (40, "docs/runbook.md#feature-drift")
    assert "and 32 more of feature_drift" in found[0].lines
    other = manager.take([finding("feature_drift", feature="f1", feed="b")], start + MINUTE)
    assert words(other) == [("opened", "feature_drift: feature=f1, feed=b")]
    assert len(manager.store.read().alerts) == 41


def test_the_same_trouble_is_counted_and_told_again_only_after_the_repeat_time(
    desk: AlertSettings, finding: Any, start: datetime
) -> None:
    manager = AlertManager(desk)
    told = []
    for day in range(8):
        at = start + day * DAY
        told += [(day, one.reason) for one in manager.take([finding("accuracy_drop", at=at)], at)]
    assert told == [(0, "opened"), (3, "repeated"), (6, "repeated")]
    (alert,) = manager.store.read().alerts.values()
    assert (alert.count, alert.opened_at, alert.last_seen) == (8, start, start + 7 * DAY)


def test_an_alert_not_seen_is_resolved_and_one_that_flaps_is_slower(
    desk: AlertSettings, finding: Any, start: datetime
) -> None:
    manager = AlertManager(desk.model_copy(update={"resolve_after_hours": 24.0}))
    take = manager.take
    take([finding("latency")], start)
    assert words(take([], start + 23 * HOUR)) == []
    assert words(take([], start + 24 * HOUR)) == [("resolved", "latency: everything")]
    assert words(take([finding("latency")], start + 30 * HOUR)) == [("reopened", "latency: everything")]
    assert words(take([], start + 77 * HOUR)) == []
    assert words(take([], start + 78 * HOUR)) == [("resolved", "latency: everything")]
    late = start + 78 * HOUR + timedelta(days=11)
    assert words(take([finding("latency", at=start)], late)) == [("opened", "latency: everything")]
    (alert,) = manager.store.read().alerts.values()
    assert (alert.flaps, alert.count) == (0, 1)


def test_what_gets_worse_is_told_at_once(desk: AlertSettings, finding: Any, start: datetime) -> None:
    manager = AlertManager(desk)
    manager.take([finding("drawdown", version="m/1")], start)
    worse = manager.take([finding("drawdown", "critical", version="m/1")], start + MINUTE)
    assert words(worse) == [("raised", "drawdown: version=m/1")]
    assert manager.take([finding("drawdown", version="m/1")], start + 2 * MINUTE) == ()


def test_another_kind_of_trouble_in_an_open_incident_is_told(
    desk: AlertSettings, finding: Any, start: datetime
) -> None:
    manager = AlertManager(desk)
    (first,) = manager.take([finding("latency", "error")], start)
    acknowledge(manager.store, first.incidents[0], "ann", start)
    (second,) = manager.take([finding("slow_dependency", "error", dependency="cache")], start + HOUR)
    assert (second.reason, second.incidents) == ("raised", first.incidents)
    assert "new in this incident: slow_dependency" in second.lines
    assert manager.store.read().incidents[first.incidents[0]].acknowledged is None
    known = [finding("latency", "error"), finding("latency", "error", metric="p50")]
    assert manager.take(known, start + 2 * HOUR) == ()


def test_bad_data_holds_back_what_follows_from_it_without_losing_it(
    desk: AlertSettings, finding: Any, start: datetime
) -> None:
    manager = AlertManager(desk.model_copy(update={"resolve_after_hours_of": {"feed_silent": 24.0}}))
    follow = [
        finding("feature_drift", feature="rsi", feed="a"),
        finding("accuracy_drop"),
        finding("feature_drift", feature="rsi", feed="b"),
    ]
    found = manager.take([*follow, finding("feed_silent", "error", feed="a")], start)
    assert words(found) == [
        ("opened", "feed_silent: feed=a"),
        ("opened", "feature_drift: feature=rsi, feed=b"),
    ]
    assert found[0].explained == 2
    assert "held back, since this explains them: accuracy_drop (1), feature_drift (1)" in found[0].lines
    later = manager.take(follow[:2], start + DAY)  # the feed is back, the drift is not gone
    assert ("opened", "accuracy_drop: everything") in words(later)
    assert ("opened", "feature_drift: feature=rsi, feed=a") in words(later)


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        (("feed_silent", "warning", {}), ("accuracy_drop", "critical", {}), 2),  # never what is graver
        (("stale_symbol", "error", {"symbol": "A"}), ("accuracy_drop", "error", {}), 2),  # one symbol explains not all
        (("stale_symbol", "error", {"symbol": "A"}), ("feature_drift", "error", {"symbol": "A"}), 1),
        (("wrong_version", "error", {"version": "m/2"}), ("accuracy_drop", "error", {"version": "m/1"}), 1),
        (("slow_dependency", "error", {"dependency": "cache"}), ("latency", "warning", {}), 1),
        (("regime_change", "error", {}), ("accuracy_drop", "error", {}), 2),
    ],
)
def test_what_holds_back_what(
    desk: AlertSettings, finding: Any, start: datetime, source: Any, target: Any, told: int
) -> None:
    findings = [finding(kind, severity, **subject) for kind, severity, subject in (target, source)]
    assert len(AlertManager(desk).take(findings, start)) == told


def chain() -> AlertSettings:
    names = ("desk", "lead", "boss")
    return AlertSettings(
        receivers=tuple(Receiver(name=name, least=Severity.INFO) for name in names),
        chain=(
            Step(receivers=("desk",)),
            Step(after_minutes=15, receivers=("lead",), least=Severity.ERROR),
            Step(after_minutes=60, receivers=("boss",), least=Severity.CRITICAL),
        ),
    )


def rounds(manager: AlertManager, start: datetime, minutes: int, first: Any) -> list[tuple[int, str, str]]:
    told = [(0, one.receiver, one.reason) for one in manager.take(first, start)]
    for n in range(1, minutes + 1):
        told += [(n, one.receiver, one.reason) for one in manager.take([], start + n * MINUTE)]
    return told


def test_what_nobody_acknowledges_goes_up_the_chain(finding: Any, start: datetime) -> None:
    critical = rounds(AlertManager(chain()), start, 90, [finding("latency", "critical")])
    assert critical == [(0, "desk", "opened"), (15, "lead", "escalated"), (60, "boss", "escalated")]
    error = rounds(AlertManager(chain()), start, 90, [finding("latency", "error")])
    assert error == [(0, "desk", "opened"), (15, "lead", "escalated")]
    assert rounds(AlertManager(chain()), start, 90, [finding("latency", "warning")]) == [(0, "desk", "opened")]


def test_an_acknowledgement_ends_the_chain_until_it_gets_worse(finding: Any, start: datetime) -> None:
    manager = AlertManager(chain())
    (first,) = manager.take([finding("latency", "error")], start)
    done = acknowledge(manager.store, first.incidents[0], "ann", start + 5 * MINUTE, note="looking")
    assert done.acknowledged is not None
    assert done.acknowledged.by == "ann"
    for hour in range(1, 50):
        assert manager.take([finding("latency", "error")], start + hour * HOUR) == ()
    worse = manager.take([finding("latency", "critical")], start + 50 * HOUR)
    assert {(one.receiver, one.reason) for one in worse} == {("desk", "raised"), ("lead", "raised"), ("boss", "raised")}
    with pytest.raises(UsageError, match="no incidents or alerts"):
        acknowledge(manager.store, "zzz", "ann", start)
    with pytest.raises(UsageError, match="needs the name"):
        acknowledge(manager.store, first.incidents[0], " ", start)


def test_a_clock_that_was_ahead_keeps_nothing_from_going_up_the_chain_or_ending(finding: Any, start: datetime) -> None:
    manager, ahead = AlertManager(chain()), start + 300 * DAY
    assert len(manager.take([finding("latency", "critical")], ahead)) == 1
    told = rounds(manager, start, 90, [])
    assert told == [(15, "lead", "escalated"), (60, "boss", "escalated")]
    later = manager.take([], start + 4 * DAY)
    assert {one.reason for one in later} == {"resolved"}


def test_words_that_no_file_can_hold_stop_no_alert(finding: Any, start: datetime, tmp_path: Path) -> None:
    bad = replace(finding("latency", "error"), message="no file a\udcff.parquet")
    store = AlertStore(tmp_path / "alerts.db")
    (told,) = AlertManager(store=store).take([bad], start)
    assert told.lines == ("error: no file a?.parquet",)
    store.close()


def test_a_silence_keeps_alerts_and_never_a_critical_one_unless_it_says_so(
    desk: AlertSettings, finding: Any, start: datetime
) -> None:
    manager = AlertManager(desk)
    order = SilenceOrder(match={"kind": "feature_*", "feed": "a,b"}, lasts=2 * HOUR, author="ann", reason="migration")
    made = silence(manager.store, order, start, desk)
    quiet = [finding("feature_drift", feature="x", feed="a")]
    assert manager.take([*quiet, finding("feature_drift", feature="x", feed="c")], start) != ()
    assert len(manager.store.read().alerts) == 2
    assert len(manager.take([finding("feature_drift", "critical", feature="y", feed="b")], start + MINUTE)) == 1
    ended = manager.take([], start + 2 * HOUR)
    assert words(ended) == [("opened", "feature_drift: feature=x, feed=a")]
    with pytest.raises(UsageError, match="is over"):
        unsilence(manager.store, made.id, start + 3 * HOUR)

    whole = SilenceOrder(match={"kind": "latency"}, lasts=HOUR, author="ann", reason="test", critical=True)
    second = silence(manager.store, whole, start + 3 * HOUR, desk)
    assert manager.take([finding("latency", "critical")], start + 3 * HOUR) == ()
    unsilence(manager.store, second.id, start + 3 * HOUR + MINUTE)
    assert words(manager.take([], start + 3 * HOUR + MINUTE)) == [("opened", "latency: everything")]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"match": {}}, "a silence of everything"),
        ({"match": {"colour": "red"}}, "'colour' is no label"),
        ({"lasts": 15 * DAY}, "cannot be"),
        ({"lasts": timedelta(0)}, "cannot be"),
        ({"author": ""}, "needs an author"),
        ({"reason": " "}, "needs a reason"),
    ],
)
def test_a_silence_is_bounded_and_signed(
    desk: AlertSettings, start: datetime, change: dict[str, Any], match: str
) -> None:
    values: dict[str, Any] = {"match": {"kind": "latency"}, "lasts": HOUR, "author": "ann", "reason": "why"}
    with pytest.raises(UsageError, match=match):
        silence(MemoryAlertStore(), SilenceOrder(**{**values, **change}), start, desk)


def test_receivers_hear_what_is_theirs(finding: Any, start: datetime) -> None:
    settings = AlertSettings.model_validate(
        {
            "receivers": [
                {"name": "data", "areas": ["data_quality"], "resolved": False},
                {"name": "ops", "areas": ["service", "version"], "least": "error"},
            ],
            "chain": [{"receivers": ["data", "ops"]}],
        }
    )
    manager = AlertManager(settings)
    found = manager.take([finding("feed_silent"), finding("latency"), finding("wrong_version", "error")], start)
    assert sorted((one.receiver, one.title.split(":")[0]) for one in found) == [
        ("data", "feed_silent"),
        ("ops", "wrong_version"),
    ]
    ended = manager.take([], start + 5 * DAY)
    assert [(one.receiver, one.reason) for one in ended] == [("ops", "resolved")]


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"chain": [{"receivers": ["nobody"]}]}, "'nobody', who is no receiver"),
        ({"receivers": [{"name": "a"}, {"name": "a"}], "chain": [{"receivers": ["a"]}]}, "two receivers"),
        ({"receivers": [{"name": "a", "channel": "email"}]}, "add a table 'email'"),
        ({"receivers": [{"name": "a", "per_hour": 2}]}, "greater than or equal to 3"),
        ({"chain": [{"receivers": ["log"], "after_minutes": 5}]}, "first step is at 0"),
        ({"grouping": [{"match": {"kind": "x"}}]}, "must match every alert"),
        ({"inhibition": [{"source": {"mood": "x"}, "target": {"kind": "x"}}]}, "'mood' is no label"),
        ({"repeat_hours": {"critical": 1}}, "every severity"),
    ],
)
def test_settings_that_do_not_fit_are_refused(values: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        AlertSettings.model_validate(values)


def test_settings_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(chain().to_toml())
    assert AlertSettings.from_toml(path) == chain()


def test_nothing_from_the_future_is_taken(desk: AlertSettings, finding: Any, start: datetime) -> None:
    manager = AlertManager(desk)
    with pytest.raises(UsageError, match="is known at"):
        manager.take([finding("latency", at=start + HOUR)], start)
    with pytest.raises(UsageError, match="has no zone"):
        manager.take([], start.replace(tzinfo=None))
    assert manager.store.read().alerts == {}


def history(finding: Any, start: datetime) -> list[tuple[datetime, list[Any]]]:
    """Ten days of slices with several troubles that come and go."""
    days = []
    for n in range(10):
        at = start + n * DAY
        found = [finding("feature_drift", feature=f"f{k}", feed="a", at=at) for k in range(n % 4)]
        found += [finding("feed_silent", "error", feed="a", at=at)] if n in {2, 3} else []
        found += [finding("drawdown", "critical" if n > 6 else "warning", version="m/1", at=at)] if n > 4 else []
        days += [(at, found), (at + HOUR, [])]
    return days


def test_the_past_does_not_depend_on_the_future(desk: AlertSettings, finding: Any, start: datetime) -> None:
    days = history(finding, start)

    def told(upto: int) -> list[Notification]:
        manager = AlertManager(desk)
        return [one for at, found in days[:upto] for one in manager.take(found, at)]

    whole = told(len(days))
    assert len(whole) > 6
    for upto in range(0, len(days), 3):
        part = told(upto)
        assert part == whole[: len(part)]


def test_a_store_that_is_opened_anew_each_time_tells_the_same(
    desk: AlertSettings, finding: Any, start: datetime, tmp_path: Path
) -> None:
    memory, path = AlertManager(desk), tmp_path / "alerts.db"
    for at, found in history(finding, start):
        store = AlertStore(path)
        assert AlertManager(desk, store).take(found, at) == memory.take(found, at)
        assert store.read() == memory.store.read()
        store.close()
    store = AlertStore(path)
    assert isinstance(memory.store, MemoryAlertStore)
    assert [row["id"] for row in store.outbox.list()] == [one.id for one in memory.store.delivered]
    store.close()


def test_two_writers_see_each_other(desk: AlertSettings, finding: Any, start: datetime, tmp_path: Path) -> None:
    first, second = AlertStore(tmp_path / "alerts.db"), AlertStore(tmp_path / "alerts.db")
    (told,) = AlertManager(desk, first).take([finding("latency", "error")], start)
    acknowledge(second, told.incidents[0], "ann", start + MINUTE)
    assert AlertManager(desk, first).take([finding("latency", "error")], start + 30 * HOUR) == ()
    first.close()
    second.close()


def clear_and_fail(store: StateStore) -> None:
    with store.change() as state:
        state.alerts.clear()
        raise UsageError("the time has no zone")


def test_a_change_that_fails_leaves_nothing(desk: AlertSettings, finding: Any, start: datetime, tmp_path: Path) -> None:
    for store in (MemoryAlertStore(), AlertStore(tmp_path / "alerts.db")):
        manager = AlertManager(desk, store)
        manager.take([finding("latency")], start)
        before = store.read()
        with pytest.raises(UsageError, match="has no zone"):
            clear_and_fail(store)
        assert store.read() == before


def test_what_ended_long_ago_is_forgotten(desk: AlertSettings, finding: Any, start: datetime) -> None:
    manager = AlertManager(desk)
    manager.take([finding("latency")], start)
    manager.take([], start + 5 * DAY)
    manager.take([], start + 96 * DAY)
    assert (manager.store.read().alerts, manager.store.read().incidents) == ({}, {})
