"""The consumer of the embedded log."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tradewind.core import TradewindError
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.groups import Groups, Place
from tradewind.streaming.log.protocol import Message, Positions, Start
from tradewind.streaming.log.reader import Batch, Damage, PartitionReader
from tradewind.streaming.log.settings import LogSettings
from tradewind.streaming.schema import SCHEMAS, DeadLetter, UnreadableError

logger = logging.getLogger(__name__)

_BUSY_SECONDS, _IDLE_SECONDS = 0.002, 0.008
"""Pause between two looks at the files while messages come, and when none came for a second.

Writers of the same log object end it at once; it is what a message of another process may wait.
"""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a consumer reads from; the log provides it."""

    places: Sequence[Place]
    reader: Callable[[Place, int], PartitionReader]
    end: Callable[[Place], int]
    bury: Callable[[Sequence[DeadLetter]], None]
    version: Callable[[], int]
    wait: Callable[[int, float], None]
    groups: Groups
    settings: LogSettings


class EmbeddedConsumer:
    """Reads some topics as one member of a group; for one thread at a time."""

    def __init__(self, source: Source, group: str | None, start: Start) -> None:
        self._source, self._group, self._start = source, group, start
        self._member = secrets.token_hex(8)
        self._readers: dict[Place, PartitionReader] = {}
        self._wanted: dict[Place, int] = {}
        self._headers: dict[str, Mapping[str, str]] = {}
        self._turn, self._next_beat, self.closed = 0, 0.0, False
        self._last = time.monotonic()  # when messages last came
        if group is None:
            self._assign(set(source.places))
        else:
            self._beat()

    def _beat(self) -> None:
        """Renew the lease, and take on and give up partitions, when it is time."""
        now = time.monotonic()
        if self._group is None or now < self._next_beat:
            return
        lease = self._source.settings.lease_seconds
        self._next_beat = now + min(lease / 5, 0.5)
        try:
            owned = self._source.groups.beat(self._group, self._member, self._source.places, lease)
        except LogError as error:
            if not self._readers:
                raise
            # Nobody else can take the partitions over while the store cannot be written, so reading may go on.
            logger.warning("%s; keeping the partitions at hand", error.problem)
            return
        if owned != self._readers.keys():
            self._assign(owned)

    def _assign(self, owned: set[Place]) -> None:
        for place in self._readers.keys() - owned:
            self._readers.pop(place).close()
        new = sorted(owned - self._readers.keys())
        committed = self._source.groups.committed(self._group) if self._group is not None and new else {}
        for place in new:
            self._readers[place] = self._source.reader(place, self._first(place, committed))

    def _first(self, place: Place, committed: Mapping[Place, int]) -> int:
        """Return where to begin with a partition."""
        position = self._wanted.pop(place, committed.get(place))
        if position is None and self._start == "earliest":
            return 0
        return self._source.end(place) if position is None else self._reachable(place, position)

    def _reachable(self, place: Place, position: int) -> int:
        """Return ``position``, or the end where a power cut took the messages before it.

        Waiting behind the end would pass over the messages that are written there next.
        """
        end = self._source.end(place)
        if position > end:
            logger.warning("%s/%d: position %d lies behind the end; going on from %d", *place, position, end)
            return end
        return position

    def poll(self, limit: int = 1000, timeout: float = 0.1) -> Sequence[Message]:
        """Return up to ``limit`` messages; empty after ``timeout`` seconds without any.

        Raises
        ------
        LogError : an unreadable message could not be put aside, or the disk fails; what was passed is read again.
        """
        if self.closed:
            raise LogError("the consumer is closed")
        until = time.monotonic() + timeout
        while True:
            self._beat()
            version = self._source.version()
            messages = self._take(limit)
            now = time.monotonic()
            if messages:
                self._last = now
            if messages or now >= until:
                return messages
            pause = _BUSY_SECONDS if now - self._last < 1.0 else _IDLE_SECONDS
            self._source.wait(version, min(until - now, pause))

    def _take(self, limit: int) -> list[Message]:
        messages: list[Message] = []
        letters: list[DeadLetter] = []
        places = list(self._readers)
        before = {place: reader.offset for place, reader in self._readers.items()}
        try:
            share = -(-limit // max(len(places), 1))
            for most in (share, limit):  # a fair share of each first, then whatever is there
                for n in range(len(places)):
                    room = min(most, limit - len(messages))
                    if room <= 0:
                        break
                    place = places[(self._turn + n) % len(places)]
                    for part in self._readers[place].take(room):
                        if isinstance(part, Damage):
                            letters.append(self._damage(place, part))
                        else:
                            self._decode(place, part, messages, letters)
            if letters:
                self._source.bury(letters)
        except (TradewindError, OSError) as error:
            for place, offset in before.items():
                self._readers[place].seek(offset)
            if isinstance(error, TradewindError):
                raise
            raise LogError(f"cannot read the log: {error}") from error
        self._turn += 1
        return messages

    def _decode(self, place: Place, batch: Batch, messages: list[Message], letters: list[DeadLetter]) -> None:
        topic, partition = place
        written_at, decode, add, known = batch.written_at, SCHEMAS.decode, messages.append, self._headers
        for offset, (key, schema, value, further) in enumerate(batch.entries, batch.base):
            try:
                record = decode(schema, value, written_at)
            except UnreadableError as error:
                letters.append(
                    DeadLetter(
                        topic=topic, partition=partition, offset=offset, reason=error.args[0], value=value, key=key,
                        group=self._group or "", written_at=written_at,
                        headers={**(further or {}), "schema": schema},
                    )
                )  # fmt: skip
                continue
            headers = known.get(schema)
            if headers is None:
                headers = known[schema] = MappingProxyType({"schema": schema})
            if further:
                headers = {"schema": schema, **further}
            add(
                Message(
                    topic=topic, partition=partition, offset=offset, key=key, record=record, written_at=written_at,
                    headers=headers,
                )
            )  # fmt: skip

    def _damage(self, place: Place, damage: Damage) -> DeadLetter:
        lost = damage.following - damage.base
        return DeadLetter(
            topic=place[0],
            partition=place[1],
            offset=damage.base,
            reason=f"damaged in the file: {damage.place}; at most {lost} messages from this offset on are lost",
            value=damage.value,
            group=self._group or "",
            written_at=time.time_ns() // 1000,
        )

    def positions(self) -> dict[Place, int]:
        """Return where this consumer stands in each partition it owns."""
        return {place: reader.offset for place, reader in self._readers.items()}

    def seek(self, positions: Positions) -> None:
        """Go on from ``positions``; those of partitions it does not own count when it first gets them."""
        for place, offset in positions.items():
            reader = self._readers.get(place)
            if reader is not None:
                reader.seek(self._reachable(place, offset))
            elif place in self._source.places:
                self._wanted[place] = offset

    def commit(self, positions: Positions | None = None) -> None:
        """Store ``positions`` (None: where it stands) as the group's.

        A partition that another member owns by now is left out, with a warning: what it was at is read again there.

        Raises
        ------
        LogError : the consumer has no group, or the store cannot be written; nothing is stored then.
        """
        if self._group is None:
            raise LogError("a consumer without a group commits nothing")
        given = self.positions() if positions is None else dict(positions)
        lost = self._source.groups.commit(self._group, self._member, given)
        if lost:
            logger.warning("group %s: %s belong to another member by now; not committed", self._group, lost)

    def lag(self) -> int:
        """Return how many messages of its partitions lie ahead."""
        return sum(max(0, self._source.end(place) - reader.offset) for place, reader in self._readers.items())

    def close(self) -> None:
        """Leave the group without committing."""
        if self.closed:
            return
        self.closed = True
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
        if self._group is not None:
            try:
                self._source.groups.leave(self._group, self._member)
            except LogError as error:
                logger.warning("%s; its lease runs out by itself", error.problem)
