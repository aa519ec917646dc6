"""Entries about served predictions: each prediction once in full, and every time it was given to somebody, in blocks.

A block is one entry of kind ``served`` that holds thousands of lines, compressed; model, symbol, inputs and output of a
prediction stand in its entry of kind ``prediction``, which is written before the first block that speaks of it.
"""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tradewind.core import InputError
from tradewind.governance.audit.row import iso

SERVED = "served"


@dataclass(frozen=True, kw_only=True)
class ServedLine:
    """One answer: when it left (microseconds UTC), which prediction, to whom, in answer to which request."""

    at: int
    prediction: str
    revision: int
    caller: str
    request: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "at": iso(self.at),
            "prediction": self.prediction,
            "revision": self.revision,
            "caller": self.caller,
            "request": self.request,
        }


def served_body(lines: Sequence[str], origin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a block of tab-separated ``lines``: at, prediction, revision, caller, request.

    ``origin`` says where the lines were collected; its keys go into the body as they are.
    """
    parts = [line.split("\t") for line in lines]
    text = "\n".join(lines).encode()
    return {
        **origin,
        "count": len(lines),
        "predictions": len({part[1] for part in parts}),
        "first": iso(int(parts[0][0])),
        "last": iso(int(parts[-1][0])),
        "callers": dict(Counter(part[3] for part in parts)),
        "lines": base64.b64encode(zlib.compress(text, 3)).decode(),
    }


def served_lines(body: Mapping[str, Any]) -> Iterator[ServedLine]:
    """Yield the lines of a block.

    Raises
    ------
    InputError : the body is not that of a block.
    """
    try:
        text = zlib.decompress(base64.b64decode(body["lines"], validate=True)).decode()
        for line in text.split("\n"):
            at, prediction, revision, caller, request = line.split("\t")
            yield ServedLine(at=int(at), prediction=prediction, revision=int(revision), caller=caller, request=request)
    except (KeyError, ValueError, zlib.error) as error:
        raise InputError("the body of an entry about served predictions cannot be read", field="lines") from error


def as_time(micros: int) -> datetime:
    """Return microseconds since 1970 UTC as a datetime."""
    return datetime.fromtimestamp(micros / 1e6, UTC)
