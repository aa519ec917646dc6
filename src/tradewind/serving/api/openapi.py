"""The published schema, OpenAPI 3.1, written from the table of operations and the structs they read and write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from tradewind.serving.api.operations import Operation
from tradewind.serving.api.problems import KINDS
from tradewind.serving.api.shapes import NoParams, ProblemBody

VERSION = "1.0.0"
_ALWAYS = (400, 403, 422, 431, 500)
_KEYED = (401, 429, 503, 504)
_BODY = (408, 413, 415)
_ONCE = (409,)
_TOLD = {status for status in {*_KEYED, *_ONCE} if status != 401}
"""Statuses that say in Retry-After when to ask again."""
_SECONDS = {
    "Retry-After": {"description": "Seconds after which to ask again.", "schema": {"type": "integer", "minimum": 1}}
}
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def openapi(operations: Sequence[Operation], *, keys: bool = True) -> dict[str, Any]:
    """Return the OpenAPI document of ``operations``; ``keys`` : whether callers need one."""
    shapes = {shape for o in operations for shape in (o.body, o.answer) if shape not in (None, dict)} | {ProblemBody}
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    schemas, components = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    refs = dict(zip(ordered, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, refs, keys)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tradewind",
            "version": VERSION,
            "description": (
                "Forecasts of the direction of equities. Times are UTC. Errors are problem details (RFC 9457); the "
                "type is urn:tradewind:problem:<kind>. Every answer has an X-Request-Id, yours where you sent one."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": components,
            **({"securitySchemes": _SCHEMES} if keys else {}),
        },
    }


def _operation(operation: Operation, refs: dict[Any, Any], keys: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": _responses(operation, refs),
        "security": [{"bearer": []}, {"key": []}] if keys and operation.scope is not None else [],
    }
    if keys and operation.scope is not None:
        found["description"] = f"Needs a key with the scope `{operation.scope}`."
    if operation.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": refs[operation.body]}}}
    return found


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if operation.params is not NoParams:
        in_path = set(re.findall(r"{(\w+)}", operation.path))
        _, components = msgspec.json.schema_components([operation.params])
        properties = components[operation.params.__name__]["properties"]
        for name, schema in properties.items():
            place = "path" if name in in_path else "query"
            found.append({"name": name, "in": place, "required": place == "path", "schema": _plain(schema)})
            if name in operation.choices:
                found[-1]["schema"] = {"type": "string", "enum": list(operation.choices[name])}
    if operation.once:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Repeating the request with the same key gives the first answer again.",
                "schema": {"type": "string", "pattern": "^[!-~]{8,128}$"},
            }
        )
    if operation.stream:
        found.append(
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "description": "Id of the last event seen: those after it come first.",
                "schema": {"type": "string", "pattern": r"^[0-9]{1,18}\.[!-~]{1,128}$"},
            }
        )
    return found


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter: absent is how a parameter says null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    found = dict(kinds[0]) if len(kinds) == 1 else dict(schema)
    if schema.get("default") is not None:
        found["default"] = schema["default"]
    else:
        found.pop("default", None)
    return found


def _responses(operation: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    if operation.answer is None:
        schema: Any = {"type": "string"}
    elif operation.answer is dict:
        schema = {"type": "object"}
    else:
        schema = refs[operation.answer]
    found: dict[str, Any] = {
        "200": {
            "description": operation.summary + ".",
            "headers": {"X-Request-Id": {"schema": {"type": "string"}}},
            "content": {operation.media: {"schema": schema}},
        }
    }
    statuses = {*_ALWAYS, *operation.statuses}
    if operation.scope is not None:
        statuses |= set(_KEYED)
    if operation.body is not None or operation.method == "POST":
        statuses |= set(_BODY)
    if operation.once:
        statuses |= set(_ONCE)
    if operation.name == "ready":
        statuses.add(503)
    problem = {"application/problem+json": {"schema": refs[ProblemBody]}}
    for status in sorted(statuses):
        kinds = [f"{title} (`{kind}`)" for kind, (code, title) in KINDS.items() if code == status]
        if status == 304:
            found["304"] = {"description": "Not changed since the answer with that entity tag."}
            continue
        found[str(status)] = {"description": "; ".join(kinds) + ".", "content": problem}
        if status in _TOLD:
            found[str(status)]["headers"] = _SECONDS
    return found
