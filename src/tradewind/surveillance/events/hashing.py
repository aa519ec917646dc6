"""A hash of texts that is the same on every machine and in every version: for order ids that are not numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from tradewind.core.arrays import IntArray


@njit(cache=True, nogil=True, error_model="numpy")
def _hash(offsets: IntArray, data: npt.NDArray[np.uint8], out: IntArray) -> None:
    """FNV-1a over each text's bytes, then the finaliser of SplitMix64; cut to 63 bits, never 0."""
    for i in range(len(out)):
        value = np.uint64(0xCBF29CE484222325)
        for k in range(offsets[i], offsets[i + 1]):
            value = (value ^ np.uint64(data[k])) * np.uint64(0x100000001B3)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        value = (value ^ (value >> np.uint64(31))) & np.uint64(0x7FFFFFFFFFFFFFFF)
        out[i] = max(np.int64(value), np.int64(1))


def hash_texts(texts: pa.Array) -> IntArray:
    """Return a positive int64 for each text of an Arrow array of strings; of a null, that of the empty text.

    Source: Fowler, Noll, Vo (FNV-1a, 64 bit); Steele, Lea, Flood 2014 (the finaliser).
    """
    wide = texts.cast(pa.large_string()).fill_null("")
    _, offsets, data = wide.buffers()
    out = np.empty(len(wide), dtype=np.int64)
    if not len(wide):
        return out
    where = np.frombuffer(offsets, dtype=np.int64)[wide.offset : wide.offset + len(wide) + 1]
    raw = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.empty(0, dtype=np.uint8)
    _hash(where, raw, out)
    return out
