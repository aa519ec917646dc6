"""Logs to test, and records to put in them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tradewind.streaming.log import Consumer, EmbeddedLog, EventLog, KafkaSettings, LogSettings, Message
from tradewind.streaming.log.kafka import KafkaLog
from tradewind.streaming.records import Bar

T0 = 1_700_000_000_000_000


def _make_bar(i: int, symbol: str | None = None, **fields: float) -> Bar:
    """Return the ``i``-th bar; ten symbols take turns."""
    values = {"open": 10.0, "high": 11.0, "low": 9.0, "close": 10.5, "adj_close": 10.5, "volume": 100.0, **fields}
    return Bar(symbol=symbol or f"S{i % 10}", time=T0 + i, known_at=T0 + i + 1, **values)


def _drain(consumer: Consumer, count: int, seconds: float = 30.0) -> list[Message]:
    """Read until ``count`` messages came, or none came for ``seconds``."""
    messages: list[Message] = []
    while len(messages) < count:
        found = consumer.poll(1000, seconds)
        if not found:
            break
        messages += found
    return messages


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.slow)])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    """Return an empty log of each kind."""
    if request.param == "embedded":
        with EmbeddedLog.open(tmp_path / "log", settings=LogSettings(sync_seconds=5.0)) as embedded:
            yield embedded
    else:
        settings = KafkaSettings(prefix=f"t{uuid.uuid4().hex}.", session_seconds=6.0, fetch_wait_ms=20)
        with KafkaLog(request.getfixturevalue("kafka_broker"), settings) as kafka:
            yield kafka


@pytest.fixture
def make_bar() -> Callable[..., Bar]:
    """Return the maker of the ``i``-th bar; ten symbols take turns."""
    return _make_bar


@pytest.fixture
def drain() -> Callable[..., list[Message]]:
    """Return what reads until ``count`` messages came."""
    return _drain
