"""One entry of the log as it is stored, and the hash that ties it to the entry before."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tradewind.core import UsageError
from tradewind.core.plain import finite

GENESIS, RETENTION, KEY_ROTATION = "genesis", "retention", "key_rotation"
CONTROL = (GENESIS, RETENTION, KEY_ROTATION)
"""Kinds that the log writes about itself; their bodies are never encrypted, so that verification needs no key."""

MAX_BODY = 16 * 2**20
MAX_DEPTH = 100
"""Levels of a body; JSON that nests much deeper can be written and then not be read."""
INDEXED = ("model", "symbol", "caller")
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_HEADER = struct.Struct(">qqIIIIII")
_LOG = b"tradewind audit log 1\0"


class Row(NamedTuple):
    """A stored entry.

    Attributes
    ----------
    seq : 0 for the first entry (genesis), then one more each.
    at : microseconds since 1970, UTC, by the clock of the process that wrote it.
    kind : what it is about: prediction, decision, override, ...
    key_id : data key that encrypted ``body``; empty where ``body`` is plain.
    model, symbol, caller : copied from the body so that a query can find them; empty where ``body`` is encrypted.
    body : canonical JSON, or nonce and ciphertext of it.
    hash : SHA-256 over the hash before and all the above, see :func:`row_hash`.
    """

    seq: int
    at: int
    kind: str
    key_id: str
    model: str
    symbol: str
    caller: str
    body: bytes
    hash: bytes


class Draft(NamedTuple):
    """An entry that waits for its place in the chain."""

    kind: str
    at: int
    body: bytes
    model: str
    symbol: str
    caller: str


def row_hash(previous: bytes, seq: int, at: int, parts: tuple[bytes, bytes, bytes, bytes, bytes, bytes]) -> bytes:
    """Return the hash of an entry: SHA-256 over ``previous`` (32 bytes), a fixed header and ``parts``.

    ``parts`` are kind, key id, model, symbol, caller (UTF-8) and the stored body. The header holds ``seq``, ``at`` and
    the length of every part, big-endian, so no two entries share their bytes.
    """
    header = _HEADER.pack(seq, at, *map(len, parts))
    return hashlib.sha256(b"".join((previous, header, *parts))).digest()


def first_hash(log: bytes) -> bytes:
    """Return what stands before the first entry of the log with id ``log`` (16 bytes)."""
    return hashlib.sha256(_LOG + log).digest()


def draft_of(kind: str, body: Mapping[str, Any], at: int) -> Draft:
    """Return the entry to be written; ``at`` in microseconds since 1970.

    Raises
    ------
    UsageError : the kind is not a short lower-case word or is one the log keeps for itself; the body is no mapping,
        too large, or holds what JSON cannot.
    """
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise UsageError(
            f"audit kind {kind!r} is not a kind", fix="use lower-case letters, digits, '_', '-', '.'; 64 at most"
        )
    if kind in CONTROL:
        raise UsageError(f"audit kind {kind!r} is written by the log itself", fix="choose another kind")
    return _draft(kind, body, at)


def control_draft(kind: str, body: Mapping[str, Any], at: int) -> Draft:
    """Return an entry that the log writes about itself."""
    return _draft(kind, body, at)


def _draft(kind: str, body: Mapping[str, Any], at: int) -> Draft:
    stored = canonical(body)
    if len(stored) > MAX_BODY:
        raise UsageError(
            f"the body of an audit entry has {len(stored)} bytes, more than {MAX_BODY}",
            fix="keep large inputs elsewhere and record their SHA-256",
        )
    if stored.count(b"{") + stored.count(b"[") > MAX_DEPTH and _too_deep(body):
        raise UsageError(f"the body of an audit entry has more than {MAX_DEPTH} levels", fix="record it as text")
    found = [body.get(name) for name in INDEXED]
    model, symbol, caller = (value if isinstance(value, str) else "" for value in found)
    if "\0" in model + symbol + caller:
        raise UsageError("model, symbol or caller of an audit entry holds a zero byte", fix="leave it out")
    return Draft(kind, at, stored, model, symbol, caller)


def _too_deep(body: Mapping[str, Any]) -> bool:
    level: list[Any] = [body]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, Mapping) else value)
            if isinstance(item, Mapping | list | tuple)
        ]
    return bool(level)


def canonical(body: Mapping[str, Any]) -> bytes:
    """Return ``body`` as JSON in UTF-8 with sorted keys and no spaces; NaN and infinity become null.

    Raises
    ------
    UsageError : it is no mapping, or holds what JSON cannot.
    """
    if not isinstance(body, Mapping):
        raise UsageError(f"the body of an audit entry is a {type(body).__name__}", fix="give a mapping of names")
    try:
        try:
            text = _json(dict(body))
        except ValueError:  # NaN, infinity, or a mapping that holds itself: the second try tells
            text = _json(finite(body))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"the body of an audit entry cannot be written as JSON ({error})",
            fix="use text, numbers, times, lists and mappings with text keys",
        ) from error


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(micros(value)) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, np.ndarray):
        return finite(value.tolist())
    if isinstance(value, np.generic):
        return finite(value.item())
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is not JSON")


def micros(moment: datetime) -> int:
    """Return microseconds since 1970 of an aware ``moment``."""
    past = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def moment(at: int) -> datetime:
    """Return the aware UTC time of ``at`` microseconds since 1970."""
    seconds, rest = divmod(at, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def iso(at: int) -> str:
    """Return ``at`` microseconds since 1970 as ISO text with microseconds and Z."""
    return moment(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
