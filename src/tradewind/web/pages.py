"""The built page and its assets: read and compressed ahead of time, and cached for good by their hashed names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources
from os.path import normpath
from pathlib import Path

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tradewind.web.problems import Problem

router = APIRouter(include_in_schema=False)
STATIC = Path(str(resources.files("tradewind.web"))) / "static"
SECURITY = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


_PRELOADS = {
    ".js": "rel=modulepreload",
    ".css": "rel=preload; as=style; crossorigin",
    ".woff2": "rel=preload; as=font; type=font/woff2; crossorigin",
}


@dataclass(frozen=True, kw_only=True)
class _File:
    """One file as it is sent."""

    changed: int
    plain: bytes
    packed: bytes | None
    headers: tuple[tuple[bytes, bytes], ...]
    etag: str


@dataclass(eq=False)
class Built:
    """Answers for the files of the page, and with its one frame for every other address that is not of the API.

    It stands before everything else of the application: a page opens with a dozen files, and routing each of them
    through the operations would take longer than all the rest of it.
    """

    app: ASGIApp
    held: dict[str, _File] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")[1:]
        wanted = scope["type"] == "http" and scope["method"] == "GET" and not path.startswith("api/")
        found = (self._file(path) or self._frame(path)) if wanted else None
        if found is None:
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        headers, status, content = list(found.headers), 200, found.plain
        if found is self.held.get("index.html"):
            headers += [(b"link", one) for one in self._ahead(path)]
        if asked.get("if-none-match") == found.etag:
            status, content = 304, b""
        elif found.packed is not None and "gzip" in asked.get("accept-encoding", ""):
            content = found.packed
            headers.append((b"content-encoding", b"gzip"))
        if status == 200:
            headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _frame(self, path: str) -> _File | None:
        return None if path.startswith("assets/") else self._file("index.html")

    def _file(self, path: str) -> _File | None:
        """Return the file of that name, read anew when it changed; None where there is none."""
        if path != normpath(path):  # one name for each file, or what is held of them would have no end
            return None
        wanted = STATIC / path
        try:
            changed = wanted.stat().st_mtime_ns
        except (OSError, ValueError):  # absent, or no name of a file
            return None
        held = self.held.get(path)
        if held is not None and held.changed == changed:
            return held
        if not wanted.is_file() or not wanted.resolve().is_relative_to(STATIC.resolve()):
            return None
        self.held[path] = _read(wanted, changed, lasting=path.startswith("assets/"))
        return self.held[path]

    def _ahead(self, path: str) -> list[bytes]:
        """Return the headers that name what the page of this address is made of, beyond what its frame names."""
        told = self._file("pages.json")
        pages: dict[str, list[str]] = json.loads(told.plain) if told else {}
        parts = path.split("/")
        files = [file for page in ("", parts[0], "/".join(parts[:2])) for file in pages.get(page, ())]
        return [f"</{file}>; {_PRELOADS[Path(file).suffix]}".encode() for file in dict.fromkeys(files)]


@router.get("/{path:path}")
def page(path: str) -> None:
    """What no file and no operation answers."""
    if path.startswith("api/"):
        raise Problem(404, "There is no such operation", f"/{path} is not known.", fix="see /api/openapi.json")
    if path.startswith("assets/"):
        raise Problem(404, "There is no such file", f"/{path} is not part of this version.", fix="load the page anew")
    raise Problem(
        503, "The page is not built", "static/index.html is missing.", fix="run `make dashboard` in a checkout"
    )


def _read(path: Path, changed: int, *, lasting: bool) -> _File:
    plain = path.read_bytes()
    packed = path.with_name(path.name + ".gz")
    etag = f'"{sha256(plain).hexdigest()[:20]}"'
    headers = {
        "content-type": _TYPES.get(path.suffix, "application/octet-stream"),
        "cache-control": "public, max-age=31536000, immutable" if lasting else "no-cache",
        "etag": etag,
        **({"vary": "accept-encoding"} if packed.is_file() else {}),
        **SECURITY,
    }
    return _File(
        changed=changed,
        plain=plain,
        packed=packed.read_bytes() if packed.is_file() else None,
        headers=tuple((name.encode(), value.encode()) for name, value in headers.items()),
        etag=etag,
    )
