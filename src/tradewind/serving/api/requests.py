"""A request: its headers, its identity and its body, each read within limits."""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from tradewind.serving.access import Grant
from tradewind.serving.api.asgi import Header, Message, Receive, Scope
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.contracts import Caller

T = TypeVar("T")
_ID = re.compile(rb"[A-Za-z0-9._:-]{8,64}")
_PARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_PREFIX = secrets.token_hex(6)
_COUNT = itertools.count()


class Disconnected(Exception):
    """The caller went away; there is nobody to answer."""


def new_id() -> str:
    """Return an id no other request has: random for the process, then counted."""
    return f"{_PREFIX}-{next(_COUNT):08x}"


def request_id(given: bytes | None) -> str:
    """Return the caller's id where it is a fit one (8 to 64 letters, digits, ``._:-``), else a new one."""
    if given is not None and _ID.fullmatch(given):
        return given.decode()
    return new_id()


def trace_parent(given: bytes | None) -> str | None:
    """Return a well-formed W3C ``traceparent``, else None."""
    return given.decode() if given is not None and _PARENT.fullmatch(given) else None


@dataclass(eq=False)
class Request:
    """One request; ``values`` are the raw parameters of its path, ``params`` and ``body`` come checked.

    ``closing`` is set once a stream must end.
    """

    scope: Scope
    receive: Receive
    headers: Mapping[bytes, bytes]
    id: str
    traceparent: str | None
    route: str = "none"
    grant: Grant | None = None
    values: dict[str, str] = field(default_factory=dict)
    params: Any = None
    body: Any = None
    raw: bytes = b""
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def caller(self) -> Caller:
        """Who asks; only on routes that need a key."""
        assert self.grant is not None
        return self.grant.caller

    @property
    def method(self) -> str:
        """The method, HEAD as GET."""
        method = str(self.scope["method"])
        return "GET" if method == "HEAD" else method

    def header(self, name: bytes) -> str | None:
        """Return a header as text."""
        found = self.headers.get(name)
        return None if found is None else found.decode("latin-1")


@dataclass(frozen=True)
class Reply:
    """An answer that is ready."""

    status: int
    body: bytes
    media: bytes = b"application/json"
    headers: tuple[Header, ...] = ()


def read_head(scope: Scope, receive: Receive) -> Request:
    """Return the request of ``scope``; a header that comes twice counts as given first."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers.setdefault(bytes(name), bytes(value))
    id = scope.get("tradewind.id") or request_id(headers.get(b"x-request-id"))
    return Request(
        scope=scope, receive=receive, headers=headers, id=id, traceparent=trace_parent(headers.get(b"traceparent"))
    )


def credential(headers: Mapping[bytes, bytes]) -> bytes | None:
    """Return what names the caller: ``Authorization: Bearer …`` or ``X-API-Key: …``."""
    return headers.get(b"authorization", headers.get(b"x-api-key"))


async def read_body(request: Request, settings: ApiSettings) -> bytes:
    """Return the body.

    Raises
    ------
    Problem : it is too large, or does not arrive in time.
    Disconnected : the caller went away.
    """
    length = request.headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > settings.max_body:
        raise _too_large(settings)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(settings.body_timeout):
            while True:
                message: Message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                part = message.get("body", b"")
                size += len(part)
                if size > settings.max_body:
                    raise _too_large(settings)
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise Problem(
            "slow-body",
            f"Send the whole body within {settings.body_timeout:g} seconds.",
            headers={"connection": "close"} if request.scope.get("http_version", "1.1")[:1] == "1" else None,
        ) from None


def _too_large(settings: ApiSettings) -> Problem:
    return Problem("too-large", f"Send at most {settings.max_body} bytes; split what is more.")


def read_json(request: Request, data: bytes, shape: type[T], *, max_depth: int | None) -> T:
    """Return ``data`` as ``shape``; ``max_depth`` None where the shape itself bounds how deep it nests.

    Raises
    ------
    Problem : it is not said to be JSON, is not JSON, is nested too deeply or does not fit.
    """
    media = (request.header(b"content-type") or "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Problem("media-type", "Send JSON with Content-Type: application/json.")
    if max_depth is not None and nested_deeper(data, max_depth):
        raise Problem("malformed", f"Nest arrays and objects at most {max_depth} deep.")
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise Problem("invalid", f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Problem("malformed", f"The body is not valid JSON: {text}.") from None


def nested_deeper(data: bytes, depth: int) -> bool:
    """Return whether JSON ``data`` opens more than ``depth`` arrays and objects within each other."""
    if data.count(b"[") + data.count(b"{") <= depth:
        return False
    level, quoted = 0, False
    for byte in _MARKS.findall(data):
        if quoted:
            quoted = byte != b'"'  # an escaped quote comes whole, with its backslash, and ends nothing
        elif byte == b'"':
            quoted = True
        elif byte in b"[{":
            level += 1
            if level > depth:
                return True
        elif byte in b"]}":
            level -= 1
    return False


_MARKS = re.compile(rb'\\.|[\[\]{}"]', re.DOTALL)


def read_params(request: Request, shape: type[T]) -> T:
    """Return the parameters of path and query as ``shape``.

    Raises
    ------
    Problem : one is unknown, comes twice or does not fit.
    """
    try:
        text = bytes(request.scope["query_string"]).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=32)
    except (UnicodeDecodeError, ValueError):
        raise Problem("malformed", "The query is not a list of name=value in percent-encoded UTF-8.") from None
    values: dict[str, str] = dict(request.values)
    for name, value in pairs:
        if name in values:
            raise Problem("invalid", f"Give the parameter {name[:64]!r} once.")
        values[name] = value
    try:
        return msgspec.convert(values, shape, strict=False)
    except msgspec.ValidationError as error:
        known = ", ".join(f.encode_name for f in msgspec.structs.fields(shape))  # type: ignore[arg-type]
        raise Problem("invalid", f"{error}. The parameters are: {known or 'none'}.") from None
