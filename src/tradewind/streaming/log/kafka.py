"""The event log on Kafka, through confluent-kafka (librdkafka).

Schemas have no registry of their own: the version travels in each message's ``schema`` header, and the JSON Schema of
every version lies in ``docs/schemas``. Keys are the symbols, hashed as Kafka's own clients do.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from tradewind.core import MissingExtraError

try:
    import confluent_kafka as ck
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import NewTopic
except ImportError as _absent:
    raise MissingExtraError("confluent-kafka", "kafka") from _absent

from tradewind.streaming.log.dead import cut
from tradewind.streaming.log.description import GroupState, LogDescription, TopicState
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.kafka_consumer import KafkaConsumer, Reach
from tradewind.streaming.log.kafka_producer import KafkaProducer
from tradewind.streaming.log.kafka_scout import KafkaScout
from tradewind.streaming.log.kafka_settings import KafkaSettings
from tradewind.streaming.log.protocol import Start
from tradewind.streaming.schema import DeadLetter

logger = logging.getLogger(__name__)
Place = tuple[str, int]
T = TypeVar("T")


class KafkaLog:
    """The event log on a cluster of Kafka brokers; safe among threads.

    Parameters
    ----------
    bootstrap : ``host:port[,host:port]``.
    settings : see :class:`KafkaSettings`.

    Raises
    ------
    LogError : no broker answers in ``connect_seconds``, or it refuses the login.
    """

    def __init__(self, bootstrap: str, settings: KafkaSettings | None = None) -> None:
        self.bootstrap, self.settings = bootstrap, settings or KafkaSettings()
        self._lock = threading.RLock()
        self._partitions: dict[str, int] = {}
        self._open: list[KafkaProducer | KafkaConsumer] = []
        self._gravedigger: KafkaProducer | None = None
        self._closed = False
        self._last_error = ""
        self._admin = AdminClient(self._options(), logger=logger)
        self._scout: KafkaScout | None = None
        self._names()

    def __repr__(self) -> str:
        return f"KafkaLog({self.bootstrap!r})"

    def _options(self) -> dict[str, Any]:
        return {
            "bootstrap.servers": self.bootstrap,
            "client.id": "tradewind",
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 2_000,
            "error_cb": self._noted,
            **self.settings.security(),
        }

    def _noted(self, error: Any) -> None:
        if str(error) != self._last_error:
            logger.warning("Kafka at %s: %s", self.bootstrap, error.str())
        self._last_error = str(error)

    def _asked(self, what: str, call: Callable[[], T]) -> T:
        """Return what a broker answers.

        Raises
        ------
        LogError : it does not.
        """
        try:
            return call()
        except ck.KafkaException as error:
            raise LogError(
                f"cannot {what}: the brokers at {self.bootstrap} do not answer or refuse ({error.args[0].str()})"
            ) from error

    def _names(self) -> dict[str, int]:
        """Return every topic of the cluster and its number of partitions."""
        seconds = self.settings.connect_seconds
        found = self._asked("list topics", lambda: self._admin.list_topics(timeout=seconds))
        return {name: len(topic.partitions) for name, topic in found.topics.items()}

    def partitions(self, topic: str) -> int:
        """Return the number of partitions of ``topic``, which is made where it is absent.

        Raises
        ------
        LogError : the brokers do not answer, or refuse.
        """
        with self._lock:
            found = self._partitions.get(topic)
            if found:
                return found
            name = self.settings.prefix + topic
            number = self._names().get(name)
            if not number:
                number = self._make(name)
            self._partitions[topic] = number
            return number

    def _make(self, name: str) -> int:
        settings = self.settings
        new = NewTopic(name, num_partitions=settings.partitions, replication_factor=settings.replication)
        made = self._admin.create_topics([new], request_timeout=settings.connect_seconds)[name]
        try:
            made.result()
        except ck.KafkaException as error:
            if error.args[0].code() != ck.KafkaError.TOPIC_ALREADY_EXISTS:
                raise LogError(f"cannot make topic {name!r}: {error.args[0].str()}") from error
        until = time.monotonic() + settings.connect_seconds
        while not (number := self._names().get(name)):  # brokers hear of it one after another
            if time.monotonic() > until:
                raise LogError(f"topic {name!r} was made and does not appear")
            time.sleep(0.05)
        return number

    def forget(self, topic: str) -> None:
        """Look anew whether ``topic`` exists when it is next needed."""
        with self._lock:
            self._partitions.pop(topic, None)

    def _check_open(self) -> None:
        if self._closed:
            raise LogError("the log is closed")

    def _keep(self, part: KafkaProducer | KafkaConsumer) -> None:
        """Remember what must be closed with the log, and forget what was closed before."""
        with self._lock:
            self._open = [*(other for other in self._open if not other.closed), part]

    def producer(self) -> KafkaProducer:
        """Return a new writer."""
        self._check_open()
        producer = KafkaProducer(self._options(), self.settings, self.partitions, self.forget)
        self._keep(producer)
        return producer

    def consumer(self, topics: Sequence[str], *, group: str | None, start: Start = "earliest") -> KafkaConsumer:
        """Return a new reader of ``topics`` in ``group``; None reads every partition alone.

        Raises
        ------
        LogError : the brokers do not answer, or refuse.
        """
        self._check_open()
        places = [(topic, part) for topic in dict.fromkeys(topics) for part in range(self.partitions(topic))]
        consumer = KafkaConsumer(
            self._options(), self.settings, Reach(places, self._first, self.ends, self._bury), group, start
        )
        self._keep(consumer)
        return consumer

    def _bury(self, letters: Sequence[DeadLetter]) -> None:
        """Write dead letters, durably."""
        with self._lock:
            if self._gravedigger is None:
                self._gravedigger = self.producer()
        for letter in letters:
            self._gravedigger.send(cut(letter, self.settings.record_bytes))  # type: ignore[arg-type]
        self._gravedigger.flush(timeout=self.settings.delivery_seconds)

    def _scouting(self) -> KafkaScout:
        self._check_open()
        with self._lock:
            if self._scout is None:
                self._scout = KafkaScout(self._options(), self.settings.connect_seconds)
            return self._scout

    def _first(self, place: Place) -> int:
        return self._scouting().start(self.settings.prefix + place[0], place[1])

    def ends(self, topic: str) -> dict[Place, int]:
        """Return the offset after the last message of each partition.

        Raises
        ------
        LogError : the brokers do not answer.
        """
        found = self._scouting().ends(self.settings.prefix + topic, self.partitions(topic))
        return {(topic, part): end for part, end in sorted(found.items())}

    def describe(self) -> LogDescription:
        """Return what lies in the log and who reads it; of topics and groups with this prefix.

        Raises
        ------
        LogError : the brokers do not answer.
        """
        prefix = self.settings.prefix
        names = sorted(name[len(prefix) :] for name in self._names() if name.startswith(prefix))
        topics = []
        for name in names:
            ends = {part: end for (_, part), end in self.ends(name).items()}
            starts = {part: self._first((name, part)) for part in ends}
            topics.append(TopicState(name=name, starts=starts, ends=ends))
        return LogDescription(place=f"kafka://{self.bootstrap}", topics=tuple(topics), groups=self._groups(topics))

    def _groups(self, topics: Sequence[TopicState]) -> tuple[GroupState, ...]:
        prefix, seconds = self.settings.prefix, self.settings.connect_seconds
        listed = self._asked("list groups", lambda: self._admin.list_consumer_groups(request_timeout=seconds).result())
        names = sorted(group.group_id for group in listed.valid if group.group_id.startswith(prefix))
        places = [(topic.name, part) for topic in topics for part in topic.ends]
        groups = []
        for name in names:
            request = [ck.ConsumerGroupTopicPartitions(name)]
            found = self._asked(
                f"ask for the positions of group {name}",
                lambda request=request: next(  # type: ignore[misc]
                    iter(self._admin.list_consumer_group_offsets(request, request_timeout=seconds).values())
                ).result(),
            )
            about = self._asked(
                f"ask who is in group {name}",
                lambda name=name: self._admin.describe_consumer_groups([name], request_timeout=seconds)[name].result(),  # type: ignore[misc]
            )
            positions = {
                (part.topic[len(prefix) :], part.partition): part.offset
                for part in found.topic_partitions
                if part.offset >= 0 and (part.topic[len(prefix) :], part.partition) in places
            }
            groups.append(GroupState(name=name[len(prefix) :], members=len(about.members), positions=positions))
        return tuple(groups)

    def close(self) -> None:
        """Flush and close what is open.

        Raises
        ------
        LogError : something sent was not acknowledged.
        """
        if self._closed:
            return
        self._closed = True
        failed: LogError | None = None
        for part in self._open:
            try:
                part.close()
            except LogError as error:
                failed = error
        if self._scout is not None:
            self._scout.close()
        if failed is not None:
            raise failed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
