"""Rows and blocks as bytes, little-endian, with a checksum: what is read back is what was written, or is refused."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.streaming.features.blocks import FeatureBlock

_FIELDS = (("known_at", "<i8"), ("scale", "<f8"), ("revision", "<i4"), ("occasion", "|u1"))
_HEAD = struct.Struct("<II")


def row_type(p: int) -> np.dtype[np.void]:
    """Return the layout of one row of ``p`` features."""
    return np.dtype([*_FIELDS, ("values", "<f4", (p,))])


def to_rows(block: FeatureBlock) -> AnyArray:
    """(k,) the rows of ``block`` as records of :func:`row_type`."""
    table = np.empty(len(block), dtype=row_type(block.values.shape[1]))
    for name in ("known_at", "scale", "revision", "occasion", "values"):
        table[name] = getattr(block, name)
    return table


def from_rows(time: int, code: IntArray, table: AnyArray) -> FeatureBlock:
    """Return the block that :func:`to_rows` made ``table`` of."""
    return FeatureBlock(
        time=time,
        code=code,
        known_at=table["known_at"].astype(np.int64),
        values=np.ascontiguousarray(table["values"], dtype=np.float32),
        scale=table["scale"].astype(np.float64),
        occasion=table["occasion"].astype(bool),
        revision=table["revision"].astype(np.int32),
    )


def pack(code: IntArray, table: AnyArray) -> bytes:
    """Return codes and rows as bytes with a checksum."""
    body = code.astype("<i4").tobytes() + table.tobytes()
    return _HEAD.pack(zlib.crc32(body), len(code)) + body


def unpack(time: int, data: bytes, p: int) -> FeatureBlock:
    """Return the block that ``data`` holds; ValueError where it is damaged."""
    check, k = _HEAD.unpack_from(data) if len(data) >= _HEAD.size else (0, -1)
    body = data[_HEAD.size :]
    kind = row_type(p)
    if k < 0 or len(body) != k * (4 + kind.itemsize) or zlib.crc32(body) != check:
        raise ValueError(f"the stored rows of {time} are damaged")
    code = np.frombuffer(body, dtype="<i4", count=k).astype(np.int64)
    return from_rows(time, code, np.frombuffer(body, dtype=kind, offset=4 * k))
