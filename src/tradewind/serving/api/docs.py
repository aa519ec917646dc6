"""The schema and a page that shows it: written once, with nothing fetched from elsewhere."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

import msgspec

from tradewind.serving.api.openapi import openapi
from tradewind.serving.api.operations import Operation
from tradewind.serving.api.problems import KINDS
from tradewind.serving.api.requests import Reply, Request

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "code,pre{font:13px/1.45 ui-monospace,monospace;background:#f3f4f6;border-radius:4px}code{padding:.1em .3em}"
    "pre{padding:.8rem;overflow:auto}table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #d8dbe0;padding:.35rem .5rem;text-align:left;vertical-align:top}"
    "h2{margin-top:2rem}summary{cursor:pointer}"
)


def docs_operations(operations: Sequence[Operation], *, keys: bool) -> list[Operation]:
    """Return GET /openapi.json and GET /docs for ``operations``; ``keys`` : whether callers need one."""
    described: list[Operation] = list(operations)

    async def schema(request: Request) -> Reply:  # noqa: ARG001
        return Reply(200, document)

    async def page(request: Request) -> Reply:  # noqa: ARG001
        policy = b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        return Reply(200, shown, b"text/html; charset=utf-8", ((b"content-security-policy", policy),))

    own = [
        Operation(
            name="openapi",
            method="GET",
            path="/openapi.json",
            summary="This schema",
            handler=schema,
            scope=None,
            answer=dict,
        ),
        Operation(
            name="docs",
            method="GET",
            path="/docs",
            summary="This schema as a page",
            handler=page,
            scope=None,
            media="text/html",
        ),
    ]
    described += own
    found = openapi(described, keys=keys)
    document = msgspec.json.encode(found)
    shown = _page(found).encode()
    return own


def _page(document: dict[str, Any]) -> str:
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>",
        f"<title>{_text(document['info']['title'])} API</title><style>{_STYLE}</style>",
        f"<h1>{_text(document['info']['title'])} API {_text(document['info']['version'])}</h1>",
        f"<p>{_text(document['info']['description'])}</p>",
        "<p>The schema: <a href='/openapi.json'>openapi.json</a>.</p>",
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts.append(_section(path, method, operation))
    parts.append("<h2>Shapes</h2>")
    for name, schema in document["components"]["schemas"].items():
        text = _text(json.dumps(schema, indent=2))
        parts.append(
            f"<details id='{_text(name)}'><summary><code>{_text(name)}</code></summary><pre>{text}</pre></details>"
        )
    rows = "".join(
        f"<tr><td><code>urn:tradewind:problem:{_text(kind)}</code><td>{status}<td>{_text(title)}"
        for kind, (status, title) in KINDS.items()
    )
    parts.append(f"<h2>Problems</h2><table><tr><th>type<th>status<th>title{rows}</table></html>")
    return "\n".join(parts)


def _section(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{_text(p['name'])}</code><td>{p['in']}{', needed' if p['required'] else ''}"
        f"<td><code>{_text(json.dumps(p['schema']))}</code>"
        for p in operation["parameters"]
    )
    table = f"<table><tr><th>parameter<th>in<th>schema{rows}</table>" if rows else ""
    body = operation.get("requestBody")
    sent = f"<p>Body: {_shape(body['content']['application/json']['schema'])}</p>" if body else ""
    answers = ", ".join(operation["responses"])
    given = "".join(_shape(content["schema"]) for content in operation["responses"]["200"]["content"].values())
    return (
        f"<h2 id='{_text(operation['operationId'])}'><code>{method.upper()} {_text(path)}</code></h2>"
        f"<p>{_text(operation['summary'])}. {_text(operation.get('description', ''))}</p>"
        f"{table}{sent}<p>Answer: {given}. Statuses: {answers}.</p>"
    )


def _shape(schema: dict[str, Any]) -> str:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    return (
        f"<a href='#{_text(name)}'><code>{_text(name)}</code></a>"
        if name
        else f"<code>{_text(json.dumps(schema))}</code>"
    )


def _text(value: str) -> str:
    return html.escape(str(value), quote=True)
