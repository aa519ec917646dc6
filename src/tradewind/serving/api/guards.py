"""What is checked of a request before it is looked at: who asks, from which page, under which name of the server."""

from __future__ import annotations

from collections.abc import Mapping

from tradewind.serving.access import Access, Grant
from tradewind.serving.api.asgi import Header
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.requests import credential
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.contracts import Scope

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_METHODS = b"GET, HEAD, POST"
_HEADERS = b"authorization, content-type, idempotency-key, if-none-match, last-event-id, x-api-key, x-request-id"
_SHOWN = b"etag, idempotency-replayed, retry-after, x-request-id"


class Guards:
    """The checks, by the settings and the access."""

    def __init__(self, access: Access, settings: ApiSettings) -> None:
        self._access = access
        self._origins = frozenset(origin.rstrip("/").lower().encode() for origin in settings.cors_origins)
        self._hosts = _LOCAL | {host.lower() for host in settings.hosts}

    def caller(self, headers: Mapping[bytes, bytes], scope: Scope) -> Grant:
        """Return the grant of who asks.

        Raises
        ------
        Problem : no valid key, or one that does not allow ``scope``.
        """
        text = credential(headers)
        if text is None and not self._access.open:
            raise _unauthorized("Send a key: Authorization: Bearer tw_…, or X-API-Key: tw_….")
        grant = self._access.grant(text or b"")
        if grant is None:
            raise _unauthorized("The key is unknown, revoked or expired; ask the operators for another.")
        if scope not in grant.caller.scopes:
            raise Problem("forbidden", f"This needs a key with the scope {scope!r}.", members={"scope": scope})
        return grant

    def place(self, headers: Mapping[bytes, bytes], *, changes: bool) -> None:
        """Refuse what a foreign web page could make a browser send; ``changes``: more than reading.

        Without keys, whoever can make this machine's browser send a request is believed. So the name of the server must
        be this machine's (a foreign name that resolves here is an attack), and so must the page that asks.

        Raises
        ------
        Problem : the host or the page is foreign.
        """
        if not self._access.open:
            return
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = host.rsplit(":", 1)[0] if host[-1:] != "]" else host
        if name not in self._hosts:
            raise Problem("forbidden", "Without keys the server answers under this machine's own names alone.")
        origin = headers.get(b"origin")
        if changes and origin is not None and origin.lower() not in self._origins:
            raise Problem("forbidden", "Web pages may not ask this server; list them in cors_origins.")

    def cors(self, headers: Mapping[bytes, bytes]) -> tuple[Header, ...]:
        """Return the headers that let a listed page read the answer."""
        origin = headers.get(b"origin")
        if not self._origins or origin is None or origin.lower() not in self._origins:
            return ()
        return (
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _SHOWN),
            (b"vary", b"Origin"),
        )

    def preflight(self, headers: Mapping[bytes, bytes]) -> tuple[Header, ...]:
        """Return the headers that answer a browser's question before a request; empty where it is no listed page."""
        allowed = self.cors(headers)
        if not allowed or b"access-control-request-method" not in headers:
            return ()
        return (
            *allowed,
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _HEADERS),
            (b"access-control-max-age", b"600"),
        )


def _unauthorized(detail: str) -> Problem:
    return Problem("unauthorized", detail, headers={"www-authenticate": 'Bearer realm="tradewind"'})
