"""History filled in, and online rows compared with offline ones, once a night."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace as Kit

import numpy as np
import pytest

from tradewind.core import InputError, Panel, UsageError
from tradewind.core.clock import FixedClock
from tradewind.data import read_news, read_prices
from tradewind.features import REGISTRY
from tradewind.streaming.features import (
    MemoryStore,
    Nightly,
    ParityReport,
    SqliteStore,
    backfill,
    backfill_store,
    parity_report,
)
from tradewind.streaming.log import EmbeddedLog

PanelMaker = Callable[..., Panel]


@pytest.fixture(scope="module")
def panel(make_panel: PanelMaker) -> Panel:
    return make_panel(5, 60, gaps=True, seed=4)


def micros(panel: Panel) -> list[int]:
    times: list[int] = panel.times.astype("datetime64[us]").astype(np.int64).tolist()
    return times


def test_history_filled_in_and_a_stream_after_it_equal_the_batch(kit: Kit, panel: Panel) -> None:
    news = kit.make_news(panel, 80)
    times = micros(panel)
    past = panel.until(np.datetime64(times[39], "us"))
    known = past.known_at.max()
    log = kit.log(2)
    log.write_all(kit.items_of(news))
    log.write_all([bar for bar in kit.bars_of(panel) if bar.time > times[30]])
    service = kit.service(log, panel, names=kit.across, news=True)
    heard = []
    service.listeners.append(heard.append)
    so_far = news.select(news.published_at <= known)
    assert backfill(service, past, so_far) == len(past)
    assert backfill(service, past, so_far) == 0
    assert {one.cause for one in heard} == {"backfill"}
    service.drain()
    report = parity_report(service.delivery.store, panel, news)
    assert (report.verdict, report.compared) == ("equal", len(panel))
    assert service.status()["late"] == 0
    log.write(kit.bars_of(panel)[-1])
    service.step(0.0)
    waiting = kit.service(kit.log(), panel)
    waiting.assembler.open[0] = None
    with pytest.raises(UsageError, match="the stream has begun"):
        backfill(waiting, past)


def test_a_store_filled_by_the_batch_gives_rows_as_of_a_moment(kit: Kit, panel: Panel) -> None:
    store = MemoryStore(("AAA", *panel.symbols), kit.names, keep=10_000)
    assert backfill_store(store, panel) == len(panel)
    assert backfill_store(store, panel) == len(panel)
    assert parity_report(store, panel).verdict == "equal"
    rows = panel.rows_of(panel.symbols[2])
    known = panel.known_at[rows].astype(np.int64)
    row = store.as_of(panel.symbols[2], int(known[10]) - 1)
    assert row is not None
    assert row.known_at == known[9]
    assert store.as_of("AAA", int(known[-1])) is None


def test_a_report_names_what_differs(kit: Kit, panel: Panel, tmp_path: Path) -> None:
    store = MemoryStore(panel.symbols, kit.names, keep=10_000)
    backfill_store(store, panel)
    times = micros(panel)
    held = store.at(times[40])
    assert held is not None
    values = held.values.copy()
    values[1, 0] += 0.25
    values[0, 2] = np.nan
    store.put(replace(held, values=values))
    missing = panel.select(panel.time != panel.times[50])
    report = parity_report(store, missing, span=(times[35], times[55]))
    assert report.verdict == "differs"
    named = {one.name: one for one in report.features}
    one = named[kit.names[0]]
    assert one.beyond >= 1
    assert one.max_difference > 1.0  # relative to returns of a few per cent
    assert one.worst.startswith(panel.symbols[held.code[1]])
    assert named[kit.names[2]].nan_mismatches == 1
    assert report.extra == int((panel.time == panel.times[50]).sum()) == len(report.extra_examples)
    fewer = MemoryStore(panel.symbols, kit.names, keep=5)
    backfill_store(fewer, panel)
    assert parity_report(fewer, panel).missing == int((panel.time < panel.times[-5]).sum())
    assert parity_report(store, panel, span=(0, 1)).verdict == "nothing to compare"
    data, html = report.write(tmp_path)
    assert json.loads(data.read_text())["verdict"] == "differs"
    page = html.read_text()
    assert "differs" in page
    assert one.worst in page


def test_a_report_sees_a_wrong_feature_whose_values_are_all_small(kit: Kit, panel: Panel) -> None:
    names = ("return_1", "slope_20")
    store = MemoryStore(panel.symbols, names, keep=10_000)
    backfill_store(store, panel)
    for time in store.times():
        block = store.at(time)
        assert block is not None
        store.put(replace(block, values=block.values * np.float32(1 + 1e-5)))
    slope = {one.name: one for one in parity_report(store, panel).features}["slope_20"]
    assert slope.beyond > 100
    assert slope.max_difference == pytest.approx(1e-5, rel=0.2)


def test_a_time_of_day_with_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="time zone"):
        Nightly(tmp_path, lambda night: pytest.fail("ran"), at="22:30+02:00")


def test_a_night_runs_once_whatever_restarts(tmp_path: Path) -> None:
    nights: list[date] = []
    empty = ParityReport(
        start="", stop="", tolerance=1.0, compared=0, missing=0, extra=0, missing_examples=(), extra_examples=(),
        features=(),
    )  # fmt: skip

    def job(night: date) -> ParityReport:
        nights.append(night)
        if len(nights) == 2:
            raise InputError("no data")
        return empty

    def at(moment: str) -> Nightly:
        return Nightly(tmp_path, job, at="22:30", clock=FixedClock(datetime.fromisoformat(moment).replace(tzinfo=UTC)))

    assert at("2026-01-05T23:00").tick() is empty
    assert at("2026-01-05T23:30").tick() is None
    assert at("2026-01-06T22:29").tick() is None
    assert at("2026-01-04T23:00").tick() is None  # a clock that went back
    with pytest.raises(InputError, match="no data"):
        at("2026-01-06T22:30").tick()
    assert at("2026-01-07T03:00").tick() is empty  # the night that failed, once more
    assert at("2026-01-12T12:00").tick() is empty  # after days without the process: the newest night alone
    assert nights == [date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 6), date(2026, 1, 11)]
    assert (tmp_path / "parity-2026-01-11.html").exists()
    with at("2026-01-13T12:00")._alone() as alone:
        assert alone
        assert at("2026-01-13T12:00").tick() is None  # another one is at it
    (tmp_path / "state.json").write_text('{"last_night": "soon"}')
    with pytest.raises(InputError, match="names no last night"):
        at("2026-01-13T12:00").tick()
    with pytest.raises(UsageError, match="no time of day"):
        Nightly(tmp_path, job, at="25:99")


@pytest.mark.data
@pytest.mark.slow
def test_all_features_of_real_bars_and_tweets_through_the_log_equal_the_batch(
    kit: Kit, research_data: Path, tmp_path: Path
) -> None:
    panel = read_prices(research_data / "acl18" / "prices.parquet").until("2014-06-30")
    news = read_news(research_data / "acl18" / "news.parquet")
    news = news.select(news.published_at <= panel.known_at.max())
    names = tuple(feature.name for feature in REGISTRY if feature.needs != "fear")
    with EmbeddedLog.open(tmp_path / "log") as log:
        producer = log.producer()
        producer.send_many(kit.items_of(news))
        producer.send_many(kit.bars_of(panel))
        producer.flush()
        producer.close()
        store = SqliteStore(tmp_path / "features.db", panel.symbols, names)
        service = kit.service(log, panel, names=names, news=True, store=store)
        service.drain()
        report = parity_report(store, panel, news)
        service.close()
        store.close()
    assert (report.verdict, report.compared) == ("equal", len(panel))
    assert service.status()["late"] == 0
