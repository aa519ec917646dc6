"""The producer on Kafka: idempotent, and honest about what was not acknowledged."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import confluent_kafka as ck

from tradewind.core import InputError
from tradewind.streaming.log.embedded_producer import as_record
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.kafka_settings import KafkaSettings
from tradewind.streaming.records import Record
from tradewind.streaming.schema import SCHEMAS, DeadLetter

logger = logging.getLogger(__name__)
Headers = list[tuple[str, bytes]]
_SERVE_EVERY = 64
_FORGOTTEN = {
    ck.KafkaError.UNKNOWN_PRODUCER_ID,
    ck.KafkaError.INVALID_PRODUCER_ID_MAPPING,
    ck.KafkaError.INVALID_PRODUCER_EPOCH,
    ck.KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
}
"""The cluster no longer knows this producer; every further message of it would fail."""


class KafkaProducer:
    """Sends records; safe among threads.

    librdkafka tries each message again, with back-off, until it is acknowledged by all replicas in sync or
    ``delivery_seconds`` have passed; its idempotence writes it once however often it is tried. What was given up is
    named by the next ``flush`` (or ``close``). It may lie in the log all the same where only the answer was lost, so
    it is for the caller to send it again.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        settings: KafkaSettings,
        partitions: Callable[[str], int],
        forget: Callable[[str], None],
    ) -> None:
        self._options = {
            **options,
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "linger.ms": settings.linger_ms,
            "message.timeout.ms": int(settings.delivery_seconds * 1000),
            "queue.buffering.max.messages": settings.queue_records,
            "message.max.bytes": settings.record_bytes + 4096,
            "delivery.report.only.error": True,
        }
        self._settings, self._partitions, self._forget = settings, partitions, forget
        self._lock = threading.RLock()
        self._client: Any = self._new()
        self._headers: dict[str, Headers] = {}
        self._reports: dict[str, Callable[[Any, Any], None]] = {}
        self._known: set[str] = set()
        self._given_up: list[Any] = []
        self._reason = ""
        self._fatal = False
        self.closed = False
        self._sent = 0

    def _new(self) -> Any:
        def noted(error: Any) -> None:
            self._reason = error.str()
            if error.fatal():
                self._fatal = True
            logger.warning("Kafka producer: %s", error.str())

        return ck.Producer({**self._options, "error_cb": noted}, logger=logger)

    def _failed(self, schema: str, error: Any, message: Any) -> None:
        """Note a message that was given up; a report carries no headers, so its schema is bound to the callback."""
        if error is None:
            return
        self._reason = error.str()
        if error.code() in {ck.KafkaError.UNKNOWN_TOPIC_OR_PART, ck.KafkaError._UNKNOWN_TOPIC}:
            self._known.clear()
            self._forget(message.topic()[len(self._settings.prefix) :])
        if error.fatal() or error.code() in _FORGOTTEN:
            self._fatal = True
        self._given_up.append(as_record(schema, message.value() or b""))

    def send(self, record: Record, *, headers: Mapping[str, str] | None = None) -> None:
        """Queue ``record``; it may wait while the queue is full.

        Raises
        ------
        InputError : the record is longer than the log takes.
        LogError : the queue stayed full, the topic cannot be made, or the producer is closed.
        """
        carried: Any = record
        topic, schema, value = SCHEMAS.encode(carried)
        if len(value) > self._settings.record_bytes:
            raise InputError(
                f"a record of {len(value)} bytes for topic {topic!r} is longer than {self._settings.record_bytes}",
                fix="shorten it, or raise record_bytes of the log's settings and the topic's max.message.bytes",
            )
        sent = self._headers.get(schema)
        if sent is None:
            sent = self._headers[schema] = [("schema", schema.encode())]
            self._reports[schema] = partial(self._failed, schema)
        if headers:
            sent = [*sent, *((name, text.encode()) for name, text in headers.items() if name != "schema")]
        key: str = carried.key if type(carried) is DeadLetter else carried.symbol
        if topic not in self._known:
            self._partitions(topic)  # makes it
            self._known.add(topic)
        self._produce(self._settings.prefix + topic, key, value, sent, self._reports[schema])

    def _produce(self, topic: str, key: str, value: bytes, headers: Headers, report: Any) -> None:
        until = 0.0
        while True:
            with self._lock:
                if self.closed:
                    raise LogError("the producer is closed")
                if self._fatal:
                    self._renew()
                try:
                    self._client.produce(topic, value, key, headers=headers, on_delivery=report)
                except BufferError:
                    pass  # full: wait below for messages to leave
                except ck.KafkaException as error:
                    if not error.args[0].fatal():
                        raise LogError(f"cannot send to {topic}: {error.args[0].str()}") from error
                    self._fatal = True
                else:
                    self._sent += 1
                    if not self._sent % _SERVE_EVERY:
                        self._serve(0)
                    return
            until = until or time.monotonic() + self._settings.delivery_seconds
            if time.monotonic() > until:
                raise LogError(
                    f"{len(self._client)} messages wait and none was acknowledged: {self._reason or 'no answer'}"
                )
            self._serve(0.05)

    def _serve(self, seconds: float) -> None:
        """Run the callbacks that are due.

        A fatal error comes as an exception out of ``poll``. Never ``flush`` of the client: it goes on to run callbacks
        while that exception is set, which ends the process.
        """
        try:
            self._client.poll(seconds)
        except ck.KafkaException as error:
            self._reason = error.args[0].str()
            self._fatal = True

    def _settle(self, seconds: float) -> int:
        """Serve until nothing waits for an answer, or for so long; return how many still wait."""
        until, pause = time.monotonic() + seconds, 0.001
        while (left := len(self._client)) and (now := time.monotonic()) < until:
            self._serve(min(pause, until - now))
            pause = min(2 * pause, 0.02)
        return left

    def _renew(self) -> None:
        """Replace a client that gave up for good, as it does when the cluster has forgotten its producer id."""
        logger.warning("Kafka producer: beginning anew after %s", self._reason)
        self._abandon()
        self._client = self._new()
        self._fatal = False

    def _abandon(self) -> None:
        """Give up all that waits; it is noted as such."""
        self._client.purge()
        self._settle(1.0)

    def send_many(self, records: Iterable[Record]) -> None:
        """Queue many records in order.

        Raises
        ------
        As :meth:`send`.
        """
        for record in records:
            self.send(record)
        self._serve(0)

    def flush(self, timeout: float = 30.0) -> None:
        """Return when all that was sent is acknowledged.

        Raises
        ------
        LogError : messages are not acknowledged in time and stay queued, or were given up: those are in
            ``unwritten``, and named once.
        """
        with self._lock:
            left = self._settle(timeout)
            if self._fatal:
                self._renew()
                left = 0
            given_up, self._given_up = self._given_up, []
        if given_up:
            raise LogError(
                f"{len(given_up)} messages were not acknowledged and are given up: {self._reason}", unwritten=given_up
            )
        if left:
            raise LogError(
                f"{left} messages are not acknowledged after {timeout:g} s and stay queued: "
                f"{self._reason or 'no answer'}"
            )
        self._reason = ""

    def close(self) -> None:
        """Flush and let go.

        Raises
        ------
        LogError : something sent was not acknowledged; ``unwritten`` says what.
        """
        with self._lock:
            if self.closed:
                return
            self.closed = True  # first: what another thread sends from now on is refused, not left behind
        try:
            self.flush(self._settings.delivery_seconds + 1.0)
        except LogError as error:
            self._abandon()
            lost = [*error.unwritten, *self._given_up]
            raise LogError(f"{len(lost)} messages were not acknowledged: {self._reason}", unwritten=lost) from error
