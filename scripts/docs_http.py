"""Pages of the two HTTP interfaces, from their OpenAPI schemas: the server's and the dashboard's."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx

from docs_cli import escaped
from tradewind.serving.access import KeyAccess, KeyStore, KeyTerms, create_key
from tradewind.serving.api import ApiHooks, build_api
from tradewind.serving.contracts import Forecasts
from tradewind.web.app import build_dashboard
from tradewind.web.workspace import Workspace

Json = dict[str, Any]

SERVER = """# HTTP API of the server

Made from the schema that a running server gives at `/openapi.json` (and reads aloud at `/docs`). How callers identify
themselves, page, retry and subscribe is told in [the API's own page](../api.md).
"""
DASHBOARD = """# HTTP API of the dashboard

Made from the schema of `tradewind dashboard`. The dashboard's own page is its first user; the operations are for it and
for scripts of the people who may open the view. Requests carry the session's cookie; those that change something carry
the header `X-Tradewind: 1` too. Errors are `application/problem+json` with a `fix`.
"""


def type_of(schema: Json) -> str:
    """Return a schema's type in a word or two."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rsplit('/', 1)[-1]}`"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(type_of(one) for one in schema[key]))
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"][:8])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def body_of(content: Json) -> str:
    """Return what a body holds, by its media types."""
    return "; ".join(f"`{media}` {type_of(one.get('schema', {}))}" for media, one in content.items())


def operation(method: str, path: str, told: Json) -> Iterator[str]:
    """Yield the section of one operation."""
    yield f"\n### {method.upper()} {path}\n\n"
    words = "\n\n".join(dict.fromkeys(one for one in (told.get("summary"), told.get("description")) if one))
    yield words.replace("<", "&lt;").replace("``", "`") + "\n"
    rows = []
    for one in told.get("parameters", []):
        need = "yes" if one.get("required") else ""
        about = escaped(one.get("description") or "")
        rows.append(
            f"| `{one['name']}` | {one['in']} | {escaped(type_of(one.get('schema', {})))} | {need} | {about} |\n"
        )
    if rows:
        yield "\n| parameter | in | type | required | meaning |\n| --- | --- | --- | --- | --- |\n"
        yield from rows
    if body := told.get("requestBody"):
        yield f"\nBody: {body_of(body.get('content', {}))}\n"
    yield "\n| status | answer |\n| --- | --- |\n"
    for status, answer in told.get("responses", {}).items():
        what = body_of(answer.get("content", {}))
        yield f"| {status} | {escaped(answer.get('description', ''))}{': ' if what else ''}{escaped(what)} |\n"


def shapes(schema: Json) -> Iterator[str]:
    """Yield the section of the shapes that bodies have."""
    known = schema.get("components", {}).get("schemas", {})
    if known:
        yield "\n## Shapes\n"
    for name, shape in sorted(known.items()):
        about = " ".join(str(shape.get("description", "")).split("\n\n")[0].split())
        yield f"\n### {name}\n\n{about.replace('<', '&lt;').replace('``', '`')}\n"
        if "enum" in shape:
            yield "\nOne of " + ", ".join(f"`{one}`" for one in shape["enum"]) + ".\n"
        if fields := shape.get("properties"):
            yield "\n| field | type | always there |\n| --- | --- | --- |\n"
            for field, one in fields.items():
                always = "yes" if field in shape.get("required", []) else ""
                yield f"| `{field}` | {escaped(type_of(one))} | {always} |\n"


def page(head: str, schema: Json) -> str:
    """Return the text of a page: operations by tag (or first word of the path), then shapes."""
    groups: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            if method not in {"get", "post", "put", "patch", "delete"}:
                continue
            words = [word for word in path.strip("/").split("/") if word not in {"api", "v1"} and "{" not in word]
            group = (told.get("tags") or words or ["other"])[0]
            groups.setdefault(group, []).append("".join(operation(method, path, told)))
    parts = [head]
    for group, texts in groups.items():
        parts.append(f"\n## {group.capitalize()}\n")
        parts.extend(texts)
    parts.extend(shapes(schema))
    return "".join(parts)


def server_schema() -> Json:
    """Return the schema of the server's API, asked of the application itself.

    Its forecasts are the protocol, which has every method; none is called for a schema.
    """
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.json"
        create_key(keys, KeyTerms(scopes=("read",)))
        api = build_api(
            cast("Forecasts", Forecasts), KeyAccess(KeyStore(keys)), hooks=ApiHooks(metrics=lambda: (b"", "text/plain"))
        )

        async def ask() -> Json:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://docs") as client:
                found = (await client.get("/openapi.json")).raise_for_status()
            schema: Json = found.json()
            return schema

        return asyncio.run(ask())


def dashboard_schema() -> Json:
    """Return the schema of the dashboard's API, over an empty folder."""
    with tempfile.TemporaryDirectory() as home:
        return build_dashboard(Workspace.of(Path(home))).openapi()


def http_pages() -> dict[str, str]:
    """Return path below ``reference/`` -> text of the page."""
    return {
        "http-server.md": page(SERVER, server_schema()),
        "http-dashboard.md": page(DASHBOARD, dashboard_schema()),
    }
