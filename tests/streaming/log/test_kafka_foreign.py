"""What others put into a topic of Kafka, and where librdkafka puts a key."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import confluent_kafka as ck
import pytest

from tradewind.streaming.log import KafkaSettings, Message, dead_letters
from tradewind.streaming.log.hashing import partition_of
from tradewind.streaming.log.kafka import KafkaLog
from tradewind.streaming.records import Bar

pytestmark = pytest.mark.slow
Make = Callable[..., Bar]
Drain = Callable[..., list[Message]]


@pytest.fixture
def log(kafka_broker: str) -> Iterator[KafkaLog]:
    """Return an empty log."""
    with KafkaLog(kafka_broker, KafkaSettings(prefix=f"t{uuid.uuid4().hex}.", fetch_wait_ms=20)) as kafka:
        yield kafka


def test_what_is_no_record_of_ours_is_put_aside(log: KafkaLog, make_bar: Make, drain: Drain) -> None:
    log.ends("bars")  # makes the topic
    foreign = ck.Producer({"bootstrap.servers": log.bootstrap})
    for value, headers in (
        (b"{}", None),
        (b"{}", [("schema", b"bar/2")]),
        (b"\x00\xff", [("schema", b"bar/1"), ("other", None)]),
        (None, [("schema", b"bar/1")]),
        (b"{}", [("schema", b"\xff/1")]),
    ):
        foreign.produce(f"{log.settings.prefix}bars", value, b"\xff\xfe", headers=headers, partition=0)
    foreign.flush(10)
    producer = log.producer()
    producer.send(make_bar(1))
    producer.flush()
    consumer = log.consumer(["bars"], group=None)
    assert [m.record for m in drain(consumer, 1)] == [make_bar(1)]
    letters = {letter.offset: letter for letter in _all_letters(log, consumer)}
    reasons = [letters[offset].reason for offset in range(5)]
    for reason, part in zip(
        reasons, ("no schema header", "newer than", "no bar/1", "no bar/1", "unknown kind"), strict=True
    ):
        assert part in reason
    assert letters[2].value == b"\x00\xff"
    assert letters[2].headers == {"schema": "bar/1", "other": ""}


def _all_letters(log: KafkaLog, consumer: object) -> list[object]:
    """Return the dead letters once all five are there."""
    for _ in range(50):
        consumer.poll(100, 0.1)
        letters = [letter for letter in dead_letters(log, "bars") if letter.partition == 0]
        if len(letters) == 5:
            return letters
    raise AssertionError(f"{len(letters)} letters")


def test_a_key_lies_where_librdkafka_puts_it(log: KafkaLog) -> None:
    log.ends("bars")
    found: dict[str, int] = {}
    producer = ck.Producer({"bootstrap.servers": log.bootstrap, "partitioner": "murmur2_random"})
    keys = [f"{letter}{i}" for i in range(40) for letter in ("A", "BRK.B", "株", "x" * 7)]
    for key in keys:
        producer.produce(
            f"{log.settings.prefix}bars",
            b"",
            key,
            on_delivery=lambda _, m: found.update({m.key().decode(): m.partition()}),
        )
    producer.flush(10)
    assert found == {key: partition_of(key, 4) for key in keys}
