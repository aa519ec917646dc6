"""The producer of the embedded log: a queue, written in batches by whoever comes first."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tradewind.core import InputError
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.frames import Entry
from tradewind.streaming.log.settings import LogSettings
from tradewind.streaming.log.writer import PartitionWriter
from tradewind.streaming.records import Record
from tradewind.streaming.schema import SCHEMAS, DeadLetter, UnreadableError

logger = logging.getLogger(__name__)

Route = Callable[[str, str], PartitionWriter]
"""(topic, key) -> the writer of its partition."""

_FRAME_ENTRIES = 4_096
_FRAME_BYTES = 4 << 20
CLOSING_SECONDS = 30.0
"""How long closing tries to write what is queued."""


@dataclass(slots=True)
class _Queue:
    """What waits for one partition; ``sequence`` is that of its first entry."""

    writer: PartitionWriter
    entries: list[Entry] = field(default_factory=list)
    sequence: int = 0


def frame_size(entries: list[Entry]) -> int:
    """Return how many of ``entries``, from the first, go into one frame."""
    if len(entries) <= _FRAME_ENTRIES and sum(len(entry[2]) for entry in entries) <= _FRAME_BYTES:
        return len(entries)
    total = 0
    for n, entry in enumerate(entries[:_FRAME_ENTRIES]):
        total += len(entry[2])
        if total > _FRAME_BYTES:
            return max(n, 1)
    return min(len(entries), _FRAME_ENTRIES)


def as_record(schema: str, value: bytes) -> Any:
    """Return the record in bytes that were given up; a dead letter of them where it is an impossible one."""
    try:
        return SCHEMAS.decode(schema, value, time.time_ns() // 1000)
    except UnreadableError as error:
        return DeadLetter(topic="", partition=-1, offset=-1, reason=str(error), value=value, headers={"schema": schema})


class EmbeddedProducer:
    """Queues records and writes them in batches; safe among threads.

    A record is in the log, and seen by readers, some milliseconds after it was sent; ``flush`` returns when all are
    durable. Each entry has a number within (producer, partition), so one that is tried again after a fault is written
    once.
    """

    def __init__(self, route: Route, notify: Callable[[], None], settings: LogSettings) -> None:
        self._route, self._notify, self._settings = route, notify, settings
        self._id = secrets.randbits(63)
        self._routes: dict[tuple[str, str], _Queue] = {}
        self._queues: dict[PartitionWriter, _Queue] = {}
        self._queued = 0
        self._changed = threading.Condition()
        self._write_lock = threading.Lock()
        self._dirty: set[PartitionWriter] = set()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self.closed = False
        self._fault: LogError | None = None

    def send(self, record: Record, *, headers: Mapping[str, str] | None = None) -> None:
        """Queue ``record``; it may wait while the queue is full.

        Raises
        ------
        InputError : the record is longer than the log takes.
        LogError : the queue stayed full, with the reason why nothing is written; or the producer is closed.
        """
        self._put(record, headers)
        if self._thread is None:
            self._begin()
        if self._queued >= self._settings.batch_records and self._fault is None:
            self._try_write()
        elif not self._wake.is_set():
            self._wake.set()

    def send_many(self, records: Iterable[Record]) -> None:
        """Queue many records in order and write them.

        Raises
        ------
        As :meth:`send`.
        """
        put, limit = self._put, self._settings.batch_records
        self._begin()
        for record in records:
            put(record, None)
            if self._queued >= limit and self._fault is None:
                self._try_write()
        self._try_write()

    def _put(self, record: Any, headers: Mapping[str, str] | None) -> None:
        topic, schema, value = SCHEMAS.encode(record)
        if len(value) > self._settings.record_bytes:
            raise InputError(
                f"a record of {len(value)} bytes for topic {topic!r} is longer than {self._settings.record_bytes}",
                fix="shorten it, or raise record_bytes of the log's settings",
            )
        key: str = record.key if type(record) is DeadLetter else record.symbol
        if headers:
            headers = {name: text for name, text in headers.items() if name != "schema"}
        entry = (key, schema, value, headers or None)
        with self._changed:
            if self._queued >= self._settings.queue_records:
                self._wait_for_room()
            if self.closed:
                raise LogError("the producer is closed")
            queue = self._routes.get((topic, key))
            if queue is None:
                queue = self._queue(topic, key)
            queue.entries.append(entry)
            self._queued += 1

    def _queue(self, topic: str, key: str) -> _Queue:
        writer = self._route(topic, key)
        queue = self._queues.setdefault(writer, _Queue(writer))
        if len(self._routes) > 100_000:
            self._routes.clear()
        self._routes[topic, key] = queue
        return queue

    def _wait_for_room(self) -> None:
        self._begin()
        self._wake.set()
        limit = self._settings.send_seconds
        if not self._changed.wait_for(
            lambda: self.closed or self._queued < self._settings.queue_records, timeout=limit
        ):
            reason = f": {self._fault.problem}" if self._fault else ""
            raise LogError(f"{self._queued} records wait and none was written for {limit:g} s{reason}")

    def _begin(self) -> None:
        if self._thread is None:
            with self._changed:
                if self._thread is None and not self.closed:
                    self._thread = threading.Thread(target=self._run, name="log-producer", daemon=True)
                    self._thread.start()

    def _try_write(self) -> None:
        """Write what is queued; a fault is kept for :meth:`flush`, and the thread tries again."""
        try:
            self._write()
        except LogError as error:
            if self._fault is None:
                logger.warning("%s; trying again", error.problem)
            self._fault = error
            self._wake.set()

    def _write(self) -> None:
        with self._write_lock:
            wrote = False
            for queue in list(self._queues.values()):
                while n := len(queue.entries):
                    part = queue.entries[: frame_size(queue.entries[:n])]
                    queue.writer.append(self._id, queue.sequence, part)
                    self._dirty.add(queue.writer)
                    with self._changed:
                        del queue.entries[: len(part)]
                        queue.sequence += len(part)
                        self._queued -= len(part)
                        self._changed.notify_all()
                    wrote = True
            if wrote:
                self._fault = None
                if not self._settings.sync_seconds:
                    self._sync()
                self._notify()
                if threading.current_thread() is not self._thread:
                    self._wake.set()  # the thread sees to it that it is durable in time

    def _sync(self) -> None:
        while self._dirty:
            writer = self._dirty.pop()
            try:
                writer.sync()
            except LogError:
                self._dirty.add(writer)
                raise

    def _run(self) -> None:
        """Write what is sent and sync it in time, until closed."""
        pause, due = 0.0, time.monotonic() + self._settings.sync_seconds
        while not self.closed:
            self._wake.wait(timeout=self._settings.sync_seconds or None if self._dirty else None)
            self._wake.clear()
            self._try_write()
            if self._fault is not None:
                pause = min(max(2 * pause, 0.02), 0.5)
                time.sleep(pause)
                self._wake.set()
                continue
            pause = 0.0
            if self._dirty and time.monotonic() >= due:
                self._try_sync()
                due = time.monotonic() + self._settings.sync_seconds

    def _try_sync(self) -> None:
        try:
            with self._write_lock:
                self._sync()
        except LogError as error:
            logger.warning("%s; trying again", error.problem)

    def flush(self, timeout: float = 30.0) -> None:
        """Return when all that was sent is durable.

        Raises
        ------
        LogError : it could not be made so within ``timeout`` seconds, with the reason; what is queued stays queued.
        """
        until, pause = time.monotonic() + timeout, 0.01
        while True:
            try:
                self._write()
                with self._write_lock:
                    self._sync()
            except LogError as error:
                self._fault = error
                if time.monotonic() + pause > until:
                    what = f"{self._queued} records are queued and not durable" if self._queued else "not durable yet"
                    raise LogError(f"{what}: {error.problem}") from error
                time.sleep(pause)
                pause = min(2 * pause, 0.5)
            else:
                self._fault = None
                return

    def close(self) -> None:
        """Flush and let go.

        Raises
        ------
        LogError : what was sent could not be made durable; it is given up, and the error's ``unwritten`` says what.
        """
        with self._changed:
            if self.closed:
                return
            self.closed = True  # first: what another thread sends from now on is refused, not left behind
        try:
            self.flush(CLOSING_SECONDS)
        except LogError as error:
            left = [entry for queue in self._queues.values() for entry in queue.entries]
            raise LogError(
                error.problem, unwritten=[as_record(schema, value) for _, schema, value, _ in left]
            ) from error
        finally:
            self._wake.set()
            if self._thread is not None and self._thread is not threading.current_thread():
                self._thread.join()
