"""From items to the log, each once: what is being written is noted before, and what was written is noted after.

Between the two a process may be killed or the log may fail. Every message carries its item's key as a header, so the
log itself tells afterwards which of the noted items it holds; the others are written again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tradewind.core import Event, TradewindError
from tradewind.quality.stream import Bar as CheckedBar
from tradewind.quality.stream import StreamChecker
from tradewind.streaming.connectors.mapping import Mapped, Mapper, RejectedItem
from tradewind.streaming.connectors.status import ConnectorStatus
from tradewind.streaming.connectors.store import DeadLetters, Store
from tradewind.streaming.log.protocol import EventLog, Producer
from tradewind.streaming.records import TOPICS, Bar, NewsItem, Record

ITEM_HEADER = "item"
"""Header of a message that a connector wrote: ``<connector>:<key of the item>#<version>``."""

EventSink = Callable[[Event], None]

_LOGGER = logging.getLogger(__name__)
_LONGEST_ITEM = 65_536


@dataclass
class Batch:
    """Items of one page or burst, sorted into records and what is rejected; ``marks`` is where the connector stands
    once they are delivered."""

    mapped: list[Mapped] = field(default_factory=list)
    rejected: list[tuple[Any, str]] = field(default_factory=list)
    marks: dict[str, str | None] = field(default_factory=dict)
    skipped: int = 0

    def take(self, mapper: Mapper, item: Any, symbol: str | None = None) -> list[Mapped]:
        """Map ``item`` into the batch and return its records; one that cannot be mapped is kept with the reason."""
        try:
            found = mapper.map(item, symbol=symbol)
        except RejectedItem as error:
            self.rejected.append((item, str(error)))
            return []
        self.skipped += not found
        self.mapped += found
        return found


class Delivery:
    """Delivers the batches of one connector; its methods block and are called one at a time.

    Parameters
    ----------
    log : lets a fault be settled by reading; None: after a fault items may be written twice.
    on_event : is told the findings of the quality checks.
    checker : checks bars; None: they are not checked.
    """

    def __init__(
        self,
        store: Store,
        dead: DeadLetters,
        producer: Producer,
        status: ConnectorStatus,
        *,
        log: EventLog | None = None,
    ) -> None:
        self._store, self._dead, self._producer, self._log = store, dead, producer, log
        self.status = status
        self.checker: StreamChecker | None = None
        self.on_event: EventSink = log_event

    def recover(self) -> None:
        """Settle what a killed process had begun: what the log holds of it counts as delivered."""
        versions, ends = self._store.intended()
        if versions:
            self._store.finish(self._written(versions, ends) if self._log else {}, {})

    def deliver(self, batch: Batch) -> list[Record]:
        """Write the new items of ``batch`` durably, save its marks and return what was new.

        Raises
        ------
        TradewindError, sqlite3.Error, OSError : the log or the disk takes nothing now; deliver the same batch again.
        """
        refused = {_reject_key(item): (item, reason) for item, reason in batch.rejected}
        unique = {part.key: part for part in batch.mapped}  # of two versions on one page the later one counts
        versions = {key: part.version for key, part in unique.items()} | dict.fromkeys(refused, "")
        fresh = self._store.unseen(versions)
        records = [part for key, part in unique.items() if key in fresh]
        if records:
            self._write(records)
        poison = {key: value for key, value in refused.items() if key in fresh}
        if poison:
            self._bury(poison.values())
        self._store.finish({key: versions[key] for key in fresh}, batch.marks)
        written = [part.record for part in records]
        self._count(batch, written, len(poison))
        return written

    def _write(self, parts: Sequence[Mapped]) -> None:
        pending, before = self._store.intended()
        written: Mapping[str, str] = {}
        if pending:  # the last try failed half-way: what it had queued is flushed first, then the log is asked
            self._producer.flush()
            written = self._written(pending, before) if self._log else {}
        else:
            topics = {TOPICS[type(part.record)] for part in parts}
            ends = {place: end for topic in topics for place, end in self._log.ends(topic).items()} if self._log else {}
            self._store.intend({part.key: part.version for part in parts}, ends)
        for part in parts:
            if written.get(part.key) != part.version:
                self._producer.send(part.record, headers={ITEM_HEADER: self._header(part.key, part.version)})
        self._producer.flush()

    def _header(self, key: str, version: str) -> str:
        return f"{self.status.name}:{key}#{version}"

    def _written(self, versions: Mapping[str, str], before: Mapping[tuple[str, int], int]) -> dict[str, str]:
        """Those of ``versions`` that the log holds behind ``before``."""
        assert self._log is not None
        found = items_since(self._log, self.status.topic, before, group=f"connector-{self.status.name}")
        return {key: version for key, version in versions.items() if self._header(key, version) in found}

    def _bury(self, poison: Iterable[tuple[Any, str]]) -> None:
        name = {"connector": self.status.name, "topic": self.status.topic}
        self._dead.add({**name, "reason": reason, "item": _bounded(item)} for item, reason in poison)

    def _count(self, batch: Batch, written: Sequence[Record], poison: int) -> None:
        self.status.items += len(written)
        self.status.rejected += poison
        self.status.skipped += batch.skipped
        self.status.duplicates += len(batch.mapped) - len(written)
        times = [record.published_at if isinstance(record, NewsItem) else record.time for record in written]
        if times:
            self.status.last_item = max(*times, self.status.last_item or times[0])
        if self.checker is not None:
            for record in written:
                if isinstance(record, Bar):
                    self._check(self.checker, record)

    def _check(self, checker: StreamChecker, bar: Bar) -> None:
        prices = {name: getattr(bar, name) for name in ("open", "high", "low", "close", "adj_close", "volume")}
        time, known = np.datetime64(bar.time, "us"), np.datetime64(bar.known_at, "us")
        for event in checker.check(CheckedBar(symbol=bar.symbol, time=time, known_at=known, **prices)):
            self.raise_event(event)

    def raise_event(self, event: Event) -> None:
        """Count ``event`` and hand it on."""
        self.status.events += 1
        self.on_event(event)


async def deliver_surely(
    delivery: Delivery, batch: Batch, *, sleep: Callable[[int], Any], on_fault: Callable[[str], None]
) -> Sequence[Record]:
    """Deliver ``batch`` however long the log is away; ``sleep`` is awaited with the number of the failed try.

    Whatever ``sleep`` raises ends it, with nothing lost: the batch is not marked as delivered.
    """
    tries = 0
    while True:
        try:
            # shielded: a thread cannot be cancelled, and its store must not be closed under it
            written: Sequence[Record] = await _whole(asyncio.to_thread(delivery.deliver, batch))
            return written
        except (TradewindError, sqlite3.Error, OSError) as error:
            tries += 1
            on_fault(f"the log took nothing: {error}")
            await sleep(tries)


async def _whole(work: Any) -> Any:
    """Await ``work`` to its end even where the waiter is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise


def items_since(
    log: EventLog, topic: str, before: Mapping[tuple[str, int], int], *, group: str, timeout: float = 60.0
) -> set[str]:
    """Return the item headers of ``topic`` from the offsets ``before`` to the present end.

    Raises
    ------
    TradewindError : the log could not be read to its end within ``timeout`` seconds.
    """
    ends = {place: end for place, end in log.ends(topic).items() if end > before.get(place, 0)}
    found: set[str] = set()
    if not ends:
        return found
    consumer = log.consumer([topic], group=group)
    try:
        consumer.seek({place: before.get(place, 0) for place in ends})
        deadline = time.monotonic() + timeout
        at: dict[tuple[str, int], int] = {}
        while any(at.get(place, 0) < end for place, end in ends.items()):
            for message in consumer.poll(1000, 0.2):
                at[message.topic, message.partition] = message.offset + 1
                found.add(message.headers.get(ITEM_HEADER, ""))
            at.update({place: offset for place, offset in consumer.positions().items() if offset >= at.get(place, 0)})
            if time.monotonic() > deadline:
                raise TradewindError(f"the topic {topic} could not be read to its end in {timeout:g} s")
    finally:
        consumer.close()
    return found


def log_event(event: Event) -> None:
    """Write ``event`` to the program's log."""
    _LOGGER.warning("%s %s: %s", event.kind, event.symbol or "", event.message)


def _reject_key(item: Any) -> str:
    text = json.dumps(item, sort_keys=True, default=repr)
    return "!" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _bounded(item: Any) -> Any:
    text = json.dumps(item, default=repr)
    return item if len(text) <= _LONGEST_ITEM else text[:_LONGEST_ITEM] + "..."
