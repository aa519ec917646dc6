"""A struct cannot change without a new version, for bytes of the old one lie in the log."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from tradewind.streaming.schema import KINDS, Kind, breaks, json_schema, write_schemas

FOLDER = Path(__file__).parents[3] / "docs" / "schemas"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_version_has_its_file_and_the_newest_is_as_the_struct(kind: Kind) -> None:
    for version in range(1, kind.version + 1):
        assert (FOLDER / f"{kind.name}.{version}.json").is_file()
    written = json.loads((FOLDER / f"{kind.name}.{kind.version}.json").read_text(encoding="utf-8"))
    assert written == json_schema(kind), "a change of the struct needs a new version, an upgrade and write_schemas()"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_file_lies_there_for_no_version_that_is_unknown(kind: Kind) -> None:
    known = {f"{kind.name}.{version}.json" for version in range(1, kind.version + 1)}
    assert {path.name for path in FOLDER.glob(f"{kind.name}.*.json")} == known


def _schema(**fields: object) -> dict[str, object]:
    record = msgspec.defstruct("Tick", list(fields.items()), tag="tick", bases=(Struct,))
    return json_schema(Kind(name="tick", record=record))


def test_what_breaks_readers_of_old_bytes_is_named() -> None:
    old = _schema(price=float, note=str | None)
    assert breaks(old, old) == []
    assert breaks(old, _schema(price=float)) == []  # a field less is ignored
    assert breaks(old, _schema(price=float, note=str | None, venue=str)) == ["field 'venue' is new and has no default"]
    assert breaks(old, _schema(price=float, note=str)) == ["field 'note' no longer takes null"]
    assert breaks(old, _schema(price=int, note=str | None)) == ["field 'price' no longer takes number"]
    assert breaks(_schema(n=int), _schema(n=float)) == []  # wider


def test_a_field_with_a_default_breaks_nothing() -> None:
    class Before(Struct, tag="tick"):
        price: float

    class After(Struct, tag="tick"):
        price: float
        venue: str = "unknown"

    old, new = (json_schema(Kind(name="tick", record=record)) for record in (Before, After))
    assert breaks(old, new) == []
    assert breaks(new, old) == []


def test_a_file_is_written_once_and_never_over(tmp_path: Path) -> None:
    assert len(write_schemas(tmp_path)) == len(KINDS)
    (tmp_path / "bar.1.json").write_text("{}")
    assert write_schemas(tmp_path) == []
    assert (tmp_path / "bar.1.json").read_text() == "{}"
