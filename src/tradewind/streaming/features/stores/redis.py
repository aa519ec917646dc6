"""Features in Redis, where other processes read them; a server that is away delays them and stops nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from tradewind.core import MissingExtraError, Settings, UsageError
from tradewind.core.arrays import IntArray
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.stores.base import BlockStore
from tradewind.streaming.features.stores.codec import from_rows, row_type, to_rows
from tradewind.streaming.features.stores.errors import DamagedRowsError
from tradewind.streaming.features.stores.memory import MemoryStore

if TYPE_CHECKING:
    from redis import Redis

logger = logging.getLogger(__name__)

AT_ONCE = 64
"""Times read in one round trip, and blocks written in one."""


class RedisSettings(Settings):
    """How features are kept in Redis.

    Attributes
    ----------
    url : ``redis://``, ``rediss://`` or ``unix://``; may hold a password, which is never shown.
    prefix : of every key.
    keep : times that are kept; also how many blocks wait here while the server is away.
    ttl : seconds after which the rows of a time are gone from the server.
    timeout : seconds that a call may take.
    longest_pause : seconds between two attempts to reach a server that is away, at most.
    """

    url: str = Field("redis://127.0.0.1:6379/0", repr=False)
    prefix: str = "tradewind"
    keep: int = Field(512, ge=1)
    ttl: float = Field(7 * 86_400.0, gt=0)
    timeout: float = Field(1.0, gt=0)
    longest_pause: float = Field(5.0, gt=0)


class RedisStore(BlockStore):
    """Keeps a hash of rows for each time, and a sorted set of the times, under keys that name the set of columns.

    Writing happens in a thread of its own: :meth:`put` returns at once, and a server that is away costs nothing but
    freshness. The newest ``keep`` blocks are held here as well: reads are answered from them while the server is away
    (``degraded``), and when it comes back, perhaps empty, they are all written again.

    A row is bytes: known_at, scale, revision, occasion and the values in float32, as models read them.

    Raises
    ------
    MissingExtraError : ``redis`` is not installed.
    UsageError : the url is not one.
    """

    def __init__(self, settings: RedisSettings, symbols: Sequence[str], names: Sequence[str]) -> None:
        super().__init__(symbols, names)
        self.settings = settings
        self._redis, self._errors = _connect(settings)
        self._key = f"{settings.prefix}:features:{self.schema}"
        self._type = row_type(len(self._names))
        self._mirror = MemoryStore(symbols, names, keep=settings.keep)
        self._dirty: dict[int, FeatureBlock] = {}
        self._changed = threading.Condition()
        self._degraded, self._closed, self._writing = False, False, False
        self.failure: str | None = None
        self._thread: threading.Thread | None = None

    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``; they are on the server soon, see :meth:`flush`."""
        self._mirror.put(block)
        with self._changed:
            held = self._dirty.get(block.time)
            self._dirty[block.time] = block if held is None else held.merged(block)
            while len(self._dirty) > self.settings.keep:
                del self._dirty[min(self._dirty)]  # it is beyond what is kept
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="feature-redis", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout: float = 10.0) -> bool:
        """Return True when all that was put is on the server; False where that takes longer than ``timeout``."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._dirty and not self._writing, timeout)

    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time``; None where there are none."""
        try:
            found = self._redis.hgetall(self._rows_key(time))
        except self._errors as error:
            self._away(error)
            return self._mirror.at(time)
        self._reached()
        return self._whole(time, found)

    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that are kept with ``start <= time < stop``, ascending."""
        least = "-inf" if start is None else str(start)
        most = "+inf" if stop is None else f"({stop}"
        try:
            found: Any = self._redis.zrangebyscore(f"{self._key}:times", least, most)
        except self._errors as error:
            self._away(error)
            return self._mirror.times(start=start, stop=stop)
        self._reached()
        return sorted(int(member) for member in found)

    def status(self) -> Mapping[str, Any]:
        """Return its state, JSON-ready; ``waiting`` blocks are not on the server yet."""
        return {
            "kind": "redis",
            "degraded": self._degraded,
            "slices": len(self._mirror.times()),
            "waiting": len(self._dirty),
            "failure": self.failure,
        }

    def close(self) -> None:
        """Write what waits, as far as the server takes it within its time, and let go."""
        self.flush(self.settings.timeout)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(2 * self.settings.timeout)
        self._redis.close()

    def _rows_key(self, time: int) -> str:
        return f"{self._key}:{time}"

    def _whole(self, time: int, found: Any) -> FeatureBlock | None:
        rows = [(self._code[name.decode()], row) for name, row in found.items() if name.decode() in self._code]
        return self._block(time, sorted(rows)) if rows else None

    def _block(self, time: int, rows: Sequence[tuple[int, bytes]]) -> FeatureBlock:
        size = self._type.itemsize
        if any(len(row) != size for _, row in rows):
            raise DamagedRowsError(f"rows of {time} in Redis are damaged")
        table = np.frombuffer(b"".join(row for _, row in rows), dtype=self._type)
        return from_rows(time, np.array([code for code, _ in rows], dtype=np.int64), table)

    def _backwards(self, code: IntArray, likely: int, *, stop: int | None = None) -> Iterator[FeatureBlock]:
        """Read the rows of some symbols, many times in one round trip."""
        times = list(reversed(self.times(stop=stop)))
        names = [self._symbols[c] for c in code.tolist()]
        while times and names:
            part, times, likely = times[:likely], times[likely:], AT_ONCE
            try:
                pipe = self._redis.pipeline(transaction=False)
                for moment in part:
                    pipe.hmget(self._rows_key(moment), names)
                found = pipe.execute()
            except self._errors as error:
                self._away(error)
                held = (self._mirror.at(moment) for moment in part)
                yield from (block for block in held if block is not None)
                continue
            for moment, rows in zip(part, found, strict=True):
                pairs = [(c, row) for c, row in zip(code.tolist(), rows, strict=True) if row is not None]
                yield self._block(moment, pairs)

    def _away(self, error: Exception) -> None:
        if not self._degraded:
            logger.warning("Redis is away, answering from memory: %s", type(error).__name__)
        self._degraded, self.failure = True, f"{type(error).__name__}: {error}"
        with self._changed:
            if self._thread is not None:
                self._changed.notify_all()

    def _reached(self) -> None:
        """Where nothing is written here, a read that works says that the server is back."""
        if self._degraded and self._thread is None:
            self._degraded, self.failure = False, None

    def _run(self) -> None:
        """Write what waits; after a fault wait, and write everything again: the server may have lost it."""
        pause = 0.05
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._dirty or self._closed or self._degraded)
                if self._closed:
                    return
                if self._degraded:
                    self._dirty = {at: block for at in self._mirror.times() if (block := self._mirror.at(at))}
                batch = [self._dirty.pop(at) for at in sorted(self._dirty)[:AT_ONCE]]
                left = len(self._dirty)
                self._writing = True
            try:
                self._write(batch)
                while left:
                    with self._changed:
                        batch = [self._dirty.pop(at) for at in sorted(self._dirty)[:AT_ONCE]]
                        left = len(self._dirty)
                    self._write(batch)
                if self._degraded:
                    logger.warning("Redis is back; all that is kept was written again")
                self._degraded, self.failure, pause = False, None, 0.05
            except self._errors as error:
                with self._changed:
                    for block in batch:
                        newer = self._dirty.get(block.time)
                        self._dirty[block.time] = block if newer is None else block.merged(newer)
                self._away(error)
                time.sleep(pause)
                pause = min(2 * pause, self.settings.longest_pause)
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _write(self, batch: Sequence[FeatureBlock]) -> None:
        if not batch:
            self._redis.ping()
            return
        pipe = self._redis.pipeline(transaction=False)
        for block in batch:
            table, size = to_rows(block).tobytes(), self._type.itemsize
            rows = {self._symbols[c]: table[i * size : (i + 1) * size] for i, c in enumerate(block.code.tolist())}
            if rows:
                pipe.hset(self._rows_key(block.time), mapping=rows)
                pipe.pexpire(self._rows_key(block.time), int(self.settings.ttl * 1000))
                pipe.zadd(f"{self._key}:times", {str(block.time): block.time})
        pipe.pexpire(f"{self._key}:times", int(self.settings.ttl * 1000))
        pipe.zrange(f"{self._key}:times", 0, -self.settings.keep - 1)
        old: Any = pipe.execute()[-1]
        if old:
            self._redis.delete(*(f"{self._key}:{member.decode()}" for member in old))
            self._redis.zrem(f"{self._key}:times", *old)


def _connect(settings: RedisSettings) -> tuple[Redis, tuple[type[Exception], ...]]:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise MissingExtraError("redis", "redis") from None
    try:
        client = redis.Redis.from_url(
            settings.url,
            socket_timeout=settings.timeout,
            socket_connect_timeout=settings.timeout,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise UsageError(
            "the address of Redis is not one", fix="give redis://host:port/0, rediss:// or unix:///path"
        ) from None  # its text may hold a password
    return client, (redis.RedisError, OSError)
