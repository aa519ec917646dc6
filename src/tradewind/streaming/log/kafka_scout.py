"""Asking a Kafka cluster where its topics begin and end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

import confluent_kafka as ck

from tradewind.streaming.log.errors import LogError

logger = logging.getLogger(__name__)


class KafkaScout:
    """A consumer that reads nothing and only finds ends; safe among threads.

    The end is taken from a fetch there and not from the broker's list of offsets alone: there are brokers (Tansu 0.6)
    that list the last batch's beginning as the end, and a reader told so would see messages twice or wait for none.
    """

    def __init__(self, options: Mapping[str, Any], seconds: float) -> None:
        self._lock, self._seconds = threading.Lock(), seconds
        self._client: Any = ck.Consumer(
            {
                **options,
                "group.id": "tradewind-scout",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 10,
                "auto.offset.reset": "latest",
            },
            logger=logger,
        )

    def start(self, topic: str, partition: int) -> int:
        """Return the first offset that is kept.

        Raises
        ------
        LogError : the brokers do not answer.
        """
        try:
            with self._lock:
                part = ck.TopicPartition(topic, partition)
                return int(self._client.get_watermark_offsets(part, timeout=self._seconds)[0])
        except ck.KafkaException as error:
            raise LogError(f"cannot ask where {topic} begins: {error.args[0].str()}") from error

    def ends(self, topic: str, partitions: int) -> dict[int, int]:
        """Return partition -> the offset after its last message.

        Raises
        ------
        LogError : the brokers do not answer.
        """
        found: dict[int, int] = {}
        reason = "no answer"
        until = time.monotonic() + self._seconds
        with self._lock:
            try:
                self._client.assign([ck.TopicPartition(topic, part, ck.OFFSET_END) for part in range(partitions)])
                while len(found) < partitions:
                    if time.monotonic() > until:
                        raise LogError(f"cannot ask where {topic} ends: {reason}")
                    for item in self._client.consume(100, timeout=0) or [self._client.poll(0.05)]:
                        error = item.error() if item is not None else None
                        if error is None:
                            continue
                        if error.code() == ck.KafkaError._PARTITION_EOF:
                            found[item.partition()] = item.offset()
                        else:
                            reason = error.str()
            except ck.KafkaException as error:
                raise LogError(f"cannot ask where {topic} ends: {error.args[0].str()}") from error
            finally:
                self._client.unassign()
        return found

    def close(self) -> None:
        """Let go."""
        self._client.close()
