"""One effect per Idempotency-Key: a repeated request gets the answer of the first."""

from __future__ import annotations

import hashlib
import logging
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from tradewind.core import MissingExtraError
from tradewind.serving.api.problems import Problem

_LOG = logging.getLogger("tradewind.serving.api")
_KEY = re.compile(r"[\x21-\x7e]{8,128}")


class Kept(Struct, frozen=True):
    """What is kept under a key: the request's fingerprint, and its answer once there is one (``status`` 0: not yet)."""

    fingerprint: bytes
    status: int = 0
    media: bytes = b""
    body: bytes = b""


class IdempotencyStore(Protocol):
    """Keeps answers by key."""

    async def begin(self, key: str, kept: Kept, seconds: float) -> Kept | None:
        """Keep ``kept`` for ``seconds`` where nothing is kept under ``key``, and return None; else what is kept."""
        ...

    async def finish(self, key: str, kept: Kept, seconds: float) -> None:
        """Replace what is kept under ``key``."""
        ...

    async def forget(self, key: str) -> None:
        """Keep nothing under ``key``."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class MemoryIdempotency:
    """Keeps answers in this process, ``size`` bytes of them at most; the oldest go first."""

    def __init__(self, size: int = 64 << 20, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = size, clock
        self._size = 0
        self._kept: OrderedDict[str, tuple[float, Kept]] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._kept)

    async def begin(self, key: str, kept: Kept, seconds: float) -> Kept | None:
        """Keep ``kept`` where nothing is kept under ``key``, and return None; else what is kept."""
        found = self._kept.get(key)
        if found is not None and found[0] > self._clock():
            return found[1]
        self._put(key, kept, seconds)
        return None

    async def finish(self, key: str, kept: Kept, seconds: float) -> None:
        """Replace what is kept under ``key``."""
        self._put(key, kept, seconds)

    async def forget(self, key: str) -> None:
        """Keep nothing under ``key``."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._size -= _weight(key, found[1])

    async def close(self) -> None:
        """Nothing to let go of."""

    def _put(self, key: str, kept: Kept, seconds: float) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._size -= _weight(key, old[1])
        self._kept[key] = (self._clock() + seconds, kept)
        self._size += _weight(key, kept)
        while self._size > self._limit and len(self._kept) > 1:
            oldest, (_, gone) = self._kept.popitem(last=False)
            self._size -= _weight(oldest, gone)


def _weight(key: str, kept: Kept) -> int:
    return len(key) + len(kept.body) + 300


class RedisIdempotency:
    """Keeps answers in Redis, for all workers. While Redis is away requests with a key are refused: a promise that
    cannot be kept must not be given."""

    def __init__(self, url: str, *, prefix: str = "tradewind:once:", timeout: float = 0.5) -> None:
        try:
            import redis.asyncio
        except ImportError as error:
            raise MissingExtraError("redis", "redis") from error
        self._prefix = prefix
        self._redis: Any = redis.asyncio.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)

    async def begin(self, key: str, kept: Kept, seconds: float) -> Kept | None:
        """Keep ``kept`` where nothing is kept under ``key``, and return None; else what is kept."""
        data = msgspec.msgpack.encode(kept)
        found = await self._ask("set", self._prefix + key, data, px=math.ceil(seconds * 1000), nx=True, get=True)
        if found is None:
            return None
        try:
            return msgspec.msgpack.decode(found, type=Kept)
        except msgspec.DecodeError:
            _LOG.error("what Redis keeps under an Idempotency-Key cannot be read; it is dropped")
            await self.finish(key, kept, seconds)
            return None

    async def finish(self, key: str, kept: Kept, seconds: float) -> None:
        """Replace what is kept under ``key``."""
        await self._ask("set", self._prefix + key, msgspec.msgpack.encode(kept), px=math.ceil(seconds * 1000))

    async def forget(self, key: str) -> None:
        """Keep nothing under ``key``."""
        await self._ask("delete", self._prefix + key)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _ask(self, command: str, *args: Any, **options: Any) -> Any:
        from redis.exceptions import RedisError

        try:
            return await getattr(self._redis, command)(*args, **options)
        except (OSError, TimeoutError, RedisError) as error:
            _LOG.warning("idempotency cannot be promised: Redis is away (%s)", type(error).__name__)
            raise Problem(
                "unavailable", "Idempotency-Keys cannot be kept now; ask again later.", retry_after=1.0
            ) from error


def check_key(text: str) -> str:
    """Return a well-formed Idempotency-Key; Problem where it is not 8 to 128 visible ASCII letters."""
    if not _KEY.fullmatch(text):
        raise Problem("malformed", "Take 8 to 128 visible ASCII letters as Idempotency-Key, such as a UUID.")
    return text


def store_key(caller: str, route: str, key: str) -> str:
    """Return under what an answer is kept: keys of two callers, or two routes, never meet."""
    return hashlib.blake2b(f"{caller}\n{route}\n{key}".encode(), digest_size=20).hexdigest()


def fingerprint(*parts: bytes) -> bytes:
    """Return a hash of a request's path, query and body."""
    mark = hashlib.blake2b(digest_size=20)
    for part in parts:
        mark.update(len(part).to_bytes(8, "big") + part)
    return mark.digest()


class Once:
    """Gives the answer of the first request with a key to those that repeat it.

    ``seconds`` : how long an answer is kept. ``busy`` : longer than a request may take.
    """

    def __init__(self, store: IdempotencyStore, seconds: float, busy: float) -> None:
        self.store, self._seconds, self._busy = store, seconds, busy

    async def seen(self, key: str, mark: bytes) -> Kept | None:
        """Return the kept answer; None where this request is the first and must be answered.

        Raises
        ------
        Problem : the first is still being answered, or was another request.
        """
        kept = await self.store.begin(key, Kept(mark), self._busy)
        if kept is None:
            return None
        if kept.fingerprint != mark:
            raise Problem("key-reused", "Take a new Idempotency-Key for another request.")
        if kept.status == 0:
            raise Problem("in-progress", "Wait for the first answer, then repeat the request.", retry_after=1.0)
        return kept

    async def keep(self, key: str, kept: Kept) -> None:
        """Keep the answer."""
        await self.store.finish(key, kept, self._seconds)

    async def forget(self, key: str) -> None:
        """Let the request be made again: it failed in a way that may pass."""
        await self.store.forget(key)
