"""Delivery: at least once, through kills, and nobody waits for somebody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind.core import InputError, Severity
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore, Courier, trial_notification
from tradewind.monitoring.alerts.channels import DeliveryError, LogChannel, LogSettings, RefusedError

NOW = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)


class Taker:
    """A channel that fails as it is told to, then takes everything."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.taken = list(errors), list[str]()

    def send(self, notification: Any, now: datetime) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append(notification.id)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    one = AlertStore(tmp_path / "alerts.db")
    yield one
    one.close()


def fill(store: AlertStore, receiver: str, n: int) -> list[str]:
    notes = [trial_notification(receiver, NOW + timedelta(seconds=k)) for k in range(n)]
    for note in [*notes, *notes]:  # what is there already is not added again
        store.outbox.add(note)
    return [note.id for note in notes]


def test_what_failed_is_tried_again_after_a_pause(store: AlertStore) -> None:
    ids, taker = fill(store, "desk", 3), Taker(DeliveryError("away"), InputError("no key"))
    courier = Courier(store.outbox, {"desk": taker})
    assert courier.deliver("desk", NOW).later == 1
    assert courier.deliver("desk", NOW + timedelta(seconds=20)).later == 1
    assert courier.deliver("desk", NOW + timedelta(seconds=29)).sent == 1  # the third did not fail
    assert courier.deliver("desk", NOW + timedelta(seconds=31)).sent == 1
    assert courier.deliver("desk", NOW + timedelta(seconds=51)).sent == 1
    assert taker.taken == [ids[2], ids[0], ids[1]]
    assert {row["state"] for row in store.outbox.list()} == {"sent"}
    assert store.outbox.forget(NOW + timedelta(days=1)) == 3


def test_what_is_refused_is_given_up_and_shown(store: AlertStore) -> None:
    fill(store, "desk", 2)
    done = Courier(store.outbox, {"desk": Taker(RefusedError("refused with 404"))}).deliver("desk", NOW)
    assert (done.sent, done.refused) == (1, 1)
    (row,) = store.outbox.list("failed")
    assert row["error"] == "refused with 404"
    assert store.outbox.resend() == 1
    taker = Taker()
    assert Courier(store.outbox, {"desk": taker}).deliver("desk", NOW).sent == 1
    assert taker.taken == [row["id"]]


def test_a_clock_set_back_keeps_nothing_waiting_for_long(store: AlertStore) -> None:
    fill(store, "desk", 1)
    taker = Taker(DeliveryError("away"))
    courier = Courier(store.outbox, {"desk": taker})
    courier.deliver("desk", NOW + timedelta(days=500))
    assert courier.deliver("desk", NOW).sent == 1


def test_no_fault_of_a_channel_ends_a_courier(store: AlertStore, caplog: Any) -> None:
    fill(store, "desk", 2)
    taker = Taker(RuntimeError("https://host/token"))
    courier = Courier(store.outbox, {"desk": taker})
    courier.start(every=0.01)
    until = time.monotonic() + 10
    while not taker.taken and time.monotonic() < until:
        time.sleep(0.01)
    assert courier.stop()
    assert len(taker.taken) == 1
    assert [row["error"] for row in store.outbox.list("waiting")] == ["the channel of desk failed (RuntimeError)"]
    assert "token" not in caplog.text


def test_what_was_delivered_long_ago_leaves_the_outbox(store: AlertStore) -> None:
    old, new = fill(store, "desk", 2)
    courier = Courier(store.outbox, {"desk": Taker()})
    courier.deliver("desk", NOW, most=1)
    courier.deliver("desk", NOW + timedelta(days=60), most=1)

    class Later:
        def now(self) -> datetime:
            return NOW + timedelta(days=100)

    courier.start(clock=Later(), every=0.01)
    until = time.monotonic() + 10
    while len(store.outbox.list()) > 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert courier.stop()
    assert [row["id"] for row in store.outbox.list()] == [new]
    assert old != new


def test_two_couriers_deliver_each_notification_once(tmp_path: Path) -> None:
    store = AlertStore(tmp_path / "alerts.db")
    ids, out = fill(store, "desk", 40), tmp_path / "out.jsonl"
    couriers = []
    for _ in range(2):
        other = AlertStore(tmp_path / "alerts.db")
        couriers.append((other, Courier(other.outbox, {"desk": LogChannel(LogSettings(path=out))})))
    threads = [threading.Thread(target=one.deliver, args=("desk", NOW)) for _, one in couriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(json.loads(line)["id"] for line in out.read_text().splitlines()) == dict.fromkeys(ids, 1)
    for other, _ in couriers:
        other.close()
    store.close()


def test_one_slow_receiver_holds_up_nobody(store: AlertStore) -> None:
    free = threading.Event()

    class Slow(Taker):
        def send(self, notification: Any, now: datetime) -> None:
            assert free.wait(30)
            super().send(notification, now)

    slow, fast = Slow(), Taker()
    fill(store, "slow", 1)
    ids = fill(store, "fast", 5)
    courier = Courier(store.outbox, {"slow": slow, "fast": fast})
    courier.start(every=0.01)
    begin = time.monotonic()
    while len(fast.taken) < 5 and time.monotonic() - begin < 10:
        time.sleep(0.01)
    assert fast.taken == ids
    assert slow.taken == []
    free.set()
    while not slow.taken and time.monotonic() - begin < 20:
        time.sleep(0.01)
    assert courier.stop()
    assert len(slow.taken) == 1


KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tradewind.core import Severity
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore, Courier
from tradewind.monitoring.alerts.channels import LogChannel, LogSettings
from tradewind.monitoring.finding import Area, Finding
folder, moment = Path(sys.argv[1]), sys.argv[2]
store = AlertStore(folder / "alerts.db")
now = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
found = Finding(kind="feed_silent", area=Area.DATA_QUALITY, severity=Severity.CRITICAL, message="m", time=now,
                known_at=now, subject={"feed": "a"})
class Deadly(LogChannel):
    def send(self, notification, at):
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        super().send(notification, at)
        os.kill(os.getpid(), signal.SIGKILL)
manager = AlertManager(AlertSettings(), store)
if moment == "inside":
    with store.change() as state:
        manager._tell(state, now)
        os.kill(os.getpid(), signal.SIGKILL)
manager.take([found], now)
Courier(store.outbox, {"log": Deadly(LogSettings(path=folder / "out.jsonl"))}).deliver("log", now)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "lines"), [("inside", 1), ("before", 1), ("after", 2)])
def test_a_kill_loses_nothing(tmp_path: Path, finding: Any, moment: str, lines: int) -> None:
    """Killed before the state is kept, before the delivery, and between the delivery and its record."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), moment], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    store = AlertStore(tmp_path / "alerts.db")
    again = AlertManager(AlertSettings(), store).take(
        [finding("feed_silent", "critical", feed="a")], NOW + timedelta(seconds=1)
    )
    assert len(again) == (1 if moment == "inside" else 0), "what was told is not told anew, what was not is"
    courier = Courier(store.outbox, {"log": LogChannel(LogSettings(path=tmp_path / "out.jsonl"))})
    assert courier.deliver("log", NOW + timedelta(minutes=9)).sent == (1 if moment == "inside" else 0)
    courier.deliver("log", NOW + timedelta(minutes=11))  # the claim of the killed is over
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(rows) == lines
    assert len({row["id"] for row in rows}) == 1, "a second delivery can be told by its id"
    assert store.outbox.list("waiting") == []
    store.close()


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.db"
    bad.write_text("this is no database, and long enough to be read as one" * 50)
    with pytest.raises(InputError, match="is no store of alerts"):
        AlertStore(bad)
    with pytest.raises(InputError, match="no store of alerts here"):
        AlertStore(tmp_path / "none.db", create=False)
    if os.name == "posix":
        AlertStore(tmp_path / "new.db").close()
        assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0
    assert replace(trial_notification("a", NOW), severity=Severity.INFO) == trial_notification("a", NOW)
