"""Rate limits: a bucket of tokens a caller, in this process or shared through Redis."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from pydantic import Field

from tradewind.core import MissingExtraError, Settings
from tradewind.serving.access.grant import Grant

_LOG = logging.getLogger("tradewind.serving.access")

# The shared bucket is refilled by Redis' own clock, so that workers whose clocks differ do not fill it twice.
_LEASE = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
local rate, burst, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + math.max(0, now - (tonumber(kept[2]) or now)) * rate)
local given = math.min(want, math.floor(tokens))
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - given), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 60)
return {given, tostring((1 - (tokens - given)) / rate)}
"""


class Limiter(Protocol):
    """Decides whether a caller may ask once more."""

    @property
    def shared(self) -> bool:
        """Whether tokens come from outside this process."""
        ...

    async def take(self, grant: Grant) -> float:
        """Spend a token: 0.0 where there was one, else the seconds until there is."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class LocalLimiter:
    """Counts in this process alone: exact with one worker."""

    shared = False

    async def take(self, grant: Grant) -> float:
        """Spend a token of the caller's bucket."""
        return 0.0 if grant.spend(time.monotonic()) else grant.wait()

    async def close(self) -> None:
        """Nothing to let go of."""


class RedisLimitSettings(Settings):
    """``lease`` : seconds' worth of a caller's rate that a worker takes at once; larger asks Redis less often and
    spreads the tokens more coarsely. ``timeout`` seconds for Redis to answer, after which a worker counts alone for
    ``retry`` seconds."""

    url: str = Field(default="redis://127.0.0.1:6379/0", repr=False)
    lease: float = Field(default=0.1, gt=0.0, le=10.0)
    timeout: float = Field(default=0.1, gt=0.0)
    retry: float = Field(default=1.0, gt=0.0)
    prefix: str = "tradewind:rate:"


class RedisLimiter:
    """Counts in Redis for all workers; each takes tokens in small leases, so that most requests ask nobody.

    While Redis is away each worker counts alone by the caller's full rate: limits loosen, requests go on.
    """

    shared = True

    def __init__(self, settings: RedisLimitSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        try:
            import redis.asyncio
        except ImportError as error:
            raise MissingExtraError("redis", "redis") from error
        self.settings = settings
        self.degraded = 0
        self._clock = clock
        self._alone_until = -math.inf
        self._buckets: dict[str, Grant] = {}
        self._redis: Any = redis.asyncio.Redis.from_url(
            settings.url, socket_timeout=settings.timeout, socket_connect_timeout=settings.timeout
        )
        self._script = self._redis.register_script(_LEASE)

    async def take(self, grant: Grant) -> float:
        """Spend a token, taking a lease where this worker has none left."""
        now = self._clock()
        if grant.spend(now):
            return 0.0
        caller = grant.caller
        want = max(1, min(caller.burst, math.ceil(caller.rate * self.settings.lease)))
        if now < self._alone_until:
            return self._alone(grant, now, want)
        try:
            given, wait = await self._script(
                keys=[self.settings.prefix + caller.id], args=[caller.rate, caller.burst, want]
            )
        except (OSError, TimeoutError, _redis_error()) as error:
            self._alone_until = now + self.settings.retry
            self.degraded += 1
            _LOG.warning("rate limits are counted by each worker alone: Redis is away (%s)", type(error).__name__)
            return self._alone(grant, now, want)
        self._buckets.pop(caller.id, None)
        grant.tokens += float(given)
        return 0.0 if grant.spend(now) else max(0.0, float(wait))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _alone(self, grant: Grant, now: float, want: int) -> float:
        """Lease from a bucket of this worker's own, in place of Redis'."""
        bucket = self._buckets.get(grant.caller.id)
        if bucket is None:
            bucket = self._buckets[grant.caller.id] = Grant(grant.caller, now)
        while grant.tokens < want and bucket.spend(now):
            grant.tokens += 1.0
        return 0.0 if grant.spend(now) else bucket.wait()


def _redis_error() -> type[Exception]:
    from redis.exceptions import RedisError

    return RedisError
