"""The server as one ASGI application: a node behind the API, started and ended with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewind.core import UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.serving.access import Access, KeyAccess, KeyStore, Limiter, OpenAccess, RedisLimiter, RedisLimitSettings
from tradewind.serving.api import Api, ApiHooks, ApiSettings, IdempotencyStore, RedisIdempotency, build_api
from tradewind.serving.api.asgi import Receive, Scope, Send
from tradewind.serving.node.metrics import NodeMetrics
from tradewind.serving.node.node import Node
from tradewind.serving.node.settings import NodeSettings
from tradewind.serving.rollout import Hooks

logger = logging.getLogger("tradewind.serving.node")


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What a server is given by whoever starts it.

    ``keys`` : file of API keys; None asks for none, which only the machine itself may use. ``hooks`` : of the
    experiment. ``connectors`` : how connectors do. ``api`` : limits.
    """

    keys: Path | None = None
    hooks: Hooks = field(default_factory=Hooks)
    connectors: Callable[[], Iterable[Mapping[str, Any]]] = tuple
    api: ApiSettings = field(default_factory=ApiSettings)
    clock: Clock = field(default_factory=SystemClock)


class ServingApp:
    """An :class:`~tradewind.serving.api.server.Application`, and an ASGI application with a lifespan of its own."""

    def __init__(self, settings: NodeSettings, outside: Outside | None = None) -> None:
        self.settings, self.outside = settings, outside or Outside()
        self.access = _access(self.settings, self.outside)
        self.node: Node | None = None
        self._api: Api | None = None

    @property
    def api(self) -> Api:
        """The API, once started."""
        if self._api is None:
            raise UsageError("the server is not started", fix="await start()")
        return self._api

    @property
    def served(self) -> str:
        """What is served, in a few words, once started."""
        node = self.node
        if node is None:
            raise UsageError("the server is not started", fix="await start()")
        symbols = len(node.source.universe.symbols)
        return f"{node.versions.champion} for {symbols} symbol{'s' if symbols != 1 else ''}"

    def ready(self) -> bool:
        """Return whether requests may come."""
        return self.node is not None and self.node.status().ready

    @property
    def needs_key(self) -> bool:
        """Whether callers need a key."""
        return not self.access.open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the lifespan starts and ends the node."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self.api(scope, receive, send)

    async def start(self) -> None:
        """Open the node and begin to answer; what :meth:`Node.open` raises comes through."""
        if self._api is not None:
            return
        node = Node(
            self.settings,
            clock=self.outside.clock,
            hooks=self.outside.hooks,
            connectors_state=self.outside.connectors,
        )
        node.open()
        self.node = node
        hooks = ApiHooks(
            metrics=lambda: NodeMetrics(node, self.api).text(), actions={"reload": self._reload}, span=self._span
        )
        self._api = build_api(
            node.forecasts, self.access, self.outside.api, hooks=hooks, idempotency=_idempotency(self.settings)
        )
        await self._api.start()

    def not_ready(self) -> None:
        """Say that requests should go elsewhere, and go on answering."""
        self.api.not_ready()

    async def drain(self, deadline: float = 10.0) -> bool:
        """Refuse what is new, wait for what is being answered."""
        return self._api is None or await self._api.drain(deadline)

    async def stop(self) -> None:
        """Let go of everything."""
        api, self._api = self._api, None
        if api is not None:
            await api.stop()
        node, self.node = self.node, None
        if node is not None:
            await node.close()

    async def _reload(self) -> Mapping[str, Any]:
        assert self.node is not None
        return await asyncio.to_thread(self.node.reload)

    def _span(self, name: str, parent: str | None) -> AbstractContextManager[None]:
        assert self.node is not None
        return self.node.tracer.span(f"http {name}", parent=parent)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except Exception as error:  # the server must be told, or it waits for good
                    logger.exception("the server cannot start")
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.drain()
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


def build_app(settings: NodeSettings, outside: Outside | None = None) -> ServingApp:
    """Return the server of ``settings``; it opens what it holds when it is started."""
    return ServingApp(settings, outside)


def _access(settings: NodeSettings, outside: Outside) -> Access:
    if outside.keys is None:
        return OpenAccess()
    limiter: Limiter | None = None
    if settings.redis is not None:
        limiter = RedisLimiter(RedisLimitSettings(url=settings.redis))
    return KeyAccess(KeyStore(outside.keys), limiter=limiter, clock=outside.clock)


def _idempotency(settings: NodeSettings) -> IdempotencyStore | None:
    return None if settings.redis is None else RedisIdempotency(settings.redis)
