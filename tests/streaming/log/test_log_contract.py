"""What both logs promise."""

from __future__ import annotations

import itertools
import math
import time
from collections import defaultdict
from collections.abc import Callable

import pytest

from tradewind.core import InputError
from tradewind.streaming.log import EventLog, LogError, Message, dead_letters, describe, replay
from tradewind.streaming.log.hashing import partition_of
from tradewind.streaming.records import Bar, NewsItem, Prediction, Quote, Trade

Make = Callable[..., Bar]
Drain = Callable[..., list[Message]]


def test_what_was_sent_is_read_in_the_order_of_its_key(log: EventLog, make_bar: Make, drain: Drain) -> None:
    sent = [make_bar(i) for i in range(500)]
    producer = log.producer()
    producer.send_many(sent[:300])
    for bar in sent[300:]:
        producer.send(bar)
    producer.flush()
    messages = drain(log.consumer(["bars"], group=None), 500)
    assert sorted((m.record for m in messages), key=lambda b: b.time) == sent
    by_key = defaultdict(list)
    for message in messages:
        assert message.topic == "bars"
        assert message.key == message.record.symbol
        assert message.partition == partition_of(message.key, 4)
        assert message.headers["schema"] == "bar/1"
        assert abs(message.written_at / 1e6 - time.time()) < 60
        by_key[message.key].append(message)
    for found in by_key.values():
        assert [m.record.time for m in found] == sorted(m.record.time for m in found)
    for part in range(4):
        offsets = [m.offset for m in messages if m.partition == part]
        assert offsets == list(range(len(offsets)))
    assert log.ends("bars") == {("bars", part): sum(m.partition == part for m in messages) for part in range(4)}


def test_every_kind_of_record_survives_with_its_headers(log: EventLog, make_bar: Make, drain: Drain) -> None:
    now = 1_700_000_000_000_000
    records = [
        make_bar(1, fear=17.25, volume=math.nan),
        Quote(symbol="A", time=now, bid=1.0, bid_size=2.0, ask=1.1, ask_size=3.0, sequence=7, source="x"),
        Trade(symbol="A", time=now, price=1.05, size=10.0, id="t-1"),
        NewsItem(symbol="Ä", published_at=now, text="naïve — 株式", kind="social", id="n"),
        Prediction(
            id="p", symbol="A", time=now, known_at=now, made_at=now, model="m/1", probability=0.6, expected_return=0.01,
            lower=math.nan, upper=math.nan, inputs_id="i",
        ),
    ]  # fmt: skip
    producer = log.producer()
    for record in records:
        producer.send(record, headers={"traceparent": "00-ab-cd-01"})
    producer.flush()
    messages = drain(log.consumer(["bars", "quotes", "trades", "news", "predictions"], group=None), 5)
    assert sorted(map(repr, records)) == sorted(repr(m.record) for m in messages)
    assert {m.headers["traceparent"] for m in messages} == {"00-ab-cd-01"}


def test_a_lone_reader_starts_seeks_and_knows_where_it_stands(log: EventLog, make_bar: Make, drain: Drain) -> None:
    producer = log.producer()
    producer.send_many([make_bar(i, "A") for i in range(20)])
    producer.flush()
    place = "bars", partition_of("A", 4)
    late = log.consumer(["bars"], group=None, start="latest")
    consumer = log.consumer(["bars"], group=None)
    assert consumer.positions() == {("bars", part): 0 for part in range(4)}
    assert consumer.lag() == 20
    assert [m.offset for m in drain(consumer, 20)] == list(range(20))
    assert consumer.positions()[place] == 20
    assert consumer.lag() == 0
    consumer.seek({place: 15})
    assert consumer.positions()[place] == 15
    assert [m.offset for m in drain(consumer, 5)] == [15, 16, 17, 18, 19]
    with pytest.raises(LogError, match="without a group"):
        consumer.commit()
    assert late.poll(10, 0.3) == []
    producer.send(make_bar(20, "A"))
    producer.flush()
    assert [m.offset for m in drain(late, 1)] == [20]


def test_poll_gives_no_more_than_asked_and_nothing_twice(log: EventLog, make_bar: Make) -> None:
    producer = log.producer()
    producer.send_many([make_bar(i) for i in range(100)])
    producer.flush()
    consumer, seen = log.consumer(["bars"], group=None), []
    while len(seen) < 100:
        found = consumer.poll(7, 5.0)
        assert 0 < len(found) <= 7
        seen += [(m.partition, m.offset) for m in found]
    assert len(set(seen)) == 100
    began = time.monotonic()
    assert consumer.poll(7, 0.15) == []
    assert 0.1 < time.monotonic() - began < 2.0


def test_a_group_goes_on_from_what_it_committed(log: EventLog, make_bar: Make, drain: Drain) -> None:
    producer = log.producer()
    producer.send_many([make_bar(i) for i in range(40)])
    producer.flush()
    first = log.consumer(["bars"], group="g")
    assert len(drain(first, 40)) == 40
    middle = {place: position // 2 for place, position in first.positions().items()}
    first.commit(middle)
    assert sum(first.positions().values()) == 40  # a commit of older positions moves nothing
    first.close()
    second = log.consumer(["bars"], group="g", start="latest")
    rest = drain(second, 40 - sum(middle.values()))
    assert {(m.partition, m.offset) for m in rest} == {
        (part, offset) for (_, part), at in middle.items() for offset in range(at, log.ends("bars")["bars", part])
    }
    second.commit()
    state = next(group for group in describe(log).groups if group.name == "g")
    assert describe(log).lag(state) == 0


def test_a_position_sought_before_the_partitions_are_dealt_counts(log: EventLog, make_bar: Make, drain: Drain) -> None:
    producer = log.producer()
    producer.send_many([make_bar(i, "A") for i in range(10)])
    producer.flush()
    place = "bars", partition_of("A", 4)
    consumer = log.consumer(["bars"], group="seeker")
    consumer.seek({place: 6})
    assert [m.offset for m in drain(consumer, 4)] == [6, 7, 8, 9]


def test_two_members_share_the_partitions_and_one_takes_over(log: EventLog, make_bar: Make) -> None:
    producer = log.producer()
    producer.send_many([make_bar(i) for i in range(100)])
    producer.flush()
    one, two = log.consumer(["bars"], group="shared"), log.consumer(["bars"], group="shared")
    until = time.monotonic() + 40
    while time.monotonic() < until and not (len(one.positions()) == len(two.positions()) == 2):
        one.poll(1000, 0.1)
        two.poll(1000, 0.1)
    assert one.positions().keys() | two.positions().keys() == {("bars", part) for part in range(4)}
    assert not one.positions().keys() & two.positions().keys()
    two.close()
    while time.monotonic() < until and len(one.positions()) < 4:
        one.poll(1000, 0.1)
    assert len(one.positions()) == 4


def test_what_cannot_be_read_is_put_aside_with_its_reason(log: EventLog, make_bar: Make, drain: Drain) -> None:
    producer = log.producer()
    good, bad = [make_bar(i, "A") for i in range(3)], make_bar(9, "A", high=1.0, low=2.0)
    producer.send_many([good[0], bad, good[1], make_bar(10, "A", close=math.nan), good[2]])
    producer.flush()
    consumer = log.consumer(["bars"], group=None)
    assert [m.record for m in drain(consumer, 3)] == good
    assert consumer.lag() == 0
    again = log.consumer(["bars"], group=None)
    assert len(drain(again, 3)) == 3
    letters = list(dead_letters(log, "bars"))
    assert [(letter.topic, letter.offset) for letter in letters] == [("bars", 1), ("bars", 3)]
    assert "high 1.0, low 2.0" in letters[0].reason
    assert "close" in letters[1].reason
    assert b'"high":1.0' in letters[0].value
    assert letters[0].headers["schema"] == "bar/1"
    assert letters[0].key == "A"


def test_a_record_too_long_is_refused_at_once(log: EventLog) -> None:
    item = NewsItem(symbol="A", published_at=1_700_000_000_000_000, text="x" * 2_000_000)
    with pytest.raises(InputError, match="longer than 1048576"):
        log.producer().send(item)


def test_a_replay_gives_all_up_to_the_end_by_time_of_writing(log: EventLog, make_bar: Make) -> None:
    producer = log.producer()
    for start in range(0, 60, 20):
        producer.send_many([make_bar(i) for i in range(start, start + 20)])
        producer.flush()
        time.sleep(0.03)
    found = list(replay(log, ["bars"]))
    assert sorted(m.record.time for m in found) == [make_bar(i).time for i in range(60)]
    assert [m.written_at for m in found] == sorted(m.written_at for m in found)
    ends = log.ends("bars")
    start = {place: end - 1 for place, end in ends.items() if end}
    assert len(list(replay(log, ["bars"], start=start))) == len(start)
    assert list(replay(log, ["bars"], start=ends)) == []
    slept: list[float] = []
    assert len(list(replay(log, ["bars"], speed=0.5, sleep=slept.append))) == 60
    span = (found[-1].written_at - found[0].written_at) / 1e6
    assert max(slept) == pytest.approx(span * 2, abs=0.1)


def test_a_closed_log_says_so(log: EventLog, make_bar: Make) -> None:
    producer, consumer = log.producer(), log.consumer(["bars"], group=None)
    producer.send(make_bar(1))
    log.close()
    for call in (
        lambda: producer.send(make_bar(2)),
        lambda: consumer.poll(1, 0.0),
        lambda: log.ends("bars"),
        log.producer,
    ):
        with pytest.raises(LogError, match="is closed"):
            call()


def test_several_producers_write_beside_each_other(log: EventLog, make_bar: Make, drain: Drain) -> None:
    producers = [log.producer() for _ in range(3)]
    turns = itertools.cycle(producers)
    for i in range(90):
        next(turns).send(make_bar(i))
    for producer in producers:
        producer.flush()
    messages: list[Message] = drain(log.consumer(["bars"], group=None), 90)
    assert sorted(m.record.time for m in messages) == [make_bar(i).time for i in range(90)]


def test_an_unreadable_message_near_the_limit_is_put_aside_and_what_lies_around_it_is_read(
    log: EventLog, drain: Drain
) -> None:
    now = 1_700_000_000_000_000
    producer = log.producer()
    impossible = NewsItem(symbol="A", published_at=-9_000_000_000_000_000, text="x" * 1_000_000)
    for record in (NewsItem(symbol="A", published_at=now, text="1"), impossible):
        producer.send(record, headers={"long": "h" * 10_000})
    producer.send(NewsItem(symbol="A", published_at=now, text="2"))
    producer.flush()
    assert [m.record.text for m in drain(log.consumer(["news"], group=None), 2)] == ["1", "2"]
    (letter,) = dead_letters(log, "news")
    assert letter.key == "A"
    assert "before 1900" in letter.reason
    assert letter.headers["schema"] == "news/1"
    assert letter.value.startswith(b'{"type":"news"')
    assert len(letter.value) > 700_000


def test_a_producer_that_is_closing_takes_nothing_that_it_would_leave_behind(
    log: EventLog, make_bar: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = log.producer()
    producer.send(make_bar(0))
    flush = producer.flush
    refused = []

    def flush_and_meet_another_thread(timeout: float) -> None:
        flush(timeout)
        with pytest.raises(LogError, match="closed"):
            producer.send(make_bar(1))
        refused.append(True)

    monkeypatch.setattr(producer, "flush", flush_and_meet_another_thread)
    producer.close()
    assert refused
    assert sum(log.ends("bars").values()) == 1
