"""Requests that arrive together are forecast together: dynamic batching that never waits when it need not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Settings, UsageError
from tradewind.core.arrays import FloatArray
from tradewind.serving.contracts import Answers, ModelRows, Overloaded, ServedModel

Holder = Callable[[str | None], AbstractContextManager[ServedModel]]
"""Keeps a version (None: the champion) for the time of a batch, as ``Shelf.hold`` does."""

COLUMNS = ("probability", "expected_return", "lower", "upper")


class BatchSettings(Settings):
    """``max_rows`` : rows of a batch. ``max_wait_ms`` : longest that a request waits for company while another batch
    runs; with nothing running it never waits. ``queue_rows`` : rows that may wait. ``share`` : rows a request gets in a
    batch before the others have had theirs. ``workers`` : threads that forecast.
    """

    max_rows: int = Field(default=256, ge=1)
    max_wait_ms: float = Field(default=1.0, ge=0.0)
    queue_rows: int = Field(default=8192, ge=1)
    share: int = Field(default=64, ge=1)
    workers: int = Field(default=1, ge=1)


@dataclass(eq=False)
class _Request:
    """A request on its way: rows ``taken`` into batches, answers of each part as they come."""

    rows: ModelRows
    future: asyncio.Future[Answers]
    since: float
    taken: int = 0
    answered: int = 0
    parts: list[tuple[int, Answers]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Part:
    request: _Request
    start: int
    stop: int


class Batcher:
    """Merges concurrent requests for one version into one call in a worker thread.

    A request is dispatched at once where no batch runs; while one runs, requests gather until it ends, a batch is
    full, or the oldest has waited ``max_wait_ms``. Rows of a large request are taken ``share`` at a time in turn with
    those of others, so it cannot hold up small ones. Where a merged call fails, its requests are asked one by one and
    only those at fault see the error. A cancelled request's rows are not forecast unless they are in a batch already.
    Use it on one event loop. ``refused`` counts the rows that were turned away.
    """

    def __init__(self, hold: Holder, settings: BatchSettings | None = None) -> None:
        self.settings = settings or BatchSettings()
        self._hold = hold
        self._queues: dict[str | None, deque[_Request]] = {}
        self._order: deque[str | None] = deque()
        self._waiting = 0
        self._running = 0
        self._rate = 0.0
        self._woken = False
        self._timer: asyncio.TimerHandle | None = None
        self._pool = ThreadPoolExecutor(self.settings.workers, thread_name_prefix="forecast")
        self._closed = False
        self.refused = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """Rows that wait for a batch."""
        return self._waiting

    async def submit(self, rows: ModelRows, model: str | None = None) -> Answers:
        """Forecast ``rows`` by the version ``model`` (None: the champion).

        Raises
        ------
        Overloaded : ``queue_rows`` rows wait already. UsageError : the rows do not fit the model, or it is not loaded.
        """
        s = self.settings
        if len(rows) == 0:
            raise UsageError("there is no row to forecast", field="rows", fix="give at least one")
        if self._closed or (self._waiting and self._waiting + len(rows) > s.queue_rows):
            self.refused += len(rows)
            raise Overloaded(self._retry_after(len(rows)))
        loop = asyncio.get_running_loop()
        request = _Request(rows=rows, future=loop.create_future(), since=loop.time())
        queue = self._queues.get(model)
        if queue is None:
            queue = self._queues[model] = deque()
            self._order.append(model)
        queue.append(request)
        self._waiting += len(rows)
        self._idle.clear()
        if not self._woken:  # after the other tasks that are ready have submitted theirs
            self._woken = True
            loop.call_soon(self._wake)
        return await request.future

    async def close(self) -> None:
        """Answer what waits, refuse what comes, and end the threads."""
        self._closed = True
        await self._idle.wait()
        self._pool.shutdown(wait=False)

    def _wake(self) -> None:
        self._woken = False
        loop = asyncio.get_running_loop()
        while self._running < self.settings.workers and self._due(loop.time()):
            model, parts = self._next()
            if not parts:
                break
            self._running += 1
            start = perf_counter()
            task = loop.run_in_executor(self._pool, self._forecast, model, parts)
            task.add_done_callback(partial(self._finish, parts, start))
        if not self._waiting and not self._running:
            self._idle.set()

    def _due(self, now: float) -> bool:
        """Return whether a batch should start; where it is too early, ask again when it no longer is."""
        if not self._waiting:
            self._forget_cancelled()
            return False
        if self._running == 0 or self._waiting >= self.settings.max_rows or self._closed:
            return True
        oldest = min(queue[0].since for queue in self._queues.values() if queue)
        left = oldest + self.settings.max_wait_ms / 1000.0 - now
        if left <= 0.0:
            return True
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(left, self._timed)
        return False

    def _timed(self) -> None:
        self._timer = None
        self._wake()

    def _forget_cancelled(self) -> None:
        for model in [name for name, queue in self._queues.items() if not queue]:
            del self._queues[model]
            self._order.remove(model)

    def _next(self) -> tuple[str | None, list[_Part]]:
        """Take the rows of the next batch: versions in turn, then requests in turn."""
        while self._order:
            model = self._order.popleft()
            queue = self._queues[model]
            parts = self._take(queue)
            if queue:
                self._order.append(model)
            else:
                del self._queues[model]
            if parts:
                return model, parts
        return None, []

    def _take(self, queue: deque[_Request]) -> list[_Part]:
        room, shape = self.settings.max_rows, None
        parts: list[_Part] = []
        while queue and room:
            request = queue.popleft()
            left = len(request.rows) - request.taken
            if request.future.done():  # cancelled, or failed in an earlier part
                self._waiting -= left
                continue
            own = request.rows.history.shape[1:]
            if parts and own != shape:  # of another number of bars: it heads a batch of its own
                queue.appendleft(request)
                break
            shape = own
            count = min(left, room, self.settings.share) if queue else min(left, room)
            parts.append(_Part(request, request.taken, request.taken + count))
            request.taken += count
            self._waiting -= count
            room -= count
            if count < left:
                queue.append(request)
        return parts

    def _forecast(self, model: str | None, parts: Sequence[_Part]) -> list[Answers | BaseException]:
        """Run in a worker: one call for all ``parts``, or one each where that fails."""
        try:
            with self._hold(model) as served:
                if len(parts) == 1:
                    return [served.predict(_cut(parts[0]))]
                try:
                    return _split(served.predict(_merged(parts)), parts)
                except Exception:  # noqa: BLE001  one of them is at fault: find out which
                    return [_alone(served, part) for part in parts]
        except Exception as error:  # noqa: BLE001  it goes to those who asked
            return [error] * len(parts)

    def _finish(
        self, parts: Sequence[_Part], start: float, done: asyncio.Future[list[Answers | BaseException]]
    ) -> None:
        self._running -= 1
        rows = sum(part.stop - part.start for part in parts)
        rate = rows / max(perf_counter() - start, 1e-9)
        self._rate = rate if self._rate == 0.0 else 0.9 * self._rate + 0.1 * rate
        for part, answer in zip(parts, done.result(), strict=True):
            _give(part, answer)
        self._wake()

    def _retry_after(self, rows: int) -> float:
        """Return seconds after which ``rows`` should find room, from the rate of late; at least a hundredth."""
        rate = self._rate * self.settings.workers
        return max(0.01, (self._waiting + rows) / rate) if rate else 1.0


def _give(part: _Part, answer: Answers | BaseException) -> None:
    request = part.request
    if request.future.done():
        return
    if isinstance(answer, BaseException):
        request.future.set_exception(answer)
        return
    request.parts.append((part.start, answer))
    request.answered += part.stop - part.start
    if request.answered == len(request.rows):
        request.future.set_result(_assembled(request.parts))


def _alone(served: ServedModel, part: _Part) -> Answers | BaseException:
    try:
        return served.predict(_cut(part))
    except Exception as error:  # noqa: BLE001  it goes to the one who asked
        return error


def _cut(part: _Part) -> ModelRows:
    rows, some = part.request.rows, slice(part.start, part.stop)
    if part.stop - part.start == len(rows):
        return rows
    return ModelRows(
        history=rows.history[some],
        count=rows.count[some],
        scale=rows.scale[some],
        occasion=rows.occasion[some],
        group=None if rows.group is None else rows.group[some],
    )


def _merged(parts: Sequence[_Part]) -> ModelRows:
    each = [_cut(part) for part in parts]

    def joined(name: str) -> Any:
        return np.concatenate([getattr(one, name) for one in each])

    groups = [one.group for one in each]
    return ModelRows(
        history=joined("history"),
        count=joined("count"),
        scale=joined("scale"),
        occasion=joined("occasion"),
        group=None if any(group is None for group in groups) else [name for group in groups for name in group or ()],
    )


def _split(answers: Answers, parts: Sequence[_Part]) -> list[Answers | BaseException]:
    found: list[Answers | BaseException] = []
    at = 0
    for part in parts:
        some = slice(at, at + part.stop - part.start)
        at = some.stop
        members = {name: values[some] for name, values in answers.members.items()}
        found.append(Answers(**{name: getattr(answers, name)[some] for name in COLUMNS}, members=members))
    return found


def _assembled(parts: list[tuple[int, Answers]]) -> Answers:
    if len(parts) == 1:
        return parts[0][1]
    each = [answers for _, answers in sorted(parts, key=lambda part: part[0])]

    def joined(pick: Callable[[Answers], FloatArray]) -> FloatArray:
        return np.concatenate([pick(one) for one in each])

    return Answers(
        probability=joined(lambda one: one.probability),
        expected_return=joined(lambda one: one.expected_return),
        lower=joined(lambda one: one.lower),
        upper=joined(lambda one: one.upper),
        members={name: joined(lambda one, name=name: one.members[name]) for name in each[0].members},  # type: ignore[misc]
    )
