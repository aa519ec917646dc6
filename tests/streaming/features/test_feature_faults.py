"""Damaged checkpoints, full disks, a log that is away: the service goes on, and nothing is lost."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace as Kit
from typing import Any

import numpy as np
import pytest

from tradewind.core import OutputError, Panel, UsageError
from tradewind.streaming.features.backfill import backfill
from tradewind.streaming.features.blocks import ClosedSlice, FeatureBlock
from tradewind.streaming.features.checkpoint import Checkpoints
from tradewind.streaming.features.durable import Durable
from tradewind.streaming.features.stores.errors import StoreError
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.log import LogError, Message

PanelMaker = Callable[..., Panel]


@pytest.fixture(scope="module")
def panel(make_panel: PanelMaker) -> Panel:
    return make_panel(4, 40, gaps=True, seed=8)


def test_a_checkpoint_is_read_back_and_a_damaged_one_falls_back_to_the_one_before(tmp_path: Path) -> None:
    files = Checkpoints(tmp_path)
    assert files.read() is None
    for n in range(4):
        files.write({"n": n}, {"x/y": np.arange(n), "words": np.array([True, False])})
    held = sorted(tmp_path.glob("checkpoint-*"))
    assert len(held) == 2
    found = Checkpoints(tmp_path).read()
    assert found is not None
    assert found.meta == {"n": 3}
    np.testing.assert_array_equal(found.arrays["x/y"], [0, 1, 2])
    data = bytearray(held[-1].read_bytes())
    for place in (0, 40, len(data) // 2, len(data) - 1):
        broken = data.copy()
        broken[place] ^= 1
        held[-1].write_bytes(broken)
        again = Checkpoints(tmp_path)
        found = again.read()
        assert found is not None
        assert found.meta == {"n": 2}
        assert again.damaged == [held[-1]]
    for size in (0, 10, 60, len(data) - 7):
        held[-1].write_bytes(data[:size])
        found = Checkpoints(tmp_path).read()
        assert found is not None
        assert found.meta == {"n": 2}
    held[0].write_bytes(b"")
    assert Checkpoints(tmp_path).read() is None


def test_a_damaged_checkpoint_does_not_take_the_place_of_a_whole_one(tmp_path: Path) -> None:
    files = Checkpoints(tmp_path)
    for n in range(3):
        files.write({"n": n}, {})
    max(tmp_path.glob("*.tw")).write_bytes(b"torn")
    files = Checkpoints(tmp_path)
    assert files.read() is not None
    files.write({"n": 3}, {})
    max(tmp_path.glob("*.tw")).write_bytes(b"torn")
    found = Checkpoints(tmp_path).read()
    assert found is not None
    assert found.meta == {"n": 1}


def test_a_checkpoint_that_failed_is_tried_again_also_where_nothing_comes(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    durable = Durable(folder, 1.0)
    durable.tick(2.0, True, lambda: ({}, dict))
    durable.wait()
    assert durable.failure is not None
    folder.unlink()
    durable.tick(4.0, False, lambda: ({}, dict))
    durable.wait()
    assert (durable.failure, durable.written) == (None, 1)


@pytest.mark.parametrize("moment", ["live", "late"])
def test_closing_after_a_failure_leaves_no_checkpoint_of_half_a_step(
    kit: Kit, panel: Panel, tmp_path: Path, moment: str
) -> None:
    log, bars = kit.log(2), kit.bars_of(panel)
    late = bars.pop(60)
    log.write_all(bars)
    service = kit.service(log, panel, folder=tmp_path, checkpoint_every=1e9)
    if moment == "late":
        service.drain()
    failing = [True]

    def broken(closed: ClosedSlice) -> None:
        if failing[0]:
            raise LogError("predictions cannot be written")

    service.listeners.append(broken)
    log.write(late)
    with pytest.raises(LogError, match="predictions"):
        service.drain()
    failing[0] = False
    with pytest.raises(UsageError, match="the service failed"):
        service.step(0.0)
    service.close()
    store = MemoryStore(panel.symbols, kit.names, keep=1000)
    again = kit.service(log, panel, folder=tmp_path, store=store)
    again.drain()
    kit.assert_equals_batch(store, panel)


def test_a_checkpoint_of_other_sectors_gives_way_to_the_log(kit: Kit, panel: Panel, tmp_path: Path) -> None:
    log = kit.log(2)
    log.write_all(kit.bars_of(panel))
    names = (*kit.names, "sector_relative_5")
    first = kit.service(log, panel, names=names, folder=tmp_path, keep=10)
    first.drain()
    first.close()
    moved = replace(panel, sectors=("Elsewhere",) * panel.n_symbols)
    store = MemoryStore(panel.symbols, names, keep=1000)
    again = kit.service(log, moved, names=names, folder=tmp_path, keep=10, store=store)
    again.drain()
    kit.assert_equals_batch(store, moved)
    again.close()


def test_bars_that_were_read_when_the_log_went_away_are_read_again(kit: Kit, panel: Panel) -> None:
    log = kit.log(2)
    log.write_all(sorted(kit.bars_of(panel), key=lambda bar: (bar.symbol, bar.time)))
    service = kit.service(log, panel, most_open=3, batch=7)
    ends, rng, failures = log.ends, np.random.default_rng(0), []

    def faulty(topic: str) -> dict[tuple[str, int], int]:
        if rng.random() < 0.5:
            failures.append(topic)
            raise LogError("the broker is away")
        found: dict[tuple[str, int], int] = ends(topic)
        return found

    log.ends = faulty
    for _ in range(200):
        with contextlib.suppress(LogError):
            service.step(0.0)
    log.ends = ends
    service.drain()
    assert len(failures) > 3
    kit.assert_equals_batch(service.delivery.store, panel)


def test_history_that_the_log_does_not_hold_is_not_lost_to_a_bar_too_old(kit: Kit, panel: Panel) -> None:
    times = panel.times.astype("datetime64[us]").astype(np.int64)
    log, bars = kit.log(2), [bar for bar in kit.bars_of(panel) if bar.time > times[19]]
    late = bars.pop(3)
    log.write_all(bars)
    service = kit.service(log, panel, keep=2, snapshot_every=1, too_old="rebuild")
    backfill(service, panel.until(np.datetime64(int(times[19]), "us")))
    service.drain()
    log.write(late)
    service.drain()
    assert service.status()["rebuilt"] == 0
    assert service.status()["refused"] == {"too_old": 1}
    held = service.delivery.store.at(int(times[-1]))
    assert held is not None
    assert np.isfinite(held.values).all()


def test_a_restart_goes_on_where_it_was_and_fills_windows_and_listeners_again(
    kit: Kit, panel: Panel, tmp_path: Path
) -> None:
    news = kit.make_news(panel, 30)
    log = kit.log(2)
    bars = kit.bars_of(panel)
    log.write_all(kit.items_of(news))
    log.write_all(bars[:90])

    def start() -> tuple[Any, FeatureWindows, list[ClosedSlice]]:
        windows, heard = FeatureWindows(panel.n_symbols, kit.across, 10), []
        service = kit.service(
            log, panel, names=kit.across, news=True, folder=tmp_path, windows=windows, keep=12, snapshot_every=4
        )
        service.listeners.append(heard.append)
        return service, windows, heard

    first, before, _ = start()
    first.drain()
    status = first.status()
    first.close()
    second, after, heard = start()
    assert second.step(0.0) == 0
    assert heard
    assert {one.cause for one in heard} == {"restored"}
    codes = np.arange(panel.n_symbols)
    for name in ("history", "count", "scale", "occasion"):
        np.testing.assert_array_equal(
            getattr(after.rows(codes, None, 10), name), getattr(before.rows(codes, None, 10), name)
        )
    assert second.status()["slices"] == status["slices"]
    assert second.status()["bars"] == status["bars"]
    log.write_all([bars[88], *bars[90:]])
    second.drain()
    assert second.status()["duplicates"] == 1
    whole = kit.service(log, panel, names=kit.across, news=True)
    whole.drain()
    last = whole.delivery.store.times()[-1]
    assert not second.delivery.store.at(last).differs(whole.delivery.store.at(last)).any()
    second.close()


def test_revisions_go_on_after_a_restart_that_lost_them(kit: Kit, panel: Panel, tmp_path: Path) -> None:
    log, bars = kit.log(1), kit.bars_of(panel)
    log.write_all(bars[:-1])
    outlives = MemoryStore(panel.symbols, kit.names, keep=1000)
    first = kit.service(log, panel, store=outlives)
    first.drain()
    last = outlives.times()[-1]
    log.write(bars[-1])
    first.drain()
    before = outlives.at(last)
    first.abandon()
    assert before is not None
    second = kit.service(log, panel, store=outlives)
    second.drain()
    after = outlives.at(last)
    assert after is not None
    assert not after.differs(before).any()
    np.testing.assert_array_equal(after.revision, before.revision)


class FullDisk(MemoryStore):
    """A store that takes nothing while ``full``, which a test cannot make of a real disk without root."""

    full = False

    def put(self, block: FeatureBlock) -> None:
        if self.full:
            raise StoreError("disk full")
        super().put(block)


def test_a_store_that_takes_nothing_is_given_all_of_it_later(kit: Kit, panel: Panel) -> None:
    log, bars = kit.log(2), kit.bars_of(panel)
    store = FullDisk(panel.symbols, kit.names, keep=1000)
    service = kit.service(log, panel, store=store)
    log.write_all(bars[:50])
    service.drain()
    store.full = True
    log.write_all(bars[50:100])
    service.drain()
    status = service.status()["store"]
    assert status["blocks_waiting"] > 0
    assert status["failure"] == "disk full"
    store.full = False
    log.write_all(bars[100:])
    service.drain()
    service.step(0.0)
    kit.assert_equals_batch(store, panel)
    assert service.status()["store"]["failure"] is None


def test_a_folder_that_cannot_be_written_costs_checkpoints_alone(kit: Kit, panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    log = kit.log(2)
    log.write_all(kit.bars_of(panel))
    clock = kit.clock()
    service = kit.service(log, panel, folder=tmp_path / "file" / "below", checkpoint_every=0.0, clock=clock)
    service.drain()
    kit.assert_equals_batch(service.delivery.store, panel)
    with pytest.raises(OutputError, match="cannot be written"):
        service.close()
    assert "in the way" in (tmp_path / "file").read_text()
    assert service.status()["checkpoint"]["failure"]


def test_a_listener_that_fails_stops_the_service_and_is_named(kit: Kit, panel: Panel, tmp_path: Path) -> None:
    log = kit.log(2)
    log.write_all(kit.bars_of(panel))
    store = MemoryStore(panel.symbols, kit.names, keep=1000)
    service = kit.service(log, panel, folder=tmp_path, store=store)

    def broken(closed: ClosedSlice) -> None:
        raise RuntimeError("no model")

    service.listeners.append(broken)
    with pytest.raises(RuntimeError, match="no model"):
        service.run(threading.Event())
    assert service.status()["failure"] == "RuntimeError: no model"
    service.abandon()
    again = kit.service(log, panel, folder=tmp_path, store=store)
    again.drain()
    kit.assert_equals_batch(store, panel)


def test_a_log_that_is_away_is_tried_again(kit: Kit, panel: Panel) -> None:
    log = kit.log(2)
    log.write_all(kit.bars_of(panel))
    service = kit.service(log, panel)
    stop, left = threading.Event(), [3]
    poll = service._feeds.bars.poll

    def faulty(limit: int, timeout: float) -> Sequence[Message]:
        left[0] -= 1
        if left[0] in (0, 1):
            raise LogError("the broker is away")
        messages: Sequence[Message] = poll(limit, timeout)
        if left[0] < -3:
            stop.set()
        return messages

    service._feeds.bars.poll = faulty
    service.run(stop)
    service._feeds.bars.poll = poll
    service.drain()
    kit.assert_equals_batch(service.delivery.store, panel)
