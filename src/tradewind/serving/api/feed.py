"""New predictions over WebSocket: the reader says what it wants, and may change its mind.

Messages are JSON objects with a ``type``. In: ``subscribe`` and ``unsubscribe`` (``symbols``, all where absent),
``ping``. Out: ``subscribed`` (what is wanted now), ``forecast``, ``alive``, ``pong``, ``problem``.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tradewind.core import TradewindError
from tradewind.serving.access import Access
from tradewind.serving.api.admission import Admission
from tradewind.serving.api.asgi import Receive, Send
from tradewind.serving.api.counters import Counters
from tradewind.serving.api.events import check_symbols, follow, slow_reader
from tradewind.serving.api.problems import Problem, as_problem
from tradewind.serving.api.requests import Request
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.api.shapes import MAX_BATCH, Symbol, forecast_json
from tradewind.serving.api.sockets import BUSY, FAILED, MAX_MESSAGE, TOO_LARGE, close_code
from tradewind.serving.contracts import Forecasts


class Subscribe(Struct, tag_field="type", tag="subscribe", forbid_unknown_fields=True):
    """Want these symbols as well; all where None."""

    symbols: Annotated[list[Symbol], Meta(min_length=1, max_length=MAX_BATCH)] | None = None


class Unsubscribe(Struct, tag_field="type", tag="unsubscribe", forbid_unknown_fields=True):
    """Want these symbols no more; none where None."""

    symbols: Annotated[list[Symbol], Meta(min_length=1, max_length=MAX_BATCH)] | None = None


class Ping(Struct, tag_field="type", tag="ping", forbid_unknown_fields=True):
    """Ask for a sign of life."""


_DECODER = msgspec.json.Decoder(Subscribe | Unsubscribe | Ping)


class Feed:
    """Answers WebSocket /v1/stream."""

    def __init__(
        self,
        forecasts: Forecasts,
        admission: Admission,
        access: Access,
        counters: Counters,
        settings: ApiSettings,
    ) -> None:
        self._forecasts, self._admission, self._access = forecasts, admission, access
        self._counters, self._settings = counters, settings

    async def __call__(self, request: Request, receive: Receive, send: Send) -> None:
        """Keep one connection."""
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept", "headers": [(b"x-request-id", request.id.encode())]})
        session = _Session(self._forecasts, self._access, request, send, self._settings.send_timeout)
        reading = asyncio.ensure_future(session.read(receive))
        writing = asyncio.ensure_future(self._write(session))
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, writing):
                task.cancel()
            results = await asyncio.gather(reading, writing, return_exceptions=True)
        ends = [end for end in results if isinstance(end, tuple)]
        if ends:
            await session.end(*ends[0])
            return
        for end in results:
            # a reader that is gone shows as an error of the transport, and needs no more
            if isinstance(end, Exception) and not isinstance(end, (OSError, RuntimeError, TimeoutError)):
                raise end

    async def _write(self, session: _Session) -> tuple[Problem | None, int]:
        settings = self._settings
        events = follow(
            self._forecasts,
            None,
            buffer=settings.stream_buffer,
            heartbeat=settings.heartbeat,
            closing=session.request.closing,
        )
        try:
            while not await _either(session.asked, session.request.closing, settings.heartbeat):
                await session.put(b'{"type":"alive"}')  # a peer that is gone, and never asked, must not keep its place
            async with aclosing(events):
                async for predictions in events:
                    if not predictions:
                        await session.put(b'{"type":"alive"}')
                    for prediction in predictions:
                        if session.everything or prediction.symbol in session.wanted:
                            await session.put(b'{"type":"forecast","forecast":' + forecast_json(prediction) + b"}")
        except TimeoutError:
            self._counters.slow += 1
            return None, BUSY
        except TradewindError as error:
            self._counters.slow += 1
            return slow_reader(error), BUSY
        except Exception as error:  # noqa: BLE001 - the reader is told, the log has the cause
            return as_problem(error, refusal="invalid", request_id=session.request.id), FAILED
        problem = self._admission.why_ended()
        return problem, close_code(problem)


class _Session:
    """What one reader wants."""

    def __init__(self, forecasts: Forecasts, access: Access, request: Request, send: Send, timeout: float) -> None:
        self._forecasts, self._access = forecasts, access
        self.request, self._send, self._timeout = request, send, timeout
        self._lock = asyncio.Lock()
        self.wanted: set[str] = set()
        self.everything = False
        self.asked = asyncio.Event()

    async def read(self, receive: Receive) -> tuple[Problem | None, int] | None:
        """Follow the reader's messages until it leaves; returns how to end where it must be sent away."""
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return None
            data = message.get("bytes") or (message.get("text") or "").encode()
            if len(data) > MAX_MESSAGE:
                return Problem("too-large", f"Send messages of at most {MAX_MESSAGE} bytes."), TOO_LARGE
            try:
                await self._obey(data)
            except Problem as problem:
                await self._tell("problem", problem=problem.members_of(self.request.id))

    async def _obey(self, data: bytes) -> None:
        grant = self.request.grant
        assert grant is not None
        if await self._access.limiter.take(grant) > 0.0:
            raise Problem("rate-limited", "Send fewer messages.")
        try:
            wish = _DECODER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Problem("invalid", f"{error}. Send subscribe, unsubscribe or ping.") from None
        if isinstance(wish, Ping):
            await self._tell("pong")
            return
        symbols = None if wish.symbols is None else frozenset(wish.symbols)
        check_symbols(self._forecasts, symbols)
        if isinstance(wish, Subscribe):
            self.everything = self.everything or symbols is None
            self.wanted |= symbols or frozenset()
            self.asked.set()
        elif symbols is None:
            self.everything, self.wanted = False, set()
        else:
            if self.everything:
                self.everything, self.wanted = False, set(self._forecasts.symbols())
            self.wanted -= symbols
        await self._tell("subscribed", symbols=None if self.everything else sorted(self.wanted))

    async def put(self, data: bytes) -> None:
        """Send a message; TimeoutError where the reader does not take it."""
        async with asyncio.timeout(self._timeout), self._lock:
            await self._send({"type": "websocket.send", "text": data.decode()})

    async def end(self, problem: Problem | None, code: int) -> None:
        """Say why, and close."""
        if problem is not None:
            await self._tell("problem", problem=problem.members_of(self.request.id))
        with suppress(TimeoutError):  # one that takes nothing does not even take this
            async with asyncio.timeout(self._timeout):
                await self._send(
                    {
                        "type": "websocket.close",
                        "code": code,
                        "reason": problem.title if problem else "the reader is slow",
                    }
                )

    async def _tell(self, type: str, **members: Any) -> None:
        await self.put(msgspec.json.encode({"type": type, **members}))


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> bool:
    """Return whether one of them is set within ``seconds``."""
    waits = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return one.is_set() or other.is_set()
    finally:
        for wait in waits:
            wait.cancel()
