"""The one seam to the event log: what the embedded log and Kafka both do.

A topic is cut into partitions; a key always goes to the same one, and within a partition messages keep their order.
A consumer belongs to a group: the partitions of its topics are shared among the group's living consumers, and what the
group has committed is where it goes on. Delivery is at least once; an effect happens once because whoever applies it
stores the positions together with the effect and seeks there on restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Literal, Protocol, Self

from msgspec import Struct, field

from tradewind.streaming.records import Record

Start = Literal["earliest", "latest"]
Positions = Mapping[tuple[str, int], int]
"""(topic, partition) -> offset of the next message to read."""


class Message(Struct, frozen=True, kw_only=True, gc=False):
    """One message as it lies in the log. ``record`` is what its bytes decoded to, upgraded to the newest schema.

    ``headers`` hold ``schema`` (``bar/1``) and, of a trace that goes on, ``traceparent``. ``written_at`` is when the
    log took it, microseconds UTC.
    """

    topic: str
    partition: int
    offset: int
    key: str
    record: Record
    written_at: int
    headers: Mapping[str, str] = field(default_factory=dict)


class Producer(Protocol):
    """Writes records. A retry after a fault never writes a message twice."""

    def send(self, record: Record, *, headers: Mapping[str, str] | None = None) -> None:
        """Queue ``record`` for its topic under its symbol as key; blocks while the queue is full."""
        ...

    def send_many(self, records: Iterable[Record]) -> None:
        """Queue many records in order."""
        ...

    def flush(self, timeout: float = 30.0) -> None:
        """Return when all that was sent is durable; LogError names what could not be written in time."""
        ...

    def close(self) -> None:
        """Flush and let go."""
        ...


class Consumer(Protocol):
    """Reads records of some topics as one member of a group."""

    def poll(self, limit: int = 1000, timeout: float = 0.1) -> Sequence[Message]:
        """Return up to ``limit`` messages, in order within a partition; empty after ``timeout`` seconds without any.

        A message that cannot be read goes to the topic ``<topic>.dead`` with its reason, and is passed over.
        """
        ...

    def positions(self) -> dict[tuple[str, int], int]:
        """Return where this consumer stands: after every message that :meth:`poll` gave."""
        ...

    def seek(self, positions: Positions) -> None:
        """Go on from ``positions``, whatever is committed; a partition not named there stays where it is."""
        ...

    def commit(self, positions: Positions | None = None) -> None:
        """Store ``positions`` (None: where it stands) as the group's."""
        ...

    def lag(self) -> int:
        """Return how many messages of its partitions lie ahead."""
        ...

    def close(self) -> None:
        """Leave the group without committing."""
        ...


class EventLog(Protocol):
    """A durable, replayable log of records."""

    def producer(self) -> Producer:
        """Return a new writer."""
        ...

    def consumer(self, topics: Sequence[str], *, group: str | None, start: Start = "earliest") -> Consumer:
        """Return a new reader of ``topics`` in ``group``; ``start`` counts where the group has committed nothing.

        Without a group it reads every partition, shares with nobody and commits nothing.
        """
        ...

    def ends(self, topic: str) -> dict[tuple[str, int], int]:
        """Return the offset after the last message of each partition."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
