"""Records to JSON bytes and back, by the version that the ``schema`` header names.

JSON knows neither NaN nor infinity: both are written as null. Read back, null is NaN in the fields that may be missing
(a bar's volume, a prediction's bounds) and an error in all others, so a bar without a close is never taken for a bar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from typing import Any

import msgspec
from msgspec import Struct

from tradewind.core import TradewindError
from tradewind.streaming.schema.kinds import KINDS, DeadLetter, Kind


class UnreadableError(TradewindError):
    """Bytes that are no record: of an unknown kind or a newer version, not decodable, or impossible."""


def lenient(kind: Kind) -> type[Struct]:
    """Return the struct of what may lie in JSON: as the record, with null where a field may be missing."""
    fields: list[Any] = []
    for item in msgspec.structs.fields(kind.record):
        shape = item.type | None if item.name in kind.missing else item.type
        if item.required:
            fields.append((item.encode_name, shape))
        else:
            made = item.default_factory is not msgspec.NODEFAULT
            default = msgspec.field(default_factory=item.default_factory) if made else item.default
            fields.append((item.encode_name, shape, default))
    tag = kind.record.__struct_config__.tag
    return msgspec.defstruct(kind.record.__name__, fields, tag=tag, kw_only=True, frozen=True)


class Schemas:
    """Encodes and decodes the kinds it was given.

    Parameters
    ----------
    kinds : name -> kind.
    """

    def __init__(self, kinds: Mapping[str, Kind] = KINDS) -> None:
        self._kinds = kinds
        self._encode = msgspec.json.Encoder().encode
        self._topics: dict[type, tuple[str, str]] = {kind.record: (kind.topic, kind.schema) for kind in kinds.values()}
        self._newest: dict[str, tuple[Callable[[bytes], Any], Any]] = {
            kind.schema: (msgspec.json.Decoder(kind.record).decode, kind.check) for kind in kinds.values()
        }
        self._lenient = {name: msgspec.json.Decoder(lenient(kind)) for name, kind in kinds.items()}

    def encode(self, record: Any) -> tuple[str, str, bytes]:
        """Return (topic, schema, bytes) of ``record``.

        Raises
        ------
        TypeError : no kind is of its type.
        """
        try:
            topic, schema = self._topics[type(record)]
        except KeyError:
            raise TypeError(f"the log carries no {type(record).__name__}") from None
        if not topic and isinstance(record, DeadLetter):
            topic = f"{record.topic}.dead"
        return topic, schema, self._encode(record)

    def decode(self, schema: str, value: bytes, written_at: int) -> Any:
        """Return the record in ``value``, upgraded to the newest version of its kind.

        Parameters
        ----------
        schema : the header, such as ``bar/1``.
        value : the bytes.
        written_at : when the log took them, microseconds UTC; a record from further ahead than a year is impossible.

        Raises
        ------
        UnreadableError : with the reason.
        """
        newest = self._newest.get(schema)
        if newest is None:
            return self._old(schema, value, written_at)
        decoder, check = newest
        try:
            record = decoder(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            record = self._with_missing(self._kinds[schema.partition("/")[0]], value)
        if check is not None:
            problem = check(record, written_at)
            if problem is not None:
                raise UnreadableError(problem)
        return record

    def _with_missing(self, kind: Kind, value: bytes) -> Any:
        try:
            given = self._lenient[kind.name].decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableError(f"no {kind.schema}: {error}") from error
        fields = {item.name: getattr(given, item.encode_name) for item in msgspec.structs.fields(kind.record)}
        fields |= {name: nan for name in kind.missing if fields[name] is None}
        return kind.record(**fields)

    def _old(self, schema: str, value: bytes, written_at: int) -> Any:
        """Upgrade bytes of an older version, or say why there is no way."""
        name, _, number = schema.partition("/")
        kind = self._kinds.get(name)
        if kind is None:
            raise UnreadableError(f"unknown kind of record {schema!r}" if schema else "no schema header")
        if not (number.isascii() and number.isdigit()) or int(number) < 1:
            raise UnreadableError(f"schema {schema!r} has no version")
        version = int(number)
        if version > kind.version:
            raise UnreadableError(f"schema {schema!r} is newer than {kind.schema!r}, the newest known here")
        try:
            fields = msgspec.json.decode(value, type=dict[str, Any])
            for upgrade in kind.upgrades[version - 1 :]:
                fields = upgrade(fields)
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise UnreadableError(f"{schema} cannot be upgraded to {kind.schema}: {error!r}") from error
        return self.decode(kind.schema, self._encode(fields), written_at)


SCHEMAS = Schemas()
"""The one that the log uses."""
