"""Reading news ahead of bars: an item must be there before the bar closes that it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.features.online.memory import BEFORE_ALL, pack_texts, unpack_texts
from tradewind.streaming.log.protocol import Consumer, EventLog, Message, Positions
from tradewind.streaming.records import NewsItem

TOPIC = "news"


class NewsFeed:
    """Reads the topic ``news`` of a log as far as the bars have come."""

    def __init__(self, log: EventLog, batch: int) -> None:
        self._log, self._batch = log, batch
        self._consumer: Consumer = log.consumer([TOPIC], group=None)
        self._reached: dict[int, int] = {}

    def read(self, target: int) -> Iterator[Sequence[Message]]:
        """Iterate over batches until all that lies in the log, or all up to items published at ``target``, is read.

        A partition's items are taken to be in order of publication; one that is not comes late, and is put in its place
        then.
        """
        while messages := self._consumer.poll(self._batch, 0.0):
            for message in messages:
                if isinstance(message.record, NewsItem):
                    before = self._reached.get(message.partition, BEFORE_ALL)
                    self._reached[message.partition] = max(before, message.record.published_at)
            yield messages
            if len(messages) == self._batch and self._beyond(target):
                return

    def _beyond(self, target: int) -> bool:
        """Whether each partition is read beyond ``target`` or to its end."""
        at = self._consumer.positions()
        return all(
            self._reached.get(partition, BEFORE_ALL) > target or at.get((topic, partition), 0) >= end
            for (topic, partition), end in self._log.ends(TOPIC).items()
        )

    def positions(self) -> dict[tuple[str, int], int]:
        """Return where it stands."""
        return self._consumer.positions()

    def seek(self, positions: Positions) -> None:
        """Go on from ``positions``."""
        self._consumer.seek(positions)

    def lag(self) -> int:
        """Return how many messages lie ahead."""
        return self._consumer.lag()

    def close(self) -> None:
        """Let go of the log."""
        self._consumer.close()


class SeenItems:
    """Which items were taken, so that one that is repeated has no effect; forgets those whose bar is not kept.

    Items are known by their id; those without one by what they say, when and of whom.
    """

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._held)

    def add(self, code: int, item: NewsItem, *, history: bool = False) -> bool:
        """Remember ``item``; False where it was known.

        What a ``history`` brought without ids the stream may bring again with them: then it is known by what it says.
        """
        digest = hashlib.blake2b(f"{item.kind} {item.text}".encode("utf-8", "surrogatepass"), digest_size=12)
        said = f"{code} {item.published_at} {digest.hexdigest()}"
        key = f"{code} id {item.id}" if item.id else said
        if key in self._held or (said in self._held and not history):
            return False
        self._held[key] = (code, item.published_at)
        return True

    def prune(self, forgotten: IntArray) -> None:
        """Forget items of bars known by ``forgotten`` (S,) of their symbol: another one of them is too old anyway."""
        self._held = {key: held for key, held in self._held.items() if held[1] > forgotten[held[0]]}

    def state(self) -> dict[str, AnyArray]:
        """Return a copy as named arrays."""
        raw, length = pack_texts(list(self._held))
        return {"key": raw, "length": length, "of": np.array([*self._held.values()], dtype=np.int64).reshape(-1, 2)}

    def load(self, state: Mapping[str, AnyArray]) -> None:
        """Take over what :meth:`state` gave."""
        keys = unpack_texts(state["key"], state["length"])
        self._held = {key: (code, at) for key, (code, at) in zip(keys, state["of"].tolist(), strict=True)}
