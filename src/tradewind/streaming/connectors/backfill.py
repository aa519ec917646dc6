"""Asking over HTTP for the messages that a WebSocket did not bring."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from tradewind.streaming.connectors.backoff import FetchError, FullJitter, persist
from tradewind.streaming.connectors.fetch import Answer, Fetcher
from tradewind.streaming.connectors.paths import items_at
from tradewind.streaming.connectors.poll import decode_json
from tradewind.streaming.connectors.protocol import Surroundings
from tradewind.streaming.connectors.secrets import Secrets
from tradewind.streaming.connectors.settings import WebSocketSettings

_ATTEMPTS = 3


class Backfill:
    """Fetches missed items; an async context manager that holds the connections."""

    def __init__(self, settings: WebSocketSettings, secrets: Secrets, around: Surroundings, jitter: FullJitter) -> None:
        self._settings, self._around, self._jitter = settings.backfill, around, jitter
        self._fetcher: Fetcher | None = None
        if settings.backfill is not None:
            asks = settings.model_copy(update={"url": settings.backfill.url, "headers": settings.backfill.headers})
            self._fetcher = Fetcher(asks, secrets, around.host_rates(), around.clock)

    @property
    def possible(self) -> bool:
        """Whether there is anywhere to ask."""
        return self._fetcher is not None

    async def __aenter__(self) -> Self:
        if self._fetcher is not None:
            await self._fetcher.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fetcher is not None:
            await self._fetcher.__aexit__(kind, error, trace)

    async def items(self, stream: str, first: int, last: int) -> list[Any]:
        """Return the items ``first`` to ``last`` of ``stream``, as far as they can be had.

        Raises
        ------
        FetchError : the server does not give them.
        """
        assert self._fetcher is not None
        assert self._settings is not None
        fetcher, url = self._fetcher, self._settings.url
        for name, value in (("{symbol}", stream), ("{first}", str(first)), ("{last}", str(last))):
            url = url.replace(name, quote(value, safe=""))

        async def get() -> Answer:
            return await fetcher.get(url, params={}, headers={})

        answer = await persist(
            get, self._jitter, attempts=_ATTEMPTS, sleep=self._around.pace.sleep, before=lambda _: None
        )
        content = decode_json(answer.body or b"[]", answer.headers.get("content-type", ""))
        try:
            return [item for _, item in items_at(content, self._settings.items, keyed=False)]
        except LookupError as error:
            raise FetchError(f"the backfill has {error}", again=False) from error
