"""Reading bars of all partitions at one pace, so that slices find their bars together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradewind.features.online.memory import BEFORE_ALL
from tradewind.streaming.log.protocol import Consumer, EventLog, Message, Positions

TOPIC = "bars"


class BarFeed:
    """Reads the topic ``bars`` of a log, and can hold back partitions that are ahead of the others."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._consumer: Consumer = log.consumer([TOPIC], group=None)
        self._reached: dict[int, int] = {}

    def poll(self, limit: int, timeout: float) -> Sequence[Message]:
        """Return up to ``limit`` messages; empty after ``timeout`` seconds without any."""
        return self._consumer.poll(limit, timeout)

    def took(self, messages: Sequence[Message]) -> None:
        """Note how far each partition has come with ``messages``."""
        reached = self._reached
        for message in messages[:: max(1, len(messages) // 64)]:  # a few tell enough: bars come about in order
            time = getattr(message.record, "time", BEFORE_ALL)
            if time > reached.get(message.partition, BEFORE_ALL):
                reached[message.partition] = time

    def behind(self, time: int) -> bool:
        """Whether a partition with messages left has not come beyond ``time``."""
        at = self._consumer.positions()
        return any(
            end > at.get((topic, partition), 0) and self._reached.get(partition, BEFORE_ALL) <= time
            for (topic, partition), end in self._log.ends(TOPIC).items()
        )

    def hold_back(self, messages: Sequence[Message], oldest: int, newest: int) -> list[Message]:
        """Return ``messages`` without those to be read again: of partitions beyond ``oldest``, from the first one later
        than ``newest`` on."""
        kept: list[Message] = []
        again: dict[tuple[str, int], int] = {}
        for message in messages:
            place = (message.topic, message.partition)
            if place not in again:
                ahead = self._reached.get(message.partition, BEFORE_ALL) > oldest
                if not ahead or getattr(message.record, "time", BEFORE_ALL) <= newest:
                    kept.append(message)
                else:
                    again[place] = message.offset
        if again:
            self._consumer.seek(again)
        return kept

    def unread(self, messages: Sequence[Message]) -> None:
        """Let ``messages``, the last that were polled, come again."""
        first: dict[tuple[str, int], int] = {}
        for message in messages:
            first.setdefault((message.topic, message.partition), message.offset)
        self._consumer.seek(first)

    def positions(self) -> dict[tuple[str, int], int]:
        """Return where it stands."""
        return self._consumer.positions()

    def seek(self, positions: Positions | Mapping[tuple[str, int], int]) -> None:
        """Go on from ``positions``."""
        self._consumer.seek(positions)

    def lag(self) -> int:
        """Return how many messages lie ahead."""
        return self._consumer.lag()

    def close(self) -> None:
        """Let go of the log."""
        self._consumer.close()
