"""Reading a stretch of the log again, as fast as it goes or at the pace it was written."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from heapq import heapify, heappop, heapreplace

from tradewind.core import UsageError
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.protocol import Consumer, EventLog, Message, Positions

_PATIENCE = 60.0


def replay(
    log: EventLog,
    topics: Sequence[str],
    *,
    start: Positions | None = None,
    speed: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Message]:
    """Yield the messages of ``topics`` up to where they end now, those of all partitions by the time of writing.

    Parameters
    ----------
    log : to read; no group is joined and nothing is committed.
    start : (topic, partition) -> first offset; those not named are read from the beginning.
    speed : None as fast as it goes; 1 at the pace of writing, 10 ten times as fast.
    sleep : waits so many seconds.

    Raises
    ------
    UsageError : ``speed`` is not above 0.
    LogError : the log stopped giving messages before the end.
    """
    if speed is not None and not speed > 0:
        raise UsageError(f"speed {speed} is not above 0", fix="give 1 for the pace of writing, 2 for twice that")
    ends = {place: end for topic in dict.fromkeys(topics) for place, end in log.ends(topic).items()}
    with closing(log.consumer(topics, group=None)) as consumer:
        if start:
            consumer.seek(start)
        messages = _merged(consumer, ends, dict(start or {}))
        if speed is None:
            yield from messages
            return
        first, began = None, time.monotonic()
        for message in messages:
            if first is None:
                first, began = message.written_at, time.monotonic()
            wait = (message.written_at - first) / 1e6 / speed - (time.monotonic() - began)
            if wait > 0:
                sleep(wait)
            yield message


def _merged(consumer: Consumer, ends: Positions, start: Positions) -> Iterator[Message]:
    """Yield messages below ``ends`` in the order (written_at, topic, partition, offset)."""
    waiting: dict[tuple[str, int], deque[Message]] = {place: deque() for place in ends}
    unread = {place for place, end in ends.items() if end > start.get(place, 0)}
    heap: list[tuple[int, str, int]] = []

    def fill() -> None:
        """Read until every partition that is not at its end has a message waiting."""
        until = time.monotonic() + _PATIENCE
        while any(not waiting[place] for place in unread):
            found = consumer.poll(4_000, 0.1)
            for message in found:
                place = message.topic, message.partition
                if message.offset < ends[place]:
                    waiting[place].append(message)
            positions = consumer.positions()
            unread.difference_update([place for place in unread if positions.get(place, -1) >= ends[place]])
            if found:
                until = time.monotonic() + _PATIENCE
            elif time.monotonic() > until:
                raise LogError(
                    f"no message came for {_PATIENCE:g} s, and partitions {sorted(unread)} are not at their end"
                )

    fill()
    heap = [(queue[0].written_at, *place) for place, queue in waiting.items() if queue]
    heapify(heap)
    while heap:
        _, topic, partition = heap[0]
        queue = waiting[topic, partition]
        yield queue.popleft()
        if not queue and (topic, partition) in unread:
            fill()
        if queue:
            heapreplace(heap, (queue[0].written_at, topic, partition))
        else:
            heappop(heap)
