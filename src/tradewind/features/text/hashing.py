"""Words hashed into columns, as scikit-learn's ``HashingVectorizer`` does it, without loading scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numba import njit
from scipy import sparse

from tradewind.core.arrays import AnyArray, IntArray

_WORD = 0xFFFFFFFF


def hashed_tokens(documents: Sequence[Iterable[str]], n_columns: int) -> Any:
    """Return the (k, ``n_columns``) CSR matrix with 1 where a token of a document falls, float64.

    The column of a token is the absolute value of its 32-bit MurmurHash3 (Appleby 2011), seed 0, modulo ``n_columns``:
    equal to ``HashingVectorizer(alternate_sign=False, norm=None, binary=True)``, whose fitted weights stay valid.
    """
    raw: list[bytes] = []
    counts = np.zeros(len(documents), dtype=np.int64)
    for i, tokens in enumerate(documents):
        before = len(raw)
        raw += [token.encode("utf-8", "surrogatepass") for token in tokens]
        counts[i] = len(raw) - before
    bounds = np.concatenate([[0], np.cumsum(np.fromiter(map(len, raw), dtype=np.int64, count=len(raw)))])
    column = _columns(np.frombuffer(b"".join(raw), dtype=np.uint8), bounds.astype(np.int64), n_columns)
    place = np.unique(np.repeat(np.arange(len(documents), dtype=np.int64), counts) * n_columns + column)
    first = np.searchsorted(place, np.arange(len(documents) + 1, dtype=np.int64) * n_columns)
    indices = (place % n_columns).astype(np.int32)
    return sparse.csr_matrix((np.ones(len(place)), indices, first.astype(np.int32)), shape=(len(documents), n_columns))


@njit(cache=True, nogil=True)
def _columns(raw: AnyArray, bounds: IntArray, n_columns: int) -> IntArray:
    """(t,) column of each token, given the bytes of all."""
    out = np.empty(len(bounds) - 1, dtype=np.int64)
    for i in range(len(out)):
        value = _murmur(raw, bounds[i], bounds[i + 1])
        if value >= 1 << 31:
            value = (1 << 32) - value  # the absolute value of the signed 32 bits
        out[i] = value % n_columns
    return out


@njit(cache=True, nogil=True)
def _murmur(raw: AnyArray, first: int, last: int) -> int:
    length = last - first
    state = 0
    for at in range(first, first + length - length % 4, 4):
        block = (
            np.int64(raw[at]) | np.int64(raw[at + 1]) << 8 | np.int64(raw[at + 2]) << 16 | np.int64(raw[at + 3]) << 24
        )
        state = state ^ _scrambled(block)
        state = ((state << 13) | (state >> 19)) & _WORD
        state = (state * 5 + 0xE6546B64) & _WORD
    if length % 4:
        block = np.int64(0)
        for k in range(length % 4):
            block |= np.int64(raw[last - length % 4 + k]) << (8 * k)
        state = state ^ _scrambled(block)
    state = state ^ length
    state = ((state ^ (state >> 16)) * 0x85EBCA6B) & _WORD
    state = ((state ^ (state >> 13)) * 0xC2B2AE35) & _WORD
    return state ^ (state >> 16)


@njit(cache=True, nogil=True)
def _scrambled(block: Any) -> Any:
    block = (block * 0xCC9E2D51) & _WORD
    block = ((block << 15) | (block >> 17)) & _WORD
    return (block * 0x1B873593) & _WORD
