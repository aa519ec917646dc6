"""The cache of predictions: this process, Redis, the store, in this order.

What it promises: a prediction is never replaced by an older one, whatever the order in which they come; a prediction
whose inputs have changed is never given again once :meth:`PredictionCache.invalidate` has returned; a level that fails
makes answers slower, not wrong.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic
from typing import Any

import msgspec

from tradewind.core import Event, Severity
from tradewind.serving.cache.entry import Entry, entry_of
from tradewind.serving.cache.loading import Compute, Loading
from tradewind.serving.cache.memory import Encoder, Memory, State
from tradewind.serving.cache.settings import CacheSettings, LoadingSettings
from tradewind.serving.cache.shared import SharedLevel
from tradewind.serving.cache.store import PredictionStore
from tradewind.serving.cache.writing import Writing
from tradewind.streaming.log.protocol import Consumer
from tradewind.streaming.records import Prediction

ABSENT = 1.0
"""Seconds for which a prediction that no level has is not looked for again."""
ABSENT_KEYS = 10_000


def _nothing(event: Event) -> None:
    """Tell nobody."""


class PredictionCache:
    """Predictions by symbol and model. Writers may be threads; the ``async`` methods belong to one event loop.

    Parameters
    ----------
    l1, l2, l3 : the levels; without Redis or a store the others do.
    settings : sizes and waits.
    loading : how computed values are shared (:meth:`get_or_compute`).
    emit : takes events, from any thread.
    """

    def __init__(
        self,
        l1: Memory,
        l2: SharedLevel | None = None,
        l3: PredictionStore | None = None,
        *,
        settings: CacheSettings | None = None,
        loading: Loading | None = None,
        emit: Callable[[Event], None] = _nothing,
    ) -> None:
        settings = settings or CacheSettings()
        self.l1, self.l2, self.l3, self._emit = l1, l2, l3, emit
        self._writing = Writing(l2, l3, settings, emit)
        self._loading = loading or Loading(LoadingSettings(), l2)
        self._lookups: dict[tuple[str, str], asyncio.Future[Entry | None]] = {}
        self._absent: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._order = Lock()  # the slower levels must see puts and withdrawals in the order of L1
        self._stop = Flag()
        self._listener: Thread | None = None
        self.hits = self.misses = self.shared_hits = self.shared_misses = self.store_hits = self.store_misses = 0
        self.followed = self.notices = 0

    def body(self, symbol: str, model: str) -> bytes | None:
        """Return the JSON of the newest prediction held in this process; nothing is awaited, nothing blocks.

        It may be for the bar before the newest while the newest is being forecast, and says so by its ``time``; it is
        None where the inputs of the prediction have changed, or none is held.
        """
        entry = self.l1.get(symbol, model)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        return entry.body

    def entry(self, symbol: str, model: str) -> Entry | None:
        """Return what :meth:`body` is of: the record, its bytes and their entity tag."""
        entry = self.l1.get(symbol, model)
        if entry is None:
            self.misses += 1
        else:
            self.hits += 1
        return entry

    def state(self, symbol: str, model: str) -> State:
        """Return whether this process holds the prediction for the newest bar it was told of."""
        return self.l1.state(symbol, model)

    async def newest(self, symbol: str, model: str) -> Entry | None:
        """Return the newest prediction from the first level that has one; what a slower one has is held here."""
        entry = self.entry(symbol, model)
        if entry is not None:
            return entry
        if self.l1.state(symbol, model) == "withdrawn":
            return await self._made_anew(symbol, model)
        key = (symbol, model)
        if self._absent.get(key, 0.0) > monotonic():
            return None
        flight = self._lookups.get(key)
        if flight is None:
            flight = self._lookups[key] = asyncio.ensure_future(self._slower(symbol, model))
            flight.add_done_callback(lambda _: self._lookups.pop(key, None))
        if await asyncio.shield(flight) is None:
            self._absent[key] = monotonic() + ABSENT
            if len(self._absent) > ABSENT_KEYS:
                self._absent.popitem(last=False)
            return None
        return self.l1.get(symbol, model)

    async def _slower(self, symbol: str, model: str) -> Entry | None:
        ticket, found = self.l1.generation, None
        settled = self._writing.shared_settled  # before the level is read: what it gives may be as old
        if self.l2 is not None:
            answer = await self.l2.read(symbol, model)
            if answer == "withdrawn":
                self.shared_misses += 1
                return None  # the store may not know yet
            found = answer
            self.shared_hits += found is not None
            self.shared_misses += found is None
        if found is None and self.l3 is not None:
            settled = self._writing.stored_settled
            found = await asyncio.to_thread(self.l3.newest, symbol, model)
            self.store_hits += found is not None
            self.store_misses += found is None
        if found is not None:
            self.l1.put([found.prediction], {found.prediction.id: found.flag}, ticket, settled=settled)
        return found

    async def _made_anew(self, symbol: str, model: str) -> Entry | None:
        """Return what another process made after it withdrew what was held here; Redis has both in their order."""
        if self.l2 is None or not self.l1.withdrawn_elsewhere(symbol, model):
            return None
        ticket, settled = self.l1.generation, self._writing.shared_settled
        answer = await self.l2.read(symbol, model)
        if answer is None or answer == "withdrawn":
            self.shared_misses += 1
            return None
        self.shared_hits += 1
        self.l1.put([answer.prediction], {answer.prediction.id: answer.flag}, ticket, trusted=True, settled=settled)
        return self.l1.get(symbol, model)

    def ticket(self) -> int:
        """Return what :meth:`put` must be given for predictions whose inputs are read after this call."""
        return self.l1.generation

    def put(
        self,
        predictions: Sequence[Prediction],
        *,
        flags: Mapping[str, str] | None = None,
        ticket: int | None = None,
    ) -> int:
        """Take new predictions: visible here on return, written to the slower levels shortly after.

        Parameters
        ----------
        flags : id -> why to look twice; it becomes the field ``flag`` of the answer.
        ticket : of :meth:`ticket`; a prediction of inputs that were invalidated since is refused.

        Returns how many were taken.
        """
        with self._order:
            kept = self.l1.put(predictions, flags, ticket)
            if kept:
                for prediction in predictions:
                    self._absent.pop((prediction.symbol, prediction.model), None)
                self._writing.put(kept)
        return len(kept)

    def invalidate(self, symbols: Sequence[str], time: int) -> int:
        """Tell that the bars ``time`` of ``symbols`` are new or changed, or that what is made of them is.

        Predictions for these bars and later ones are gone from this process on return, and from the others within
        milliseconds; those for earlier bars stay. Returns how many this process held.
        """
        with self._order:
            gone = self.l1.withdraw(symbols, time)
            self._writing.withdraw(symbols, time, self.l1.own_generation)
        return gone

    async def get_or_compute(self, key: str, compute: Compute) -> bytes:
        """Return the bytes of ``key``, computed once whoever asks; see :class:`Loading`."""
        return await self._loading.get_or_compute(key, compute)

    def warm(self, models: Iterable[str]) -> int:
        """Fill this process from the store; return how many predictions it holds of ``models``."""
        if self.l3 is None:
            return 0
        ticket, settled, count = self.l1.generation, self._writing.stored_settled, 0
        for model in models:
            found = self.l3.newest_all(model)
            flags = {e.prediction.id: e.flag for e in found}
            count += len(self.l1.put([e.prediction for e in found], flags, ticket, settled=settled))
        return count

    def history(self, symbol: str, *, limit: int, model: str | None = None) -> list[Prediction]:
        """Return past predictions, newest first; it reads the store, so call it off the event loop."""
        if self.l3 is not None:
            return self.l3.history(symbol, limit=limit, model=model)
        models = self.l1.models() if model is None else (model,)
        held = [entry.prediction for name in models if (entry := self.l1.get(symbol, name)) is not None]
        return sorted(held, key=lambda made: (made.time, made.made_at), reverse=True)[:limit]

    def step(self, consumer: Consumer, *, limit: int = 1000, timeout: float = 0.1, keep: bool = False) -> int:
        """Apply the next predictions of a log to this process; ``keep`` writes them to the slower levels too."""
        found = [m.record for m in consumer.poll(limit, timeout) if isinstance(m.record, Prediction)]
        if found:
            self.followed += len(found)
            if keep:
                self.put(found)
            else:
                self.l1.put(found)
        return len(found)

    def follow(self, consumer: Consumer, stop: Flag, *, keep: bool = False) -> None:
        """Apply predictions that other processes make, as they come, until ``stop``.

        With ``keep`` a lost or unreadable store is filled again from the log: start the consumer at ``earliest``.
        """
        while not stop.is_set():
            self.step(consumer, keep=keep)

    def listen(self) -> None:
        """Apply what other processes withdraw, in a thread of its own; needs Redis."""
        if self.l2 is not None and self._listener is None:
            self._listener = Thread(target=self._listen, args=(self.l2,), name="prediction-cache-listener", daemon=True)
            self._listener.start()

    def _listen(self, shared: SharedLevel) -> None:
        while not self._stop.is_set():
            try:
                for notice in shared.notices(0.2):
                    if self._stop.is_set():
                        return
                    if notice is not None:
                        self.notices += 1
                        self.l1.withdraw(notice.symbols, notice.time, remote=True)
            except shared.faults:
                self._stop.wait(0.2)  # the writing thread tells of a Redis that is down
            except msgspec.MsgspecError as error:
                self._emit(Event(kind="cache_notice_unreadable", severity=Severity.WARNING, message=str(error)))

    def flush(self, timeout: float = 30.0) -> bool:
        """Return whether all that was put is written to the slower levels within ``timeout`` seconds."""
        return self._writing.flush(timeout)

    def close(self, timeout: float = 30.0) -> bool:
        """Write what waits and let go; return whether all was written."""
        self._stop.set()
        done = self._writing.close(timeout)
        if self._listener is not None:
            self._listener.join(timeout)
        if self.l2 is not None:
            self.l2.close()
        if self.l3 is not None:
            self.l3.close()
        return done

    def stats(self) -> dict[str, Any]:
        """Return counters and sizes a level, JSON-ready."""
        l1, l2, writing = self.l1, self.l2, self._writing
        found: dict[str, Any] = {
            "l1": {
                "hits": self.hits,
                "misses": self.misses,
                "held": len(l1),
                "replaced": l1.replaced,
                "refused": l1.refused,
                "evicted": l1.evicted,
                "withdrawn": l1.withdrawals,
            },
            "writing": {
                "waiting": writing.waiting,
                "stored": writing.stored,
                "dropped": writing.dropped,
                "failures": writing.failures,
            },
            "loading": self._loading.stats(),
            "followed": self.followed,
            "notices": self.notices,
        }
        if l2 is not None:
            found["l2"] = {
                "hits": self.shared_hits,
                "misses": self.shared_misses,
                "written": l2.written,
                "failures": l2.failures,
                "corrupted": l2.corrupted,
                "resyncs": l2.resyncs,
                "up": l2.breaker.closed,
            }
        if self.l3 is not None:
            found["l3"] = {"hits": self.store_hits, "misses": self.store_misses}
        return found


def open_cache(
    *,
    store: str | Path | None = None,
    redis: str | None = None,
    settings: CacheSettings | None = None,
    loading: LoadingSettings | None = None,
    emit: Callable[[Event], None] = _nothing,
    encode: Encoder = entry_of,
) -> PredictionCache:
    """Return a cache over the file ``store`` and the Redis at ``redis``, each where given.

    Raises
    ------
    OutputError : the store cannot be written.
    MissingExtraError : Redis is asked for and its client is not installed.
    """
    settings = settings or CacheSettings()
    memory = Memory(settings.entries, encode)
    shared = None if redis is None else SharedLevel(redis, settings, memory.snapshot, emit, origin=secrets.token_hex(8))
    kept = None if store is None else PredictionStore(store, emit=emit)
    cache = PredictionCache(
        memory, shared, kept, settings=settings, loading=Loading(loading or LoadingSettings(), shared), emit=emit
    )
    cache.listen()
    return cache
