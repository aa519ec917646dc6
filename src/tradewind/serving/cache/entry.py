"""One cached prediction: its record, the bytes that answer for it, and what makes one prediction newer than another."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from tradewind.streaming.records import Prediction

_FIELDS = tuple(name for name in Prediction.__struct_fields__)
_encode = msgspec.json.Encoder().encode

Rank = tuple[int, int, int, str]


class Entry(Struct, frozen=True, gc=False):
    """A prediction ready to be sent: ``body`` is JSON, ``etag`` quoted as HTTP wants it, ``flag`` why to look twice."""

    prediction: Prediction
    body: bytes
    etag: bytes
    flag: str = ""


def rank(prediction: Prediction) -> Rank:
    """Return what orders the predictions of one symbol and model: the largest is the one to give.

    A later bar wins, then the higher revision, then what was made last. It is a total order, so processes that see the
    same predictions in different orders, or twice, end with the same one.
    """
    return prediction.time, prediction.revision, prediction.made_at, prediction.id


def body_of(prediction: Prediction, flag: str = "") -> bytes:
    """Return ``prediction`` as a JSON object; bounds that do not exist are null, ``flag`` is left out where empty."""
    values: dict[str, Any] = {name: getattr(prediction, name) for name in _FIELDS}
    values["confidence"] = prediction.confidence
    if flag:
        values["flag"] = flag
    return _encode(values)


def entry_of(prediction: Prediction, flag: str = "") -> Entry:
    """Return ``prediction`` with its bytes and their entity tag."""
    body = body_of(prediction, flag)
    return Entry(prediction, body, b'"' + blake2b(body, digest_size=8).hexdigest().encode() + b'"', flag)
