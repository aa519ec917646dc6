"""The built page and its assets: compressed ahead of time, and cached for good by their hashed names."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

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


@router.get("/{path:path}")
def page(request: Request, path: str) -> Response:
    """The file of that name; for any other address of the application its one page."""
    if path.startswith("api/"):
        raise Problem(404, "There is no such operation", f"/{path} is not known.", fix="see /api/openapi.json")
    wanted = (STATIC / path).resolve()
    if path and wanted.is_relative_to(STATIC.resolve()) and wanted.is_file():
        return _file(request, wanted, lasting=path.startswith("assets/"))
    if path.startswith("assets/"):
        raise Problem(404, "There is no such file", f"/{path} is not part of this version.", fix="load the page anew")
    index = STATIC / "index.html"
    if not index.is_file():
        raise Problem(
            503, "The page is not built", "static/index.html is missing.", fix="run `make dashboard` in a checkout"
        )
    return _file(request, index, lasting=False)


def _file(request: Request, path: Path, *, lasting: bool) -> Response:
    headers = {"cache-control": "public, max-age=31536000, immutable" if lasting else "no-cache"}
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    packed = path.with_name(path.name + ".gz")
    if packed.is_file():
        headers["vary"] = "accept-encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            return FileResponse(packed, media_type=kind, headers=headers | {"content-encoding": "gzip"})
    return FileResponse(path, media_type=kind, headers=headers)
