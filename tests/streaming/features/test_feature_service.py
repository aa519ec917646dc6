"""The service over a log in memory: what it closes when, and what late data do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace as Kit
from typing import Any

import msgspec
import numpy as np
import pytest

from tradewind.core import Panel, UsageError
from tradewind.streaming.features.blocks import ClosedSlice
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.records import Bar

PanelMaker = Callable[..., Panel]
DAY = 86_400_000_000


@pytest.fixture(scope="module")
def panel(make_panel: PanelMaker) -> Panel:
    return make_panel(5, 60, gaps=True, seed=3)


def told(service: Any) -> list[ClosedSlice]:
    heard: list[ClosedSlice] = []
    service.listeners.append(heard.append)
    return heard


def test_features_of_a_replayed_log_equal_the_batch_definitions(kit: Kit, panel: Panel) -> None:
    news = kit.make_news(panel, 120)
    log = kit.log(3)
    log.write_all(kit.items_of(news))
    log.write_all(kit.bars_of(panel))
    windows = FeatureWindows(panel.n_symbols, kit.across, 20)
    service = kit.service(log, panel, names=kit.across, news=True, batch=37, windows=windows)
    assert service.drain() == len(panel) + len(news)
    kit.assert_equals_batch(service.delivery.store, panel, news)
    assert service.status()["late"] == 0
    codes = np.arange(panel.n_symbols)
    mine, stored = windows.rows(codes, None, 20), service.delivery.store.window(panel.symbols, 20)
    for name in ("history", "count", "scale", "occasion"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(stored, name))


def test_late_bars_corrections_duplicates_and_late_news_leave_the_features_of_the_final_bars(
    kit: Kit, panel: Panel
) -> None:
    news = kit.make_news(panel, 60)
    bars, items = kit.bars_of(panel), kit.items_of(news)
    log = kit.log(2)
    wrong = msgspec.structs.replace(bars[100], close=bars[100].close * 1.5, high=bars[100].high * 2)
    log.write_all([*bars[:100], wrong, *bars[102:], *bars[40:60]])
    log.write_all(items[:50])
    service = kit.service(log, panel, names=kit.across, news=True, keep=100, snapshot_every=4)
    heard = told(service)
    service.drain()
    before = len(heard)
    log.write_all([bars[101], bars[100], *items[50:], *items[10:20]])
    service.drain()
    kit.assert_equals_batch(service.delivery.store, panel, news)
    revised = heard[before:]
    assert revised
    assert all(one.revised for one in revised)
    first = revised[0].block
    assert first.time == min(bars[100].time, bars[101].time)
    row = [panel.symbols[c] for c in first.code].index(bars[100].symbol)
    assert first.revision[row] == 1
    assert service.status()["items_repeated"] == 10
    assert service.status()["duplicates"] == 20


def test_rows_that_late_data_do_not_change_are_not_given_again(kit: Kit, panel: Panel) -> None:
    bars = kit.bars_of(panel)
    log = kit.log(2)
    log.write_all(bars)
    service = kit.service(log, panel)
    service.drain()
    heard = told(service)
    bar = bars[-1]
    log.write(msgspec.structs.replace(bar, close=bar.close * 0.99, low=bar.low * 0.9))
    service.drain()
    (one,) = heard
    assert [panel.symbols[c] for c in one.block.code] == [bar.symbol]
    assert one.block.revision.tolist() == [1]
    log.write(msgspec.structs.replace(bar, close=bar.close * 0.99, low=bar.low * 0.9))  # again: nothing new
    service.drain()
    assert len(heard) == 1


def test_a_slice_waits_for_the_symbols_that_are_alive_and_no_longer_than_the_grace(
    kit: Kit, make_panel: PanelMaker
) -> None:
    panel = make_panel(3, 30)
    bars = kit.bars_of(panel)
    clock, log = kit.clock(), kit.log(1)
    service = kit.service(log, panel, clock=clock, grace=1.0, silent_after=2)
    heard = told(service)

    def write(*which: Bar) -> None:
        log.write_all(which)
        service.step(0.0)

    write(*bars[:2])
    assert not heard
    write(bars[2])
    assert [len(one.block) for one in heard] == [3]  # complete, at once
    write(*bars[3:5])
    clock.advance(0.9)
    service.step(0.0)
    assert len(heard) == 1
    clock.advance(0.2)
    service.step(0.0)
    assert [len(one.block) for one in heard] == [3, 2]  # the grace has passed
    write(*bars[6:8])
    clock.advance(2.0)
    service.step(0.0)
    write(*bars[9:11])
    assert len(heard) == 4  # the third symbol is silent by now, so nothing is waited for
    clock.at = clock.at.replace(year=2020)
    write(*bars[12:15], bars[15])
    assert [len(one.block) for one in heard[4:]] == [2, 1] or len(heard) >= 5  # a clock that jumps back stops nothing
    clock.advance(3.0)
    service.step(0.0)
    late = [one for one in heard if one.revised]
    assert len({one.block.time for one in heard}) == 6
    assert all(len(one.block) <= 1 for one in late)


def test_a_later_bar_of_each_missing_symbol_settles_a_slice_without_waiting(kit: Kit, make_panel: PanelMaker) -> None:
    panel = make_panel(3, 10)
    bars = kit.bars_of(panel)
    log = kit.log(3)
    log.write_all([*bars[:3], *bars[3:5], *bars[6:9]])
    service = kit.service(log, panel, grace=1e6)
    heard = told(service)
    service.step(0.0)
    assert [len(one.block) for one in heard] == [3, 2, 3]


def test_within_the_lateness_bound_bars_out_of_order_are_buffered(kit: Kit, make_panel: PanelMaker) -> None:
    panel = make_panel(2, 20)
    bars = kit.bars_of(panel)
    bars[4], bars[6] = bars[6], bars[4]
    log = kit.log(1)
    log.write_all(bars)
    service = kit.service(log, panel, lateness=4 * DAY)
    heard = told(service)
    service.drain()
    assert not any(one.revised for one in heard)
    kit.assert_equals_batch(service.delivery.store, panel)


def test_what_cannot_be_taken_is_refused_with_a_reason_and_the_service_goes_on(
    kit: Kit, panel: Panel, tmp_path: Path
) -> None:
    bars = kit.bars_of(panel)
    log = kit.log(2)
    log.write_all(bars[:50])
    log.write(msgspec.structs.replace(bars[50], symbol="NOPE"))
    log.write(msgspec.structs.replace(bars[50], close=-1.0))
    log.write(msgspec.structs.replace(bars[50], known_at=bars[50].time - 1))
    log.write_all(bars[50:])
    log.write(bars[0])
    service = kit.service(log, panel, keep=8, snapshot_every=2, folder=tmp_path, batch=50)
    heard = []
    service.quarantine.listeners.append(heard.append)
    service.drain()
    kit.assert_equals_batch(service.delivery.store, panel)
    assert service.status()["refused"] == {"unknown_symbol": 1, "invalid": 2, "too_old": 1}
    assert sorted(one.reason for one in heard) == ["invalid", "invalid", "too_old", "unknown_symbol"]
    (file,) = tmp_path.rglob("refused.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert "NOPE" in [line["record"]["symbol"] for line in lines]
    assert [line["offset"] for line in lines] == [one.offset for one in heard]


def test_a_record_of_the_future_is_refused_and_makes_nothing_late(kit: Kit, panel: Panel) -> None:
    bars, items = kit.bars_of(panel), kit.items_of(kit.make_news(panel, 3))
    log = kit.log(1)
    far = 3 * 10**15
    log.write_all(bars[:40])
    log.write(msgspec.structs.replace(bars[40], time=far, known_at=far))
    log.write(msgspec.structs.replace(items[0], published_at=far))
    log.write_all(bars[40:])
    service = kit.service(log, panel, batch=20, news=True, names=kit.across)
    service.drain()
    assert service.status()["refused"] == {"from_the_future": 2}
    assert service.status()["late"] == 0


def test_data_older_than_what_is_kept_may_rebuild_everything(kit: Kit, panel: Panel) -> None:
    news = kit.make_news(panel, 40)
    bars, items = kit.bars_of(panel), kit.items_of(news)
    log = kit.log(2)
    log.write_all(bars[:20] + bars[21:])
    log.write_all(items[:5] + items[6:])
    service = kit.service(
        log, panel, names=kit.across, news=True, keep=4, snapshot_every=2, too_old="rebuild", batch=50
    )
    service.drain()
    log.write(bars[20])
    service.drain()
    log.write(items[5])
    service.drain()
    assert service.status()["rebuilt"] == 2
    kit.assert_equals_batch(service.delivery.store, panel, news)


def test_partitions_of_unequal_size_are_read_at_one_pace(kit: Kit, make_panel: PanelMaker) -> None:
    panel = make_panel(5, 200)
    log = kit.log(5)
    for bar in kit.bars_of(panel):
        for record in [bar] if bar.symbol == "S000" else [bar, bar, bar]:
            log.write(record)
    service = kit.service(log, panel, most_open=10, keep=10, snapshot_every=5, batch=20)
    service.drain()
    kit.assert_equals_batch(service.delivery.store, panel)
    assert (service.status()["late"], service.status()["refused"]) == (0, {})


def test_a_store_of_other_features_is_refused(kit: Kit, panel: Panel) -> None:
    with pytest.raises(UsageError, match="other features"):
        kit.service(kit.log(), panel, store=MemoryStore(panel.symbols, ["return_1"]))
