"""Sessions in one pass, truth files, events of several partitions in order, and the pace of a replay."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import SchemaError, UsageError
from tradewind.streaming.log import EmbeddedLog, Message
from tradewind.streaming.records import OrderEvent
from tradewind.surveillance.events import EventTable, Problems
from tradewind.surveillance.events.records import events_from_records
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.live.incoming import Incoming
from tradewind.surveillance.live.player import play
from tradewind.surveillance.live.spans import SessionCutter, named_sessions
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.truth_files import read_truth, write_truth

NOON = 1_700_000_000_000_000_000
HOUR = 3_600_000_000_000
DAY = 24 * HOUR


@given(st.lists(st.integers(0, 5 * DAY), min_size=1, max_size=200), st.integers(1, 7))
def test_sessions_cut_in_one_pass_are_those_of_all_times(offsets: list[int], parts: int) -> None:
    times = NOON + np.array(offsets, dtype=np.int64)
    cutter = SessionCutter()
    for part in np.array_split(times, parts):
        cutter.add(part)
    found, expected = cutter.sessions(), Sessions.of_times(times)
    np.testing.assert_array_equal(found.opens, expected.opens)
    np.testing.assert_array_equal(found.closes, expected.closes)


@pytest.mark.slow
def test_new_york_opens_at_half_past_nine_and_closes_early_after_thanksgiving() -> None:
    found = named_sessions("XNYS", date(2023, 11, 22), date(2023, 11, 27))
    hours = [(int(o) // 10**9 % 86_400, int(c - o) / HOUR) for o, c in zip(found.opens, found.closes, strict=True)]
    assert hours == [(52_200, 6.5), (52_200, 3.5), (52_200, 6.5)]  # 14:30 UTC; Thursday is a holiday


def test_daily_hours_follow_the_clocks_of_their_zone() -> None:
    found = named_sessions("09:30-16:00@America/New_York", date(2024, 3, 8), date(2024, 3, 12))
    assert [int(o) // 10**9 % 86_400 for o in found.opens] == [52_200, 52_200, 48_600, 48_600, 48_600]
    for wrong in ("9:30-25:00", "10:00-09:00", "09:00-10:00@Nowhere/City"):
        with pytest.raises(UsageError):
            named_sessions(wrong, date(2024, 3, 8), date(2024, 3, 9))


def test_truth_comes_back_and_a_foreign_table_is_understood(tmp_path: Path) -> None:
    deed = Planted(
        scheme=Scheme.SPOOFING, symbol="A", accounts=("x", "y"), start=1, end=5, evasive=True, parameters={"k": 1.5}
    )
    assert read_truth(write_truth([deed], tmp_path / "t.parquet")) == (deed,)
    (tmp_path / "t.csv").write_text("scheme,symbol,accounts,start_ns,end_ns\nWash Trading,B,a;b,3,9\n")
    (plain,) = read_truth(tmp_path / "t.csv")
    assert (plain.scheme, plain.accounts, plain.start, plain.end) == (Scheme.WASH_TRADING, ("a", "b"), 3, 9)
    (tmp_path / "bad.csv").write_text("scheme,symbol,accounts,start,end\ntheft,B,a,3,9\n")
    with pytest.raises(SchemaError, match="row 1"):
        read_truth(tmp_path / "bad.csv")


def order(symbol: str, at: int, seq: int) -> OrderEvent:
    """Return an order entered ``at`` nanoseconds after noon."""
    return OrderEvent(
        symbol=symbol, timestamp_ns=NOON + at, venue_seq=seq, kind="new", order_id=seq, side="buy", price=1.0, size=1
    )


def message(record: OrderEvent, partition: int, offset: int) -> Message:
    """Return a message of the topic of orders."""
    return Message(
        topic="orders", partition=partition, offset=offset, key=record.symbol, record=record, written_at=NOON // 1000
    )


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20)), min_size=1, max_size=60), st.randoms())
def test_partitions_become_one_sequence_however_they_are_polled(steps: list[tuple[int, int]], chance: object) -> None:
    clock, at = [0.0], 0
    parts: dict[int, list[Message]] = {0: [], 1: [], 2: []}
    for seq, (part, later) in enumerate(steps, start=1):
        at += later
        parts[part].append(message(order("ABC"[part], at, seq), part, len(parts[part])))
    ends = {("orders", part): len(rows) for part, rows in parts.items()}
    incoming, stands = Incoming(Problems(), 1.0, lambda: clock[0]), dict.fromkeys(ends, 0)
    seen: list[int] = []
    while any(stands[place] < end for place, end in ends.items()):
        place = chance.choice([place for place in ends if stands[place] < ends[place]])  # type: ignore[attr-defined]
        count = chance.randint(1, 5)  # type: ignore[attr-defined]
        incoming.add(parts[place[1]][stands[place] : stands[place] + count])
        stands[place] = min(stands[place] + count, ends[place])
        clock[0] += 10.0  # longer than the patience: only what is not read yet holds events back
        ready = incoming.ready(stands, ends)
        seen += [] if ready is None else ready.events.seq.tolist()
        assert all(incoming.safe(stands)[p] <= stands[p] for p in ends)
    rest = incoming.rest()
    seen += [] if rest is None else rest.events.seq.tolist()
    assert seen == list(range(1, len(steps) + 1))


def test_an_event_too_late_counts_at_the_time_reached_and_a_repeated_one_once() -> None:
    problems, clock = Problems(), [0.0]
    incoming = Incoming(problems, 0.5, lambda: clock[0])
    ends = {("orders", 0): 2, ("orders", 1): 0}
    incoming.add([message(order("A", 10, 1), 0, 0), message(order("A", 30, 2), 0, 1)])
    assert incoming.ready(ends, ends) is None  # the other partition may still bring an earlier one
    clock[0] = 1.0
    first = incoming.ready(ends, ends)
    assert first is not None
    assert first.events.seq.tolist() == [1, 2]
    incoming.add([message(order("B", 20, 3), 1, 0), message(order("B", 20, 3), 1, 1)])
    late = incoming.rest()
    assert late is not None
    assert late.events.time.tolist() == [NOON + 30]
    assert problems.count("too_late") == 2
    assert problems.count("duplicate") == 1


def table(times: list[int]) -> EventTable:
    """Return orders at these nanoseconds after noon."""
    return events_from_records([order("A", at, seq) for seq, at in enumerate(times, 1)], Names(), Names())


def test_a_replay_keeps_the_pace_and_cuts_long_silences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewind.surveillance.live.player.PAUSE", 0.05)
    second = 1_000_000_000
    with EmbeddedLog.open(tmp_path / "log", partitions=1) as log:
        began = time.monotonic()
        count = play([table([0, 2 * second, 4 * second, 4 * second + DAY])], log, speed=50.0)
        took = time.monotonic() - began
        assert count == 4
        assert took >= 2 * 0.04 + 0.05 - 0.005
        found = [m.record.venue_seq for m in log.consumer(["orders"], group=None).poll(10, 1.0)]  # type: ignore[union-attr]
        assert found == [1, 2, 3, 4]
        with pytest.raises(UsageError, match="is not above 0"):
            play([table([0])], log, speed=0.0)


def test_marks_keep_the_place_that_reaches_far_enough_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from tradewind.surveillance.live.checkpoint import Marks

    monkeypatch.setattr("tradewind.surveillance.live.checkpoint.MARK_EVERY", 10)
    marks = Marks(35, {("orders", 0): 0})
    anchors = []
    for events in range(5, 205, 5):
        marks.pass_by(events, {("orders", 0): events})
        anchors.append(marks.anchor["orders", 0])
    assert all(b >= a for a, b in pairwise(anchors))
    assert 35 <= 200 - anchors[-1] <= 35 + 15
    assert not Marks(None, {}).moved
