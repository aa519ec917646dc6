"""API keys: what a caller holds, and the little that the server keeps of it.

A key is ``tw_<id>_<secret>``. The id is public and names the key in logs; the secret has 256 random bits. Of the
secret only a salted BLAKE2b hash is kept. A slow hash (scrypt, Argon2) protects secrets that people choose, by making
each guess dear; of 2^256 equally likely secrets none can be guessed at any price, so a fast hash loses nothing, and a
wrong key costs the server microseconds where a slow hash would let anyone buy its processor with wrong keys.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Annotated, get_args

from msgspec import Meta, Struct

from tradewind.core import UsageError
from tradewind.serving.contracts import Caller, Scope

SCOPES: tuple[Scope, ...] = get_args(Scope)
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY = re.compile(rb"tw_([0-9a-f]{10})_([0-9A-Za-z]{43})")

_Moment = Annotated[datetime, Meta(tz=True)]


class KeyRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of a key. Times are ISO 8601 with an offset; ``salt`` and ``hash`` are hexadecimal.

    ``rate`` requests a second on average, ``burst`` at once.
    """

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{10}\Z")]
    salt: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    scopes: tuple[Scope, ...]
    rate: Annotated[float, Meta(gt=0.0, le=1e9)]
    burst: Annotated[int, Meta(ge=1, le=10**9)]
    created: _Moment
    expires: _Moment | None = None
    revoked: _Moment | None = None
    note: str = ""

    def __repr__(self) -> str:
        return f"KeyRecord(id={self.id!r}, scopes={self.scopes!r}, note={self.note!r})"

    def live(self, now: datetime) -> bool:
        """Return whether the key may be used at ``now``."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def matches(self, secret: bytes) -> bool:
        """Return whether ``secret`` is the key's; takes as long whether or not it is."""
        return hmac.compare_digest(_hash(secret, bytes.fromhex(self.salt)), self.hash)

    def caller(self) -> Caller:
        """Return who the key stands for."""
        return Caller(id=self.id, scopes=frozenset(self.scopes), rate=self.rate, burst=self.burst)


class KeyTerms(Struct, frozen=True, kw_only=True):
    """What a new key may do, how often and until when."""

    scopes: tuple[Scope, ...] = ("read",)
    rate: float = 100.0
    burst: int = 200
    expires: datetime | None = None
    note: str = ""

    def check(self, now: datetime) -> None:
        """Refuse terms that make no sense.

        Raises
        ------
        UsageError : no or unknown scopes, a rate or burst out of range, an expiry without offset or in the past.
        """
        unknown = sorted(set(self.scopes) - set(SCOPES))
        if not self.scopes or unknown:
            problem = f"{', '.join(unknown)} is no scope" if unknown else "a key needs a scope"
            raise UsageError(problem, field="scopes", fix=f"take some of {', '.join(SCOPES)}")
        if not 0 < self.rate <= 1e9 or not 1 <= self.burst <= 10**9:
            raise UsageError(
                "is out of range", field="rate, burst", fix="give a rate above 0 and a burst of at least 1"
            )
        if self.expires is not None and (self.expires.tzinfo is None or self.expires <= now):
            raise UsageError(
                "is in the past or has no offset from UTC",
                field="expires",
                fix="give a coming time such as 2030-01-01Z",
            )
        if len(self.note) > 200 or not self.note.isprintable():
            raise UsageError("is not a short line of text", field="note", fix="take at most 200 printable letters")


def new_key(terms: KeyTerms, now: datetime) -> tuple[str, KeyRecord]:
    """Return a new key, to be shown once, and the record that is kept of it; UsageError where ``terms`` do not fit."""
    terms.check(now)
    id, salt = secrets.token_hex(5), secrets.token_bytes(16)
    secret = "".join(secrets.choice(_LETTERS) for _ in range(43))
    record = KeyRecord(
        id=id,
        salt=salt.hex(),
        hash=_hash(secret.encode(), salt),
        scopes=tuple(sorted(set(terms.scopes))),
        rate=terms.rate,
        burst=terms.burst,
        created=now.astimezone(UTC),
        expires=terms.expires,
        note=terms.note,
    )
    return f"tw_{id}_{secret}", record


def parse_key(key: bytes) -> tuple[str, bytes] | None:
    """Return (id, secret) of a well-formed key, else None."""
    found = _KEY.fullmatch(key)
    return (found[1].decode(), found[2]) if found else None


def _hash(secret: bytes, salt: bytes) -> str:
    return hashlib.blake2b(secret, digest_size=32, salt=salt, person=b"tradewind-key").hexdigest()
