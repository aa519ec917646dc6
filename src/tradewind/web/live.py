"""Live updates: topics that something changed, pushed to every open page as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

_ALIVE = 15.0
_ROOM = 256


class Live:
    """Tells open pages what changed; a page then asks for it again.

    An event is ``topic`` (such as ``alerts``, ``cases``, ``jobs``, ``forecasts``) with plain values. What a slow page
    does not take is dropped, oldest first, for it asks for the present state anyway.
    """

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[tuple[str, Any] | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many pages listen."""
        return len(self._queues)

    def bind(self) -> None:
        """Take the running loop; :meth:`tell` may then be called from any thread."""
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def tell(self, topic: str, body: Any = None) -> None:
        """Tell every open page, from any thread; nothing happens before the application has started."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, (topic, body))

    def close(self) -> None:
        """End every stream, from any thread: a server that stops waits for them otherwise."""
        self._closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, None)

    async def events(self) -> AsyncIterator[str]:
        """Yield the text of server-sent events to one page, with a sign of life every 15 seconds."""
        queue: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue(_ROOM)
        self._queues.add(queue)
        try:
            yield "retry: 2000\n\n"
            while not self._closed:
                try:
                    event = await asyncio.wait_for(queue.get(), _ALIVE)
                except TimeoutError:
                    yield ": alive\n\n"
                else:
                    if event is None:
                        return
                    yield f"event: {event[0]}\ndata: {json.dumps(event[1])}\n\n"
        finally:
            self._queues.discard(queue)

    def _spread(self, event: tuple[str, Any] | None) -> None:
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)
