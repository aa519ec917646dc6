"""New predictions to whoever listens: each reader has a bounded buffer, and a slow one is told, not waited for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from tradewind.core import TradewindError
from tradewind.streaming.records import Prediction


class SlowReader(TradewindError):
    """A reader of new predictions fell too far behind; it must read the newest ones anew and subscribe again."""


class Hub:
    """Hands predictions from the thread that makes them to readers in the event loop ``loop``."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._readers: set[_Reader] = set()
        self._closed = False
        self.delivered, self.slow = 0, 0

    @property
    def readers(self) -> int:
        """How many listen."""
        return len(self._readers)

    def publish(self, predictions: Sequence[Prediction]) -> None:
        """Hand ``predictions`` to the readers; any thread may call it, and it never waits."""
        if self._readers and not self._closed:
            self._loop.call_soon_threadsafe(self._spread, predictions)

    def _spread(self, predictions: Sequence[Prediction]) -> None:
        for reader in tuple(self._readers):
            if not reader.take(predictions):
                self.slow += 1
                self._readers.discard(reader)

    async def subscribe(self, symbols: frozenset[str] | None, *, buffer: int = 1000) -> AsyncIterator[Prediction]:
        """Yield new predictions of ``symbols`` (None: all) until the hub closes.

        Raises
        ------
        SlowReader : more than ``buffer`` predictions waited.
        """
        reader = _Reader(symbols, buffer)
        self._readers.add(reader)
        if self._closed:
            reader.end()
        try:
            while True:
                await reader.event.wait()
                while reader.waiting:
                    self.delivered += 1
                    yield reader.waiting.popleft()
                if reader.behind:
                    raise SlowReader(f"more than {buffer} predictions wait for this reader")
                if reader.ended:
                    return
                reader.event.clear()
        finally:
            self._readers.discard(reader)

    def close(self) -> None:
        """End every subscription after what waits; call it in the loop."""
        self._closed = True
        for reader in self._readers:
            reader.end()


class _Reader:
    def __init__(self, symbols: frozenset[str] | None, buffer: int) -> None:
        self.symbols, self.buffer = symbols, buffer
        self.waiting: deque[Prediction] = deque()
        self.event = asyncio.Event()
        self.behind = self.ended = False

    def take(self, predictions: Sequence[Prediction]) -> bool:
        wanted = self.symbols
        self.waiting.extend(p for p in predictions if wanted is None or p.symbol in wanted)
        if len(self.waiting) > self.buffer:
            self.waiting.clear()
            self.behind = True
        if self.waiting or self.behind:
            self.event.set()
        return not self.behind

    def end(self) -> None:
        self.ended = True
        self.event.set()
