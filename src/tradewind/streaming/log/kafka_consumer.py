"""The consumer on Kafka: commits by hand, knows where it stands, passes over what cannot be read."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import confluent_kafka as ck

from tradewind.core import TradewindError
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.kafka_settings import KafkaSettings
from tradewind.streaming.log.protocol import Message, Positions, Start
from tradewind.streaming.schema import SCHEMAS, DeadLetter, UnreadableError

logger = logging.getLogger(__name__)
Place = tuple[str, int]
_NOT_MINE = {
    ck.KafkaError.ILLEGAL_GENERATION,
    ck.KafkaError.UNKNOWN_MEMBER_ID,
    ck.KafkaError.REBALANCE_IN_PROGRESS,
    ck.KafkaError._ASSIGNMENT_LOST,
}


@dataclass(frozen=True)
class Reach:
    """What a consumer asks of its log.

    ``places`` : the partitions of its topics. ``first`` : the first offset kept of one. ``ends`` : where a topic ends.
    ``bury`` : writes dead letters, durably.
    """

    places: Sequence[Place]
    first: Callable[[Place], int]
    ends: Callable[[str], Mapping[Place, int]]
    bury: Callable[[Sequence[DeadLetter]], None]


class KafkaConsumer:
    """Reads some topics as one member of a group; for one thread at a time."""

    def __init__(
        self,
        options: Mapping[str, Any],
        settings: KafkaSettings,
        reach: Reach,
        group: str | None,
        start: Start,
    ) -> None:
        self._settings, self._reach, self._group, self._start = settings, reach, group, start
        self._prefix = settings.prefix
        self._positions: dict[Place, int] = {}
        self._wanted: dict[Place, int] = {}
        self._headers: dict[bytes, tuple[str, Mapping[str, str]]] = {}
        self.closed = False
        name = settings.prefix + (group if group is not None else f"alone-{secrets.token_hex(8)}")
        self._client: Any = ck.Consumer(
            {
                **options,
                "group.id": name,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": start,
                "session.timeout.ms": int(settings.session_seconds * 1000),
                "heartbeat.interval.ms": max(100, int(settings.session_seconds * 1000 / 5)),
                "fetch.wait.max.ms": settings.fetch_wait_ms,
            },
            logger=logger,
        )
        if group is None:
            self._assigned(self._client, [self._part(place) for place in reach.places])
        else:
            topics = list(dict.fromkeys(self._prefix + topic for topic, _ in reach.places))
            self._client.subscribe(topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)

    def _part(self, place: Place, offset: int = ck.OFFSET_INVALID) -> Any:
        return ck.TopicPartition(self._prefix + place[0], place[1], offset)

    def _place(self, part: Any) -> Place:
        return part.topic[len(self._prefix) :], part.partition

    def _assigned(self, client: Any, parts: Sequence[Any]) -> None:
        """Begin with the partitions that fell to this member, each where it should."""
        committed: dict[Place, int] = {}
        wanted = {place: self._wanted.pop(place) for place in map(self._place, parts) if place in self._wanted}
        self._positions |= wanted  # they count whether or not the brokers can say what is committed
        stored = ck.OFFSET_STORED if self._group is not None else ck.OFFSET_BEGINNING
        try:
            if self._group is not None and parts:
                found = client.committed(list(parts), timeout=self._settings.connect_seconds)
                committed = {self._place(part): part.offset for part in found if part.offset >= 0}
            ends: dict[Place, int] = {}
            for place in map(self._place, parts):
                position = wanted.get(place, committed.get(place))
                if position is None and self._start == "earliest":
                    position = self._reach.first(place)
                elif position is None:
                    ends = ends if place in ends else dict(self._reach.ends(place[0]))
                    position = ends[place]
                self._positions[place] = position
        except (ck.KafkaException, LogError) as error:
            logger.warning("cannot ask where to begin (%s); the brokers decide", error)
        client.assign([self._part(self._place(p), self._positions.get(self._place(p), stored)) for p in parts])

    def _revoked(self, _client: Any, parts: Sequence[Any]) -> None:
        for part in parts:
            self._positions.pop(self._place(part), None)

    def poll(self, limit: int = 1000, timeout: float = 0.1) -> Sequence[Message]:
        """Return up to ``limit`` messages; empty after ``timeout`` seconds without any, also while no broker answers.

        Raises
        ------
        LogError : an unreadable message could not be put aside (what was passed is read again); the client gave up.
        """
        if self.closed:
            raise LogError("the consumer is closed")
        until = time.monotonic() + timeout
        while True:
            raw = self._raw(limit, max(until - time.monotonic(), 0.0))
            messages = self._take(raw) if raw else []
            if messages or time.monotonic() >= until:
                return messages

    def _raw(self, limit: int, timeout: float) -> list[Any]:
        """Wait for the first message, and take with it what has come already."""
        try:
            first = self._client.poll(timeout)
            if first is None:
                return []
            rest = self._client.consume(limit - 1, timeout=0) if limit > 1 else []
        except ck.KafkaException as error:
            raise LogError(f"cannot read: {error.args[0].str()}") from error
        return [first, *rest]

    def _take(self, raw: Sequence[Any]) -> list[Message]:
        messages: list[Message] = []
        letters: list[DeadLetter] = []
        reached: dict[Place, int] = {}
        first: dict[Place, int] = {}
        for item in raw:
            error = item.error()
            if error is not None:
                logger.warning("Kafka consumer: %s", error.str())
                continue
            place = item.topic()[len(self._prefix) :], item.partition()
            offset = item.offset()
            first.setdefault(place, offset)
            reached[place] = offset + 1
            self._decode(place, offset, item, messages, letters)
        if letters:
            try:
                self._reach.bury(letters)
            except TradewindError:
                self._go_to({**self._positions, **first})
                raise
        self._positions.update(reached)
        return messages

    def _decode(self, place: Place, offset: int, item: Any, messages: list[Message], letters: list[DeadLetter]) -> None:
        written_at = item.timestamp()[1] * 1000
        key, value = (item.key() or b"").decode(errors="replace"), item.value() or b""
        pairs = item.headers() or []
        if len(pairs) == 1 and (known := self._headers.get(pairs[0][1])) is not None and pairs[0][0] == "schema":
            schema, headers = known
        else:
            headers = {name: (text or b"").decode(errors="replace") for name, text in pairs}
            schema = headers.get("schema", "")
            if len(pairs) == 1 and schema and len(self._headers) < 1000:
                self._headers[pairs[0][1]] = schema, MappingProxyType(dict(headers))
        try:
            record = SCHEMAS.decode(schema, value, written_at)
        except UnreadableError as error:
            letter = DeadLetter(
                topic=place[0], partition=place[1], offset=offset, reason=error.args[0], value=value, key=key,
                group=self._group or "", written_at=written_at, headers=dict(headers),
            )  # fmt: skip
            letters.append(letter)
            return
        messages.append(
            Message(
                topic=place[0], partition=place[1], offset=offset, key=key, record=record, written_at=written_at,
                headers=headers,
            )
        )  # fmt: skip

    def positions(self) -> dict[Place, int]:
        """Return where this consumer stands in each partition it owns."""
        return dict(self._positions)

    def seek(self, positions: Positions) -> None:
        """Go on from ``positions``; those of partitions it does not own count when it first gets them."""
        known = set(self._reach.places)
        mine = {place: offset for place, offset in positions.items() if place in self._positions}
        self._wanted |= {place: offset for place, offset in positions.items() if place not in mine and place in known}
        if mine:
            self._go_to({**self._positions, **mine})

    def _go_to(self, positions: Positions) -> None:
        """Assign what it owns anew from ``positions``, which also drops what was fetched ahead."""
        self._positions = dict(positions)
        self._client.assign([self._part(place, offset) for place, offset in positions.items()])

    def commit(self, positions: Positions | None = None) -> None:
        """Store ``positions`` (None: where it stands) as the group's.

        Where the group has dealt the partitions out anew nothing is stored, with a warning: what they were at is read
        again by their new owners.

        Raises
        ------
        LogError : the consumer has no group, or the brokers do not answer.
        """
        if self._group is None:
            raise LogError("a consumer without a group commits nothing")
        given = self._positions if positions is None else positions
        if not given:
            return
        try:
            parts = self._client.commit(
                offsets=[self._part(place, offset) for place, offset in given.items()], asynchronous=False
            )
        except ck.KafkaException as error:
            if error.args[0].code() in _NOT_MINE:
                logger.warning("group %s: not committed: %s", self._group, error.args[0].str())
                return
            raise LogError(f"cannot commit: {error.args[0].str()}") from error
        for part in parts or ():
            if part.error is not None:
                raise LogError(f"cannot commit {part.topic}/{part.partition}: {part.error.str()}")

    def lag(self) -> int:
        """Return how many messages of its partitions lie ahead.

        Raises
        ------
        LogError : the brokers do not answer.
        """
        topics = {topic for topic, _ in self._positions}
        ends = {place: end for topic in topics for place, end in self._reach.ends(topic).items()}
        return sum(max(0, ends[place] - position) for place, position in self._positions.items())

    def close(self) -> None:
        """Leave the group without committing."""
        if not self.closed:
            self.closed = True
            self._client.close()
