"""JSON Schema files of every version, and what a change of one breaks for readers of old bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tradewind.streaming.schema.codec import lenient
from tradewind.streaming.schema.kinds import KINDS, Kind

Schema = Mapping[str, Any]


def json_schema(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of the newest version of ``kind``, for readers that do not use this package."""
    schema = msgspec.json.schema(lenient(kind))
    body = dict(schema["$defs"][schema["$ref"].rpartition("/")[2]])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": kind.schema, **body}


def write_schemas(folder: str | Path, kinds: Mapping[str, Kind] = KINDS) -> list[Path]:
    """Write ``<kind>.<version>.json`` of the newest versions that have no file yet; return those written."""
    written = []
    for kind in kinds.values():
        path = Path(folder) / f"{kind.name}.{kind.version}.json"
        if not path.exists():
            path.write_text(json.dumps(json_schema(kind), indent=2) + "\n", encoding="utf-8")
            written.append(path)
    return written


def _types(field: Schema) -> set[str]:
    """Return the JSON types a field may hold."""
    if "anyOf" in field:
        return set().union(*(_types(part) for part in field["anyOf"]))
    kind = field.get("type")
    if kind is None:
        return {"string"} if "enum" in field or "const" in field else {"any"}
    return {kind} if isinstance(kind, str) else set(kind)


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return why bytes of ``old`` are not bytes of ``new``; empty where ``new`` reads them as they are.

    A field added without a default, a type narrowed and a value taken from an enumeration break; a field taken away
    does not, for it is ignored. Where the list is not empty, the upgrade between the two has work to do.
    """
    found = []
    before, after = old["properties"], new["properties"]
    found += [f"field {name!r} is new and has no default" for name in new.get("required", ()) if name not in before]
    found += [
        f"field {name!r} was optional and is required"
        for name in new.get("required", ())
        if name in before and name not in old.get("required", ())
    ]
    for name in before.keys() & after.keys():
        narrowed = _types(before[name]) - _types(after[name])
        if narrowed and not (narrowed == {"integer"} and "number" in _types(after[name])):
            found.append(f"field {name!r} no longer takes {', '.join(sorted(narrowed))}")
        if "enum" in after[name]:
            gone = set(before[name].get("enum", ("any other value",))) - set(after[name]["enum"])
            found += [f"field {name!r} no longer takes {value!r}" for value in sorted(map(str, gone))]
    return sorted(found)
