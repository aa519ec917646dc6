"""Waiting, as a seam: a test lets hours pass in no time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Pace(Protocol):
    """A clock that only runs forward, and a way to wait on it."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...


class SystemPace:
    """The machine's time."""

    def monotonic(self) -> float:
        """Return the machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep for ``seconds``."""
        await asyncio.sleep(seconds)


class Stopped(Exception):
    """What was awaited was given up because everything is to stop."""


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Return what ``work`` returns; cancel it and raise :class:`Stopped` once ``stop`` is set."""
    if stop.is_set():
        work.close()
        raise Stopped
    task, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Stopped
    finally:
        stopping.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))


class HostRates:
    """Spaces requests to one host, whichever connector makes them."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._next: dict[str, float] = {}

    async def turn(self, host: str, rate: float) -> None:
        """Return when a request to ``host`` is due, at most ``rate`` a second."""
        now = self._pace.monotonic()
        due = max(now, self._next.get(host, now))
        self._next[host] = due + 1.0 / rate
        if due > now:
            await self._pace.sleep(due - now)
