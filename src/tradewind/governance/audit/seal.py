"""A signed statement of where the chain stood: one after every group of entries that became durable together."""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

_SEAL = b"tradewind audit seal 1\0"
_HEADER = struct.Struct(">qqqqII")
FIRST = bytes(32)
"""What stands before the first seal."""


class Seal(NamedTuple):
    """A checkpoint of the chain.

    Attributes
    ----------
    n : 0 for the first seal, then one more each; -1 for the promise of a log that is about to be made.
    seq, hash : the last entry it covers.
    at : microseconds since 1970, UTC.
    writer : random id of the process that wrote the group.
    boundary : last entry that was pruned, where this is the seal of a pruning; else None.
    detail : JSON that tells of the pruning; else empty.
    previous : digest of the seal before, see :meth:`digest`; the last signature so covers all seals.
    signature : Ed25519 over :meth:`message`.
    """

    n: int
    seq: int
    hash: bytes
    at: int
    writer: str
    boundary: int | None
    detail: str
    previous: bytes
    signature: bytes

    def message(self, log: bytes) -> bytes:
        """Return the bytes that are signed; ``log`` is the id of the log (16 bytes)."""
        writer, detail = self.writer.encode(), self.detail.encode()
        boundary = -1 if self.boundary is None else self.boundary
        header = _HEADER.pack(self.n, self.seq, self.at, boundary, len(writer), len(detail))
        return b"".join((_SEAL, log, header, self.hash, self.previous, writer, detail))

    def digest(self, log: bytes) -> bytes:
        """Return SHA-256 over what is signed and the signature."""
        return hashlib.sha256(self.message(log) + self.signature).digest()
