"""The ASGI application: the fast path first, then the table of operations, with one way to answer and to fail."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable

from tradewind.serving.access import Access, Grant
from tradewind.serving.api.admission import Admission
from tradewind.serving.api.asgi import SAFE, Header, Receive, Scope, Send
from tradewind.serving.api.counters import Counters
from tradewind.serving.api.docs import docs_operations
from tradewind.serving.api.fast import FastPath, etag_of
from tradewind.serving.api.feed import Feed
from tradewind.serving.api.graphql.operation import GraphQL
from tradewind.serving.api.guards import Guards
from tradewind.serving.api.handlers import Handlers, rest
from tradewind.serving.api.hooks import ApiHooks
from tradewind.serving.api.idempotency import (
    IdempotencyStore,
    Kept,
    MemoryIdempotency,
    Once,
    check_key,
    fingerprint,
    store_key,
)
from tradewind.serving.api.operations import Operation, Router
from tradewind.serving.api.problems import MEDIA, REASONS, Problem, as_problem
from tradewind.serving.api.requests import Disconnected, Reply, Request, read_body, read_head, read_json, read_params
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.api.sockets import Sockets
from tradewind.serving.api.sse import EventStream
from tradewind.serving.contracts import Forecasts

_LOG = logging.getLogger("tradewind.serving.api")


class Api:
    """The application; :func:`build_api` makes it.

    Attributes
    ----------
    counters : what was answered. admission : what is being answered; drains.
    """

    def __init__(
        self,
        forecasts: Forecasts,
        access: Access,
        settings: ApiSettings,
        *,
        hooks: ApiHooks,
        idempotency: IdempotencyStore,
    ) -> None:
        self.settings = settings
        self.counters = Counters()
        self.admission = Admission(settings, self.counters)
        self._access, self._hooks = access, hooks
        # a first request is given up well before its mark is: a repetition never runs beside it
        self._once = Once(idempotency, settings.idempotency_ttl, busy=max(60.0, 2.0 * settings.request_timeout))
        self._guards = Guards(access, settings)
        self._fast = FastPath(forecasts, access, self.counters, settings.max_headers)
        self._handlers = Handlers(forecasts, hooks)
        graphql = GraphQL(forecasts, settings, self.admission, access)
        stream = EventStream(forecasts, self.admission, self.counters, settings)
        operations = [
            *rest(self._handlers, hooks),
            stream.operation(),
            graphql.operation(),
        ]
        shown = docs_operations(operations, keys=not access.open) if settings.docs else ()
        self._router = Router([*operations, *shown])
        self._sockets = Sockets(
            self._guards,
            self.admission,
            access,
            {
                "/v1/stream": Feed(forecasts, self.admission, access, self.counters, settings),
                "/graphql": graphql.socket(),
            },
        )
        self._refresher: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or keep one connection."""
        kind = scope["type"]
        if kind == "http":
            answer = self._fast.answer(scope)
            if answer is not None:
                await send(answer[0])
                await send(answer[1])
            else:
                await self._serve(scope, receive, send)
        elif kind == "websocket":
            await self._sockets.serve(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(receive, send)

    # -- life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to follow changes of the keys; call it in the loop that serves."""
        if self._refresher is None:
            self._refresher = asyncio.create_task(self._refresh(), name="refresh the keys")

    @property
    def needs_key(self) -> bool:
        """Whether callers need a key."""
        return not self._access.open

    def not_ready(self) -> None:
        """Say that requests should go elsewhere, and go on answering."""
        self._handlers.draining = True

    async def drain(self, deadline: float = 10.0) -> bool:
        """Refuse what is new, end the streams with a message, wait for what is being answered; False: some was left."""
        self._fast.closed = True
        self._handlers.draining = True
        return await self.admission.drain(deadline)

    async def stop(self) -> None:
        """Let go of everything."""
        if self._refresher is not None:
            self._refresher.cancel()
            await asyncio.gather(self._refresher, return_exceptions=True)
            self._refresher = None
        await self._access.limiter.close()
        await self._once.store.close()

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            try:
                self._access.refresh()
            except Exception:  # noqa: BLE001 - whatever it was, the next look must come: revoked keys hang on it
                _LOG.exception("the keys could not be looked at")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.drain()
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    # -- one request --------------------------------------------------------------------------------------------------

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request = read_head(scope, receive)
        sent = _Sent(send)
        try:
            answer = await self._answer(request, sent)
        except Disconnected:
            self.counters.answered(request.route, 499, time.perf_counter() - began)
            return
        if answer is not None:
            await self._send(request, answer, sent)
        # a stream is answered by its handler, and lasts as long as its reader
        self.counters.answered(request.route, sent.status, None if answer is None else time.perf_counter() - began)

    async def _answer(self, request: Request, send: _Sent) -> Reply | None:
        refusal = "invalid"
        try:
            if len(request.scope["headers"]) > self.settings.max_headers:
                raise Problem("too-many-headers", f"Send at most {self.settings.max_headers} header lines.")
            if request.method == "OPTIONS":
                preflight = self._guards.preflight(request.headers)
                if preflight:
                    request.route = "preflight"
                    return Reply(204, b"", b"", preflight)
            operation, request.values = self._router.find(request.method, request.scope["path"])
            request.route, refusal = operation.name, operation.refusal
            with self._hooks.span(request.route, request.traceparent):
                return await self._operate(operation, request, send)
        except Disconnected:
            raise
        except Exception as error:  # noqa: BLE001 - whatever fails, the caller gets a problem and the log the cause
            return self._problem(error, refusal, request)

    async def _operate(self, operation: Operation, request: Request, send: _Sent) -> Reply | None:
        self._guards.place(request.headers, changes=operation.method != "GET")
        if operation.scope is None:
            request.params = read_params(request, operation.params)
            return await operation.handler(request)
        request.grant = self._guards.caller(request.headers, operation.scope)
        await self._pay(request.grant, request.scope)
        if operation.stream:
            request.params = read_params(request, operation.params)
            with self.admission.stream(request.grant) as request.closing:
                await operation.handler(_streaming(request, send, self._heads(request)))
            return None
        with self.admission.request(request.grant):
            request.params = read_params(request, operation.params)
            if operation.body is not None or operation.method == "POST":
                request.raw = await read_body(request, self.settings)
            if operation.body is not None:
                depth = self.settings.max_depth if operation.free else None
                request.body = read_json(request, request.raw, operation.body, max_depth=depth)
            key = request.header(b"idempotency-key") if operation.once else None
            limits = self.settings
            async with asyncio.timeout(limits.patience if operation.patient else limits.request_timeout):
                return await (operation.handler(request) if key is None else self._handle_once(operation, request, key))

    async def _pay(self, grant: Grant, scope: Scope) -> None:
        if scope.get("tradewind.paid"):
            return
        wait = await self._access.limiter.take(grant)
        if wait > 0.0:
            caller = grant.caller
            raise Problem(
                "rate-limited",
                f"This key may ask {caller.rate:g} times a second, {caller.burst} at once; wait as Retry-After says.",
                retry_after=wait,
            )

    async def _handle_once(self, operation: Operation, request: Request, key: str) -> Reply:
        path = str(request.scope["path"])
        kept_under = store_key(request.caller.id, f"{operation.method} {path}", check_key(key))
        mark = fingerprint(path.encode(), bytes(request.scope["query_string"]), request.raw)
        kept = await self._once.seen(kept_under, mark)
        if kept is not None:
            return Reply(kept.status, kept.body, kept.media, ((b"idempotency-replayed", b"true"),))
        try:
            answer = await operation.handler(request)
        except BaseException as error:
            problem = (
                as_problem(error, refusal=operation.refusal, request_id=request.id)
                if isinstance(error, Exception) and not isinstance(error, Disconnected)
                else None
            )
            if problem is None or problem.status >= 500 or problem.status == 429:
                await self._once.forget(kept_under)
                raise
            await self._once.keep(kept_under, Kept(mark, problem.status, MEDIA.encode(), problem.body(request.id)))
            raise problem from error
        try:
            await self._once.keep(kept_under, Kept(mark, answer.status, answer.media, answer.body))
        except Problem:
            # what was asked is done and the caller gets its answer; a repetition is told to wait, then done again
            _LOG.warning("an answer could not be kept for its Idempotency-Key", extra={"request_id": request.id})
        return answer

    def _problem(self, error: Exception, refusal: str, request: Request) -> Reply:
        problem = as_problem(error, refusal=refusal, request_id=request.id)
        reason = REASONS.get(problem.kind)
        if reason is not None:
            self.counters.rejected[reason] += 1
        headers = tuple((name.encode(), value.encode("latin-1")) for name, value in problem.headers.items())
        return Reply(problem.status, problem.body(request.id), MEDIA.encode(), headers)

    # -- the answer ---------------------------------------------------------------------------------------------------

    def _heads(self, request: Request) -> list[Header]:
        heads = [*SAFE, (b"x-request-id", request.id.encode()), *self._guards.cors(request.headers)]
        if request.traceparent is not None:
            heads.append((b"traceparent", request.traceparent.encode()))
        return heads

    async def _send(self, request: Request, reply: Reply, send: _Sent) -> None:
        if send.status:  # the answer had begun when it failed: its end cannot be mended, only left out
            return
        heads = self._heads(request)
        own = {name for name, _ in reply.headers}
        heads = [head for head in heads if head[0] not in own]
        status, body = reply.status, reply.body
        if status == 200 and request.method == "GET":
            etag = etag_of(body)
            heads.append((b"etag", etag))
            if etag in request.headers.get(b"if-none-match", b""):
                status, body = 304, b""
        cache = b"private, no-cache" if status in (200, 304) else b"no-store"
        heads += [(b"cache-control", cache), *reply.headers]
        if status not in (204, 304):
            heads += [(b"content-type", reply.media), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": heads})
        await send({"type": "http.response.body", "body": b"" if request.scope["method"] == "HEAD" else body})


class _Sent:
    """Remembers the status that was sent; 0: none yet."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0

    async def __call__(self, message: Scope) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def _streaming(request: Request, send: Send, heads: Iterable[Header]) -> Request:
    request.scope["tradewind.send"], request.scope["tradewind.heads"] = send, list(heads)
    return request


def build_api(
    forecasts: Forecasts,
    access: Access,
    settings: ApiSettings | None = None,
    *,
    hooks: ApiHooks | None = None,
    idempotency: IdempotencyStore | None = None,
) -> Api:
    """Return the ASGI application that serves ``forecasts`` to the callers that ``access`` knows.

    ``idempotency`` keeps answers by Idempotency-Key, in this process by default.

    Raises
    ------
    MissingExtraError : the extra ``serve`` is not installed.
    """
    return Api(
        forecasts,
        access,
        settings or ApiSettings(),
        hooks=hooks or ApiHooks(),
        idempotency=idempotency or MemoryIdempotency(),
    )
