"""Reading entries back: filters, decryption, order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tradewind.core import InputError, UsageError
from tradewind.governance.audit.keys import Vault
from tradewind.governance.audit.row import INDEXED, Row, iso, micros
from tradewind.governance.audit.store import Ledger

Moment = datetime | date | str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry as a reader sees it.

    Attributes
    ----------
    seq : its number.
    at : ISO time (UTC, microseconds) at which it was written.
    kind : prediction, decision, override, ...
    body : what was recorded.
    key_id : data key it is encrypted with; empty where it is plain.
    hash : 64 hex digits.
    """

    seq: int
    at: str
    kind: str
    body: dict[str, Any]
    key_id: str
    hash: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "seq": self.seq,
            "at": self.at,
            "kind": self.kind,
            "body": self.body,
            "key_id": self.key_id,
            "hash": self.hash,
        }


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which entries: all conditions that are not None hold.

    Attributes
    ----------
    kind, model, symbol, caller : equal to this.
    since, until : written at or after, and before (ISO text, date or datetime; without a zone: UTC).
    text : the body holds this; letters A to Z of either case.
    below : its number is under this one, as those after the last of a page that began with the newest.
    """

    kind: str | None = None
    since: Moment | None = None
    until: Moment | None = None
    model: str | None = None
    symbol: str | None = None
    caller: str | None = None
    text: str | None = None
    below: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the conditions that are set."""
        times = {name: value for name, value in (("since", self.since), ("until", self.until)) if value is not None}
        named = {
            name: getattr(self, name) for name in ("kind", *INDEXED, "text", "below") if getattr(self, name) is not None
        }
        return {**{name: iso(at_of(value, name)) for name, value in times.items()}, **named}

    def sql(self, *, encrypted: bool = True, by_time: bool = True) -> tuple[str, list[Any]]:
        """Return the SQL condition and its values; encrypted entries pass where only their body can tell.

        ``encrypted`` : whether the log has such entries; without them an index can find the others. ``by_time`` :
        whether the index of times may be used, after which entries must be sorted.
        """
        parts: list[str] = ["1 = 1"]
        values: list[Any] = []
        at = "at" if by_time else "+at"
        if self.since is not None:
            parts.append(f"{at} >= ?")
            values.append(at_of(self.since, "since"))
        if self.until is not None:
            parts.append(f"{at} < ?")
            values.append(at_of(self.until, "until"))
        if self.kind is not None:
            parts.append("kind = ?")
            values.append(self.kind)
        if self.below is not None:
            parts.append("seq < ?")
            values.append(self.below)
        for name in INDEXED:
            wanted = getattr(self, name)
            if wanted is not None:
                parts.append(f"({name} = ? OR key_id <> '')" if encrypted else f"{name} = ? AND {name} <> ''")
                values.append(wanted)
        return " AND ".join(parts), values

    def lets_through(self, body: dict[str, Any]) -> bool:
        """Return whether model, symbol and caller are in ``body`` as asked."""
        return all(getattr(self, name) in (None, body.get(name)) for name in INDEXED)

    def told_in(self, body: bytes) -> bool:
        """Return whether ``body`` (plain JSON) holds the text that is asked for."""
        if not self.text:
            return True
        return json.dumps(self.text, ensure_ascii=False)[1:-1].encode().lower() in body.lower()


def found_rows(
    ledger: Ledger, chosen: Filter, vault: Vault | None, *, newest: bool = False
) -> Iterator[tuple[Row, bytes]]:
    """Yield the entries that ``chosen`` lets through, each with its body in plain JSON.

    Raises
    ------
    InputError : an entry is encrypted and there is no key for it.
    """
    reader = Reader(ledger, chosen, vault)
    where, values = chosen.sql()
    for row in ledger.rows(where, values, newest=newest):
        body = reader.body(row)
        if body is not None:
            yield row, body


class Reader:
    """Reads the bodies of entries that ``chosen`` lets through."""

    def __init__(self, ledger: Ledger, chosen: Filter, vault: Vault | None) -> None:
        self._chosen, self._vault = chosen, vault
        self._keys = {key.id: key for key in ledger.data_keys()}

    def body(self, row: Row) -> bytes | None:
        """Return the body in plain JSON, None where model, symbol, caller or text in it are not as asked.

        Raises
        ------
        InputError : the entry is encrypted and there is no key for it.
        """
        if not row.key_id:
            return row.body if self._chosen.told_in(row.body) else None
        if self._vault is None:
            raise InputError(
                f"entry {row.seq} of the audit log is encrypted with data key {row.key_id}",
                fix="give the key ring (TRADEWIND_AUDIT_KEYRING)",
            )
        body = self._vault.opened(row, self._keys)
        return body if self._chosen.lets_through(json.loads(body)) and self._chosen.told_in(body) else None


def entry_of(row: Row, body: bytes) -> Entry:
    """Return an entry as a reader sees it."""
    try:
        return Entry(
            seq=row.seq, at=iso(row.at), kind=row.kind, body=json.loads(body), key_id=row.key_id, hash=row.hash.hex()
        )
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InputError(
            f"entry {row.seq} of the audit log is not what was written ({error})", fix="run `tradewind audit verify`"
        ) from error


def at_of(value: Moment, name: str) -> int:
    """Return microseconds since 1970 of ``value``; without a zone it is UTC.

    Raises
    ------
    UsageError : ``value`` is text and no ISO time; ``name`` tells which.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise UsageError(
                f"{name} {value!r} is no time", fix="write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, UTC"
            ) from error
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return micros(value if value.tzinfo else value.replace(tzinfo=UTC))
