"""Stable identities: the same content gives the same id on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from tradewind.core.arrays import AnyArray


def content_id(*parts: Any) -> str:
    """Return 16 hex digits of the SHA-256 over ``parts`` in canonical JSON (keys sorted)."""
    text = json.dumps(parts, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def array_id(arrays: Iterable[AnyArray]) -> str:
    """Return 16 hex digits of the SHA-256 over dtype, shape and bytes of each array in turn."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]
