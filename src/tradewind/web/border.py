"""The border of the application: headers that guard the page, and the last net under what nobody foresaw."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradewind.web.problems import fault


class Border:
    """Adds ``headers`` to every answer, keeps out of caches what names no age, and answers 500 at last.

    ``answered`` is called after every answer.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], answered: Callable[[], None]) -> None:
        self._app, self._headers, self._answered = app, headers, answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - the last net: whatever it is, it becomes a line of the log and an answer
            response = fault(scope["method"], scope["path"], error)
            if not begun:
                await response(scope, receive, guarded)
        self._answered()
