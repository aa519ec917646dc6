"""What every engine checks: that slices come in order, and that a memory is its own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import AnyArray
from tradewind.core.news import NEWS_KINDS
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.online.protocol import Slice, SliceNews, State

BEFORE_ALL = np.iinfo(np.int64).min
"""The time before the first slice."""

LAYOUT = 1
"""Raised whenever the arrays of a memory change their meaning, so that an older one is refused."""


def fingerprint(*parts: object) -> AnyArray:
    """(16,) uint8 that tells engines of other symbols, sectors or features apart."""
    return np.frombuffer(hashlib.blake2b(repr((LAYOUT, *parts)).encode(), digest_size=16).digest(), dtype=np.uint8)


def check_slice(part: Slice, last: int, n_symbols: int) -> None:
    """ValueError where ``part`` does not come after ``last``, or its parts do not fit together or the universe."""
    if part.time <= last:
        raise ValueError(f"slice {part.time} does not come after {last}; restore an earlier memory to correct a bar")
    code = part.code
    if len(code) and (code[0] < 0 or code[-1] >= n_symbols or (len(code) > 1 and bool((code[1:] <= code[:-1]).any()))):
        raise ValueError(f"codes of slice {part.time} must ascend within 0 to {n_symbols - 1}, one row a symbol")
    columns = [getattr(part, name) for name in ("known_at", *PRICE_FIELDS)]
    if any(len(column) != len(code) for column in (*columns, *(() if part.fear is None else (part.fear,)))):
        raise ValueError(f"every column of slice {part.time} must have {len(code)} rows, as its codes")
    if part.news is not None and len(part.news.row):
        _check_items(part.news, len(code))


def _check_items(news: SliceNews, k: int) -> None:
    """ValueError where an item belongs to no row of the slice, or is of no known kind."""
    row, kind = np.asarray(news.row), np.asarray(news.kind)
    if not len(row) == len(kind) == len(news.text) == len(news.published_at):
        raise ValueError("row, kind, published_at and text of a slice's news must be equally long")
    if row.min() < 0 or row.max() >= k or kind.min() < 0 or kind.max() >= len(NEWS_KINDS):
        raise ValueError(f"an item must belong to a row from 0 to {k - 1} and be of a kind 0 to {len(NEWS_KINDS) - 1}")


def check_state(state: State, own: AnyArray) -> None:
    """ValueError where ``state`` was taken from an engine with another fingerprint than ``own``."""
    if "fingerprint" not in state or not np.array_equal(state["fingerprint"], own):
        raise ValueError("the memory is of other symbols, sectors or features than this engine's")


def pack_texts(texts: Sequence[str]) -> tuple[AnyArray, AnyArray]:
    """Return texts as uint8 of all of them in UTF-8, and the int64 length of each."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    return np.frombuffer(b"".join(raw), dtype=np.uint8), np.array([len(part) for part in raw], dtype=np.int64)


def unpack_texts(raw: AnyArray, length: AnyArray) -> list[str]:
    """Return what :func:`pack_texts` packed."""
    stop = np.cumsum(length)
    data = np.ascontiguousarray(raw).tobytes()
    return [
        data[b - n : b].decode("utf-8", "surrogatepass") for b, n in zip(stop.tolist(), length.tolist(), strict=True)
    ]
