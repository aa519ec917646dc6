"""The fast path: ``GET /v1/forecasts/{symbol}`` of a caller seen before, answered from ready bytes.

A plain function that awaits nothing. Whatever is out of the ordinary (parameters, a body, a first key, an empty bucket,
a prediction that is not ready) it leaves to the slow path by returning None, having answered nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from time import monotonic, perf_counter

from tradewind.core import UsageError
from tradewind.serving.access import Access
from tradewind.serving.api.asgi import SAFE, Header, Message, Scope
from tradewind.serving.api.counters import Counters
from tradewind.serving.api.requests import new_id, request_id, trace_parent
from tradewind.serving.contracts import Forecasts

_PREFIX = "/v1/forecasts/"
_START = len(_PREFIX)
_TIMED = 31
_ENTRIES = 8192

_KEY, _ID, _MATCH, _PARENT, _OTHER = range(5)
_WANTED = {
    b"x-api-key": _KEY,
    b"authorization": _KEY,
    b"x-request-id": _ID,
    b"if-none-match": _MATCH,
    b"traceparent": _PARENT,
    b"origin": _OTHER,
    b"content-length": _OTHER,
    b"transfer-encoding": _OTHER,
    b"expect": _OTHER,
}
_CACHE: Header = (b"cache-control", b"private, no-cache")

Answer = tuple[Message, Message]


def etag_of(body: bytes) -> bytes:
    """Return the entity tag of a body."""
    return b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'


class FastPath:
    """Answers what it can at once; see the module."""

    def __init__(self, forecasts: Forecasts, access: Access, counters: Counters, max_headers: int) -> None:
        self._body = forecasts.body
        self._known = access.known
        self._counters = counters
        self._max_headers = max_headers
        self._ready: dict[bytes, tuple[bytes, list[Header], Message]] = {}
        self._empty: Message = {"type": "http.response.body", "body": b""}
        self.closed = access.open  # without keys the host must be looked at, which the slow path does

    def answer(self, scope: Scope) -> Answer | None:
        """Return the two messages of the answer, or None where the slow path must give it."""
        path: str = scope["path"]
        if path[:_START] != _PREFIX or scope["query_string"] or scope["method"] != "GET" or self.closed:
            return None
        counters = self._counters
        timed = not (counters.fast_200 & _TIMED)
        began = perf_counter() if timed else 0.0
        found = self._read(scope["headers"])
        if found is None:
            return None
        key, given, match, parent = found
        if key is None or (grant := self._known.get(key)) is None:
            return None
        if not grant.readable or not grant.spend(monotonic()):
            return None
        id = new_id() if given is None else request_id(given)
        try:
            body = self._body(path[_START:], grant.caller, id)
        except UsageError:
            body = None
        if body is None:
            # the token is spent and the id given out: the slow path goes on with both
            scope["tradewind.paid"], scope["tradewind.id"] = True, id
            return None
        etag, base, message = self._ready.get(body) or self._prepare(body)
        own: list[Header] = [(b"x-request-id", id.encode())]
        if parent is not None and trace_parent(parent):
            own.append((b"traceparent", parent))
        if match is not None and etag in match:
            counters.fast_304 += 1
            return {
                "type": "http.response.start",
                "status": 304,
                "headers": [(b"etag", etag), _CACHE, *own],
            }, self._empty
        counters.fast_200 += 1
        if timed:
            counters.timed("forecast", perf_counter() - began, _TIMED + 1)
        return {"type": "http.response.start", "status": 200, "headers": base + own}, message

    def _read(self, headers: Sequence[Header]) -> list[bytes | None] | None:
        """Return key, request id, entity tag and trace; None where the headers ask for more."""
        if len(headers) > self._max_headers:
            return None
        found: list[bytes | None] = [None, None, None, None]
        for name, value in headers:
            kind = _WANTED.get(name)
            if kind is None:
                continue
            if kind == _OTHER or found[kind] is not None:
                return None
            if kind == _PARENT and value[-2:] != b"00":  # a sampled trace, whose span the slow path records
                return None
            found[kind] = value
        return found

    def _prepare(self, body: bytes) -> tuple[bytes, list[Header], Message]:
        if len(self._ready) >= _ENTRIES:  # bodies of bars gone by
            self._ready.clear()
        etag = etag_of(body)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"etag", etag),
            _CACHE,
            *SAFE,
        ]
        ready = self._ready[body] = (etag, headers, {"type": "http.response.body", "body": body})
        return ready
