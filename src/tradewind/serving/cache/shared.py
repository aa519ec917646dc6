"""L2: the newest predictions in Redis, shared by processes; an aid, never needed.

A value is ``rank (60 digits) | P or X | checksum | prediction``; X is a prediction that was withdrawn. A script
compares ranks inside Redis, so an older prediction never replaces a newer one, whoever writes last. A value that cannot
be read counts as absent. While Redis is down it is left alone; when it is back, what was withdrawn meanwhile and then
all that this process holds are written to it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from tradewind.core import Event, MissingExtraError, Severity
from tradewind.serving.cache.breaker import Breaker
from tradewind.serving.cache.entry import Entry, entry_of
from tradewind.serving.cache.settings import CacheSettings
from tradewind.streaming.records import Prediction

RANK = 60
_SHIFT = 2**63
_HEAD = RANK + 1 + 8
_PUT = """
for i, key in ipairs(KEYS) do
  local value = ARGV[i + 2]
  local held = redis.call('GETRANGE', key, 0, 59)
  if #held ~= 60 or string.find(held, '%D') or held < string.sub(value, 1, 60) then
    redis.call('SET', key, value, 'PX', ARGV[1])
  end
end
redis.call('SADD', ARGV[2], unpack(ARGV, #KEYS + 3))
return #KEYS
"""
_WITHDRAW = """
local gone = 0
for i, key in ipairs(KEYS) do
  local held = redis.call('GETRANGE', key, 0, 59)
  if held ~= '' and (string.find(held, '%D') or string.sub(held, 1, 20) >= ARGV[1]) then
    redis.call('SET', key, held .. 'X', 'KEEPTTL')
    gone = gone + 1
  end
end
return gone
"""


class _Stored(Struct, array_like=True):
    prediction: Prediction
    flag: str


class Notice(Struct, array_like=True):
    """Tells other processes that bars ``time`` of ``symbols`` are new or changed; ``origin`` is who says so."""

    origin: str
    time: int
    symbols: list[str]


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Stored).decode
_unpack_notice = msgspec.msgpack.Decoder(Notice).decode


def _digits(time: int) -> bytes:
    return b"%020d" % (time + _SHIFT)


def seal(entry: Entry) -> bytes:
    """Return the bytes of ``entry`` as they lie in Redis."""
    made = entry.prediction
    body = _pack(_Stored(made, entry.flag))
    return b"%b%020d%bP%08x%b" % (_digits(made.time), made.revision, _digits(made.made_at), zlib.crc32(body), body)


def unseal(value: bytes) -> Entry | None:
    """Return what :func:`seal` was given, None for what was withdrawn.

    Raises
    ------
    ValueError : the bytes are not what was written.
    """
    if value[RANK : RANK + 1] == b"X" and len(value) == RANK + 1:
        return None
    body = value[_HEAD:]
    if value[RANK : RANK + 1] != b"P" or value[RANK + 1 : _HEAD] != b"%08x" % zlib.crc32(body):
        raise ValueError("the checksum does not fit")
    stored = _unpack(body)
    return entry_of(stored.prediction, stored.flag)


class SharedLevel:
    """Predictions in the Redis at ``url``, under keys that begin with ``prefix``.

    :meth:`write` and :meth:`withdraw` belong to one writing thread, :meth:`read` to one event loop; none of them raises
    where Redis fails.

    Parameters
    ----------
    snapshot : returns what this process holds, to be written again when Redis is back.
    emit : takes events.
    origin : names this process in notices.
    """

    def __init__(
        self,
        url: str,
        settings: CacheSettings,
        snapshot: Callable[[], Sequence[Entry]],
        emit: Callable[[Event], None],
        *,
        prefix: str = "tradewind:predictions",
        origin: str = "",
    ) -> None:
        try:
            import redis
            from redis import asyncio as redis_asyncio
            from redis.asyncio.retry import Retry as AsyncRetry
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError as error:
            raise MissingExtraError("redis", "redis") from error
        options: dict[str, Any] = {
            "socket_timeout": settings.timeout,
            "socket_connect_timeout": settings.timeout,
        }
        self._faults = (redis.RedisError, OSError)
        self._writer: Any = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
        self._reader: Any = redis_asyncio.Redis.from_url(url, retry=AsyncRetry(NoBackoff(), 0), **options)
        self._put, self._gone = self._writer.register_script(_PUT), self._writer.register_script(_WITHDRAW)
        self._settings, self._snapshot, self._emit = settings, snapshot, emit
        self.prefix, self.origin = prefix, origin
        self.breaker = Breaker(settings.failures, settings.pause, settings.longest_pause)
        self._missed: dict[str, int] = {}
        self._behind = False  # a call failed: Redis may lack what was written since, or all of it
        self.written = self.failures = self.corrupted = self.resyncs = 0

    @property
    def channel(self) -> str:
        """The Redis channel on which withdrawals are told."""
        return f"{self.prefix}:withdrawn"

    @property
    def owes(self) -> bool:
        """Whether Redis was not told yet of something that was withdrawn."""
        return bool(self._missed)

    def _key(self, symbol: str, model: str) -> str:
        return f"{self.prefix}:{model}:{symbol}"

    def write(self, entries: Sequence[Entry]) -> None:
        """Keep ``entries``."""
        if self.breaker.allow():
            self._attempt(lambda: self._write(entries))

    def withdraw(self, symbols: Sequence[str], time: int) -> None:
        """Take back the predictions of ``symbols`` for bars from ``time`` on, and tell the other processes."""
        for symbol in symbols:
            self._missed[symbol] = min(time, self._missed.get(symbol, time))
        if self.breaker.allow():
            self._attempt(self._withdraw_missed)

    def tick(self) -> None:
        """Try Redis again where it is left alone and the pause is over."""
        if self._behind and self.breaker.allow():
            self._attempt(self._writer.ping)

    def _attempt(self, work: Callable[[], object]) -> None:
        try:
            if self._behind:
                self._resync()
            work()
        except self._faults as error:
            self._failed(error)
        else:
            if self.breaker.worked():
                self._told(Severity.INFO, "redis_back", "Redis answers again and holds what this process holds")

    def _resync(self) -> None:
        self._behind = False
        self._withdraw_missed()
        held = self._snapshot()
        for start in range(0, len(held), self._settings.batch):
            self._write(held[start : start + self._settings.batch])
        self.resyncs += 1

    def _write(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        keys = [self._key(entry.prediction.symbol, entry.prediction.model) for entry in entries]
        models = sorted({entry.prediction.model for entry in entries})
        values = [seal(entry) for entry in entries]
        self._put(keys=keys, args=[int(self._settings.ttl * 1000), f"{self.prefix}:models", *values, *models])
        self.written += len(entries)

    def _withdraw_missed(self) -> None:
        if not self._missed:
            return
        models = [name.decode() for name in self._writer.smembers(f"{self.prefix}:models")]
        by_time: dict[int, list[str]] = {}
        for symbol, time in self._missed.items():
            by_time.setdefault(time, []).append(symbol)
        for time, symbols in by_time.items():
            for model in models:
                self._gone(keys=[self._key(symbol, model) for symbol in symbols], args=[_digits(time)])
            self._writer.publish(self.channel, _pack(Notice(self.origin, time, symbols)))
        self._missed.clear()

    async def read(self, symbol: str, model: str) -> Entry | Literal["withdrawn"] | None:
        """Return what is held, None where nothing is, it cannot be read or Redis does not answer."""
        key = self._key(symbol, model)
        value = await self.ask(self._reader.get(key))
        if value is None:
            return None
        try:
            entry = unseal(value)
            if entry is not None and (entry.prediction.symbol, entry.prediction.model) != (symbol, model):
                raise ValueError("it is of another symbol or model")
        except (ValueError, msgspec.MsgspecError) as error:
            await self._discard(key, error)
            return None
        return "withdrawn" if entry is None else entry

    async def _discard(self, key: str, error: Exception) -> None:
        self.corrupted += 1
        self._told(Severity.WARNING, "cache_value_corrupted", f"a value in Redis cannot be read ({error})", key=key)
        await self.ask(self._reader.delete(key))

    @property
    def client(self) -> Any:
        """The asyncio client of this level, for :meth:`ask`."""
        return self._reader

    async def ask(self, call: Coroutine[Any, Any, Any]) -> Any:
        """Return what ``call`` of :attr:`client` returns, None where Redis fails or is left alone."""
        if not self.breaker.closed:
            call.close()
            return None  # the writing thread tries again; a request does not wait for it
        try:
            return await call
        except self._faults as error:
            self._failed(error)
            return None

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self._behind = True
        if self.breaker.failed():
            text = f"Redis does not answer ({type(error).__name__}); predictions are served without it"
            self._told(Severity.WARNING, "redis_down", text)

    def _told(self, severity: Severity, kind: str, message: str, **evidence: object) -> None:
        self._emit(Event(kind=kind, severity=severity, message=message, evidence=evidence))

    def notices(self, timeout: float) -> Iterator[Notice | None]:
        """Yield withdrawals that other processes tell, None where ``timeout`` seconds passed without one.

        Raises
        ------
        redis.RedisError : the connection broke; notices may be missed until this is called anew.
        """
        with self._writer.pubsub() as channel:
            channel.subscribe(self.channel)
            while True:
                message = channel.get_message(timeout=timeout)
                if message is None or message["type"] != "message":
                    yield None
                    continue
                notice = _unpack_notice(message["data"])
                if notice.origin != self.origin:
                    yield notice

    @property
    def faults(self) -> tuple[type[Exception], ...]:
        """What calls to Redis raise where it fails."""
        return self._faults

    def close(self) -> None:
        """Let go of the writing connection."""
        self._writer.close()

    async def close_reader(self) -> None:
        """Let go of the reading connections, in their event loop."""
        await self._reader.aclose()
