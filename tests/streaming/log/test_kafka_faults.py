"""A broker that dies, that has forgotten everything when it is back, and one that is away for a while."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tradewind.streaming.log import KafkaSettings, LogError, Message
from tradewind.streaming.log.kafka import KafkaLog
from tradewind.streaming.records import Bar

pytestmark = pytest.mark.slow
Make = Callable[..., Bar]
Drain = Callable[..., list[Message]]


def test_a_producer_tells_what_was_not_acknowledged_and_goes_on(
    own_broker: Any, make_bar: Make, drain: Drain, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL + 1)
    settings = KafkaSettings(delivery_seconds=2.0, connect_seconds=3.0, fetch_wait_ms=20)
    with KafkaLog(own_broker.address, settings) as log:
        producer = log.producer()
        producer.send_many([make_bar(i) for i in range(50)])
        producer.flush()
        own_broker.kill()
        lost = [make_bar(i) for i in range(50, 80)]
        producer.send_many(lost)
        with pytest.raises(LogError, match=r"30 messages are not acknowledged after 0.3 s and stay queued"):
            producer.flush(timeout=0.3)
        with pytest.raises(LogError, match="30 messages were not acknowledged and are given up") as caught:
            producer.flush(timeout=5.0)
        assert sorted(bar.time for bar in caught.value.unwritten) == [bar.time for bar in lost]
        producer.flush(timeout=0.5)  # named once
        with pytest.raises(LogError, match=r"cannot list topics|cannot ask"):
            KafkaLog(own_broker.address, KafkaSettings(connect_seconds=0.3))
        own_broker.start()
        log.forget("bars")
        until = time.monotonic() + 20
        while True:  # the topic is gone with the broker: made anew, and what was given up is sent again
            try:
                assert sum(log.ends("bars").values()) >= 0
                producer.send_many(lost)
                producer.flush(timeout=5.0)
                break
            except LogError:
                assert time.monotonic() < until
        found = drain(log.consumer(["bars"], group=None), 30)
        assert {m.record.time for m in found} == {bar.time for bar in lost}


class Wire:
    """A TCP relay to a broker that can be cut and joined, so that the broker is away and keeps what it has."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.loop = asyncio.new_event_loop()
        self.open: list[asyncio.StreamWriter] = []
        self.server: asyncio.Server | None = None
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` in the relay's thread."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def join(self) -> None:
        """Listen."""
        self.server = await asyncio.start_server(self.relay, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Listen no more, and break every connection."""
        if self.server is not None:
            self.server.close()
        for writer in self.open:
            writer.transport.abort()
        self.open.clear()
        await asyncio.sleep(0.05)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways."""
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self.open += [writer, back]

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65_536):
                    sink.write(data)
                    await sink.drain()
            sink.transport.abort()

        await asyncio.gather(carry(reader, back), carry(there, writer))

    def close(self) -> None:
        """Cut, and end the thread."""
        self.do(self.cut())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def test_while_the_broker_is_away_readers_wait_and_nothing_is_lost_or_doubled(
    broker_behind: Callable[[int], Any], make_bar: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL + 1)
    settings = KafkaSettings(delivery_seconds=30.0, connect_seconds=3.0, session_seconds=6.0, fetch_wait_ms=20)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    wire = Wire(port, broker_behind(port).port)
    wire.do(wire.join())
    try:
        with KafkaLog(f"127.0.0.1:{port}", settings) as log:
            producer, consumer = log.producer(), log.consumer(["bars"], group="g")
            seen: list[int] = []

            def read(count: int, seconds: float) -> None:
                until = time.monotonic() + seconds
                while len(seen) < count and time.monotonic() < until:
                    seen.extend(message.record.time for message in consumer.poll(100, 0.1))

            producer.send_many([make_bar(i) for i in range(20)])
            producer.flush()
            read(20, 30)
            consumer.commit()
            for trip in range(1, 4):
                producer.send_many([make_bar(i) for i in range(20 * trip, 20 * trip + 10)])
                wire.do(wire.cut())
                producer.send_many([make_bar(i) for i in range(20 * trip + 10, 20 * trip + 20)])
                with pytest.raises(LogError, match="stay queued"):
                    producer.flush(timeout=0.2)
                read(20 * trip + 20, 0.5)
                wire.do(wire.join())
                producer.flush()
                read(20 * trip + 20, 30)
            assert sorted(seen) == [make_bar(i).time for i in range(80)]
            assert sum(log.ends("bars").values()) == 80
            consumer.commit()
            assert consumer.lag() == 0
    finally:
        wire.close()
