"""WebSocket connections: the same checks as for requests before the handshake is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack

from tradewind.serving.access import Access
from tradewind.serving.api.admission import Admission
from tradewind.serving.api.asgi import SAFE, Message, Receive, Scope, Send
from tradewind.serving.api.guards import Guards
from tradewind.serving.api.problems import MEDIA, Problem, as_problem
from tradewind.serving.api.requests import Request, nested_deeper, read_head

_LOG = logging.getLogger("tradewind.serving.api")

GOING_AWAY, REFUSED, TOO_LARGE, FAILED, RESTART, BUSY = 1001, 1008, 1009, 1011, 1012, 1013
"""Close codes of RFC 6455 and its registry."""
MAX_MESSAGE = 64 * 1024
"""Bytes of a message that a reader may send."""

SocketHandler = Callable[[Request, Receive, Send], Awaitable[None]]


class Sockets:
    """Opens connections at the paths of ``handlers`` for keys with the scope ``stream``."""

    def __init__(
        self, guards: Guards, admission: Admission, access: Access, handlers: Mapping[str, SocketHandler]
    ) -> None:
        self._guards, self._admission, self._access, self._handlers = guards, admission, access, handlers

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep one connection until either side ends it."""
        request = read_head(scope, receive)
        with ExitStack() as held:
            try:
                handler = await self._admit(request, held)
            except Exception as error:  # noqa: BLE001 - whatever fails, the caller gets a problem
                await _deny(request, as_problem(error, refusal="invalid", request_id=request.id), send)
                return
            try:
                await handler(request, receive, send)
            except Exception:  # noqa: BLE001 - whatever fails, the caller is told and the log has the cause
                _LOG.exception("a connection failed", extra={"request_id": request.id})
                await send({"type": "websocket.close", "code": FAILED, "reason": "the server failed"})

    async def _admit(self, request: Request, held: ExitStack) -> SocketHandler:
        handler = self._handlers.get(request.scope["path"])
        if handler is None:
            raise Problem("not-found", f"WebSockets are at {', '.join(self._handlers)}.")
        self._guards.place(request.headers, changes=True)
        request.grant = grant = self._guards.caller(request.headers, "stream")
        wait = await self._access.limiter.take(grant)
        if wait > 0.0:
            raise Problem("rate-limited", "This key asks too often; wait as Retry-After says.", retry_after=wait)
        request.closing = held.enter_context(self._admission.stream(grant))
        return handler


async def _deny(request: Request, problem: Problem, send: Send) -> None:
    message = await request.receive()
    if message["type"] != "websocket.connect":
        return
    if "websocket.http.response" not in request.scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": REFUSED, "reason": problem.title})
        return
    body = problem.body(request.id)
    heads = [
        *SAFE,
        (b"content-type", MEDIA.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request.id.encode()),
        *((name.encode(), value.encode("latin-1")) for name, value in problem.headers.items()),
    ]
    await send({"type": "websocket.http.response.start", "status": problem.status, "headers": heads})
    await send({"type": "websocket.http.response.body", "body": body})


def close_code(problem: Problem) -> int:
    """Return the close code of a connection that ends for ``problem``."""
    return {"unauthorized": REFUSED, "overloaded": BUSY}.get(problem.kind, RESTART)


def until(closing: asyncio.Event, why: Callable[[], Problem], receive: Receive, send: Send) -> Receive:
    """Return ``receive`` that closes the connection for ``why()`` once ``closing`` is set, and says that it is gone."""

    async def either() -> Message:
        incoming = asyncio.ensure_future(receive())
        end = asyncio.ensure_future(closing.wait())
        try:
            await asyncio.wait({incoming, end}, return_when=asyncio.FIRST_COMPLETED)
            if incoming.done():
                return incoming.result()
            problem = why()
            code = close_code(problem)
            await send({"type": "websocket.close", "code": code, "reason": problem.title})
            return {"type": "websocket.disconnect", "code": code}
        finally:
            incoming.cancel()
            end.cancel()

    return either


def limited(depth: int, receive: Receive, send: Send) -> Receive:
    """Return ``receive`` that closes the connection for a message too long, or of JSON nested deeper than ``depth``."""

    async def checked() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        data = message.get("bytes") or (message.get("text") or "").encode()
        if len(data) <= MAX_MESSAGE and not nested_deeper(data, depth):
            return message
        await send({"type": "websocket.close", "code": TOO_LARGE, "reason": "the message is too large"})
        return {"type": "websocket.disconnect", "code": TOO_LARGE}

    return checked
