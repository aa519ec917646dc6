"""How much is answered at once; what is beyond is turned away at once, so that what was begun is finished in time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tradewind.serving.access import Grant
from tradewind.serving.api.counters import Counters
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.settings import ApiSettings


class Admission:
    """Lets requests and streams in up to the limits, and none once the server drains."""

    def __init__(self, settings: ApiSettings, counters: Counters) -> None:
        self._settings, self._counters = settings, counters
        self.draining = False
        self._open_streams: set[asyncio.Event] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def request(self, grant: Grant) -> Iterator[None]:
        """Hold a place while a request is answered.

        Raises
        ------
        Problem : the server drains, or too much is being answered, for all or for this caller.
        """
        self._open()
        counters, settings = self._counters, self._settings
        if counters.in_flight >= settings.max_in_flight:
            raise Problem("overloaded", "Too much is being answered; ask again in a moment.", retry_after=1.0)
        if grant.in_flight >= settings.max_in_flight_per_caller:
            raise Problem(
                "rate-limited",
                f"{grant.in_flight} requests of this key are being answered; wait for some of them.",
                retry_after=1.0,
            )
        counters.in_flight += 1
        grant.in_flight += 1
        self._empty.clear()
        try:
            yield
        finally:
            counters.in_flight -= 1
            grant.in_flight -= 1
            self._left()

    @contextmanager
    def stream(self, grant: Grant) -> Iterator[asyncio.Event]:
        """Hold a place while a stream is open; Problem as for :meth:`request`.

        Yields what is set once the stream must end: the server drains, or the key may stream no more.
        """
        self._open()
        counters, settings = self._counters, self._settings
        if counters.streams >= settings.max_streams:
            raise Problem("overloaded", "Too many streams are open; come again later.", retry_after=5.0)
        if grant.streams >= settings.max_streams_per_caller:
            raise Problem("rate-limited", f"This key has {grant.streams} streams open; close some.", retry_after=5.0)
        end = asyncio.Event()
        counters.streams += 1
        grant.open.add(end)
        self._open_streams.add(end)
        self._empty.clear()
        try:
            yield end
        finally:
            counters.streams -= 1
            grant.open.discard(end)
            self._open_streams.discard(end)
            self._left()

    def why_ended(self) -> Problem:
        """Return what the reader of a stream that was told to end is told."""
        if self.draining:
            return Problem("draining", "Connect again.", members={"retry": 2})
        return Problem("unauthorized", "The key was revoked, has expired, or may stream no more.")

    async def drain(self, deadline: float) -> bool:
        """Let nobody in any more, tell the streams to end, and wait ``deadline`` seconds for what is being answered.

        Returns whether everything ended in time.
        """
        self.draining = True
        for end in self._open_streams:
            end.set()
        try:
            async with asyncio.timeout(deadline):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    def _open(self) -> None:
        if self.draining:
            raise Problem("draining", "Ask again: another server, or this one once it is back.", retry_after=1.0)

    def _left(self) -> None:
        if self._counters.in_flight == 0 and self._counters.streams == 0:
            self._empty.set()
