"""Values that are computed once and given to all who ask: single flight, a lease across processes, early refresh.

In one process, whoever asks while a value is computed waits for that computation. Across processes a lock in Redis
with a lease lets one compute while the others wait for its value; where the holder dies, the lease ends and another
computes. A value that nears its end is computed anew by one asker, in the background, with a probability that grows
towards the end (Vattani, Chierichetti and Lowenstein 2015, "Optimal probabilistic cache stampede prevention"), so that
many processes do not find it gone at once. A refusal is remembered for a moment, and only so many of them.
"""

from __future__ import annotations

import asyncio
import math
import random
import secrets
import time
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Struct

from tradewind.core import InputError
from tradewind.serving.cache.settings import LoadingSettings
from tradewind.serving.cache.shared import SharedLevel

Compute = Callable[[], Awaitable[bytes]]
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class _Value(Struct, array_like=True, gc=False):
    """``until`` : seconds since 1970; ``took`` : seconds that it took to compute."""

    body: bytes
    until: float
    took: float


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Value).decode


class Loading:
    """Computed values by key; a key must name all that the value depends on (model, inputs). One event loop uses it.

    Parameters
    ----------
    shared : Redis, if there is one.
    seed : of the early refresh.
    now : the clock, seconds since 1970.
    """

    def __init__(
        self,
        settings: LoadingSettings,
        shared: SharedLevel | None = None,
        *,
        seed: int | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._shared, self._now = settings, shared, now
        self._random = random.Random(seed)
        self._values: OrderedDict[str, _Value] = OrderedDict()
        self._refusals: OrderedDict[str, tuple[float, InputError]] = OrderedDict()
        self._flights: dict[str, asyncio.Task[bytes]] = {}
        self.hits = self.shared_hits = self.computed = self.joined = 0
        self.refused = self.refreshed = self.corrupted = self.waited_for_others = 0

    async def get_or_compute(self, key: str, compute: Compute) -> bytes:
        """Return the value of ``key``, from ``compute`` where nobody has it.

        What ``compute`` raises goes to all who wait; an ``InputError`` is given again for ``negative_ttl`` seconds.
        That one of those who wait gives up does not end the computation.
        """
        held = self._values.get(key)
        now = self._now()
        if held is not None and held.until > now:
            self.hits += 1
            self._values.move_to_end(key)
            if key not in self._flights and self._nears_its_end(held, now):
                self.refreshed += 1
                self._start(key, compute, refresh=True)
            return held.body
        refusal = self._refusals.get(key)
        if refusal is not None and refusal[0] > now:
            self.refused += 1
            raise refusal[1].with_traceback(None)
        flight = self._flights.get(key)
        if flight is None:
            flight = self._start(key, compute, refresh=False)
        else:
            self.joined += 1
        return await asyncio.shield(flight)

    def _nears_its_end(self, held: _Value, now: float) -> bool:
        if self._settings.early == 0:
            return False
        ahead = -held.took * self._settings.early * math.log(1.0 - self._random.random())
        return now + ahead >= held.until

    def _start(self, key: str, compute: Compute, *, refresh: bool) -> asyncio.Task[bytes]:
        flight = asyncio.ensure_future(self._load(key, compute, refresh))
        self._flights[key] = flight
        flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    def _landed(self, key: str, flight: asyncio.Task[bytes]) -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # marks it as seen: those who wait get it, a background refresh is tried again

    async def _load(self, key: str, compute: Compute, refresh: bool) -> bytes:
        token = None
        if self._shared is not None:
            if not refresh:
                found = await self._from_shared(key)
                if found is not None:
                    return found
            token = await self._lock(key)
            if token is None and not refresh:
                found = await self._from_other(key)
                if found is not None:
                    return found
        try:
            return await self._compute(key, compute)
        finally:
            if token is not None:
                await self._unlock(key, token)

    async def _compute(self, key: str, compute: Compute) -> bytes:
        begun = time.monotonic()
        self.computed += 1
        try:
            body = await compute()
        except InputError as error:
            self._refuse(key, error)
            raise
        value = _Value(body, self._now() + self._settings.ttl, time.monotonic() - begun)
        self._hold(key, value)
        if self._shared is not None:
            sealed = _pack(value)
            data = zlib.crc32(sealed).to_bytes(4, "big") + sealed
            await self._shared.ask(
                self._shared.client.set(self._name(key), data, px=max(1, int(self._settings.ttl * 1000)))
            )
        return body

    def _hold(self, key: str, value: _Value) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        self._refusals.pop(key, None)
        if len(self._values) > self._settings.entries:
            self._values.popitem(last=False)

    def _refuse(self, key: str, error: InputError) -> None:
        if self._settings.refusals == 0 or self._settings.negative_ttl == 0:
            return
        self._refusals[key] = (self._now() + self._settings.negative_ttl, error)
        self._refusals.move_to_end(key)
        if len(self._refusals) > self._settings.refusals:
            self._refusals.popitem(last=False)

    def _name(self, key: str, kind: str = "value") -> str:
        assert self._shared is not None
        return f"{self._shared.prefix}:{kind}:{key}"

    async def _from_shared(self, key: str) -> bytes | None:
        assert self._shared is not None
        data: Any = await self._shared.ask(self._shared.client.get(self._name(key)))
        if data is None:
            return None
        try:
            if zlib.crc32(data[4:]).to_bytes(4, "big") != data[:4]:
                raise ValueError("the checksum does not fit")
            value = _unpack(data[4:])
        except (ValueError, msgspec.MsgspecError):
            self.corrupted += 1
            return None
        if value.until <= self._now():
            return None
        self.shared_hits += 1
        self._hold(key, value)
        return value.body

    async def _lock(self, key: str) -> str | None:
        """Return a token where this process may compute (also where Redis is down), None where another one does."""
        assert self._shared is not None
        token = secrets.token_hex(8)
        name = self._name(key, "lock")
        lease = max(1, int(self._settings.lease * 1000))
        failed = self._shared.failures
        taken = await self._shared.ask(self._shared.client.set(name, token, nx=True, px=lease))
        return token if taken or not self._shared.breaker.closed or failed != self._shared.failures else None

    async def _unlock(self, key: str, token: str) -> None:
        assert self._shared is not None
        await self._shared.ask(self._shared.client.eval(_UNLOCK, 1, self._name(key, "lock"), token))

    async def _from_other(self, key: str) -> bytes | None:
        """Wait for the process that holds the lease; None where it ends without a value."""
        assert self._shared is not None
        self.waited_for_others += 1
        until = time.monotonic() + self._settings.lease
        while time.monotonic() < until:
            await asyncio.sleep(self._settings.poll)
            found = await self._from_shared(key)
            if found is not None:
                return found
            failed = self._shared.failures
            held = await self._shared.ask(self._shared.client.exists(self._name(key, "lock")))
            if held == 0 or held is None or failed != self._shared.failures:
                return await self._from_shared(key)
        return None

    def stats(self) -> dict[str, int]:
        """Return how often a value came from where."""
        return {
            "hits": self.hits,
            "shared_hits": self.shared_hits,
            "computed": self.computed,
            "joined": self.joined,
            "refused": self.refused,
            "refreshed": self.refreshed,
            "corrupted": self.corrupted,
            "waited_for_others": self.waited_for_others,
            "held": len(self._values),
        }
