"""An incident that a person says is over: told once, and open again where the trouble goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tradewind.core import UsageError
from tradewind.monitoring.alerts import AlertManager, AlertSettings, resolve
from tradewind.monitoring.finding import Finding

MINUTE = timedelta(minutes=1)


def test_it_is_over_is_told_once_and_stays_over(
    desk: AlertSettings, finding: Callable[..., Finding], start: datetime
) -> None:
    manager = AlertManager(desk)
    (opened,) = manager.take([finding("feed_silent", "error", feed="a")], start)
    after = resolve(manager.store, opened.incidents[0], "ann", start + MINUTE, note="restarted")
    assert after.resolved_at == start + MINUTE
    assert after.acknowledged is not None
    assert after.acknowledged.note == "resolved: restarted"
    assert [one.reason for one in manager.take([], start + 2 * MINUTE)] == ["resolved"]
    assert manager.take([], start + 3 * MINUTE) == ()


def test_it_opens_again_where_the_trouble_goes_on(
    desk: AlertSettings, finding: Callable[..., Finding], start: datetime
) -> None:
    manager = AlertManager(desk)
    (opened,) = manager.take([finding("feed_silent", "error", feed="a")], start)
    resolve(manager.store, opened.incidents[0], "ann", start + MINUTE, note="restarted")
    manager.take([], start + 2 * MINUTE)
    later = start + 10 * MINUTE
    told = manager.take([finding("feed_silent", "error", later, feed="a")], later)
    assert [(one.reason, one.incidents) for one in told] == [("reopened", opened.incidents)]


def test_it_needs_a_name_a_note_and_something_open(
    desk: AlertSettings, finding: Callable[..., Finding], start: datetime
) -> None:
    manager = AlertManager(desk)
    (opened,) = manager.take([finding("feed_silent", "error", feed="a")], start)
    name = opened.incidents[0]
    for who, note in (("", "restarted"), ("ann", " ")):
        with pytest.raises(UsageError):
            resolve(manager.store, name, who, start, note=note)
    resolve(manager.store, name, "ann", start, note="restarted")
    with pytest.raises(UsageError, match="is over"):
        resolve(manager.store, name, "ann", start, note="restarted")
