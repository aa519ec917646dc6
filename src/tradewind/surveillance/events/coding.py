"""Texts of columns as integers: each different text is looked at once, however many rows hold it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.events.cells import as_numpy, is_text
from tradewind.surveillance.events.hashing import hash_texts

_UNSET = np.iinfo(np.int64).min


@njit(cache=True, nogil=True, error_model="numpy")
def _find(keys: IntArray, values: IntArray, wanted: IntArray) -> IntArray:
    """Return the value of each key, _UNSET where it is not held; open addressing, 0 is no key."""
    found = np.empty(len(wanted), dtype=np.int64)
    mask = len(keys) - 1
    for i in range(len(wanted)):
        at = wanted[i] & mask
        while keys[at] != 0 and keys[at] != wanted[i]:
            at = (at + 1) & mask
        found[i] = values[at] if keys[at] != 0 else _UNSET
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _put(keys: IntArray, values: IntArray, new: IntArray, codes: IntArray) -> None:
    mask = len(keys) - 1
    for i in range(len(new)):
        at = new[i] & mask
        while keys[at] != 0 and keys[at] != new[i]:
            at = (at + 1) & mask
        keys[at], values[at] = new[i], codes[i]


class TextCodes:
    """Turns texts into integers; a text is coded once and then known by its hash.

    That two of a million texts have one hash of 63 bits, and so one code, has a probability below 10^-7.

    Parameters
    ----------
    code : text without blanks around it -> integer.
    empty : the integer of a cell that holds nothing.
    """

    def __init__(self, code: Callable[[str], int], empty: int) -> None:
        self._code, self._empty = code, empty
        self._last: pa.Array | None = None
        self._table: IntArray = np.array([empty], dtype=np.int64)
        self._keys, self._values = np.zeros(1024, dtype=np.int64), np.zeros(1024, dtype=np.int64)
        self._held = 0

    def __call__(self, column: pa.Array) -> IntArray:
        """Return the integer of each cell."""
        coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        dictionary = coded.dictionary
        if self._last is None or not dictionary.equals(self._last):
            self._last = dictionary
            self._table = np.full(len(dictionary) + 1, _UNSET, dtype=np.int64)
            self._table[-1] = self._empty
        # a null has index -1: the last entry; some writers (Polars) number their entries without a sign
        places: IntArray = as_numpy(coded.indices.cast(pa.int64()), -1)
        used = np.zeros(len(self._table), dtype=bool)
        used[places] = True
        fresh = np.flatnonzero(used & (self._table == _UNSET))  # a dictionary may hold more than the batch uses
        if len(fresh):
            # numbered in the order in which they are first met, whatever the order of the writer's dictionary
            first = np.empty(len(self._table), dtype=np.int64)
            first[places[::-1]] = np.arange(len(places) - 1, -1, -1)
            fresh = fresh[np.argsort(first[fresh])]
            self._table[fresh] = self._codes(dictionary.take(fresh))
        return self._table[places]

    def _codes(self, words: pa.Array) -> IntArray:
        if pa.types.is_integer(words.type):
            words = words.cast(pa.string())
        if not is_text(words):
            return np.array([self._coded(text) for text in texts(words)], dtype=np.int64)
        hashes = hash_texts(words)
        found = _find(self._keys, self._values, hashes)
        new = np.flatnonzero(found == _UNSET)
        if len(new):
            found[new] = [self._coded(text) for text in texts(words.take(new))]
            self._remember(hashes[new], found[new])
        return found

    def _coded(self, text: str | None) -> int:
        return self._empty if text is None else self._code(text)

    def _remember(self, hashes: IntArray, codes: IntArray) -> None:
        self._held += len(hashes)
        if 2 * self._held > len(self._keys):
            keys, values = self._keys, self._values
            size = 1 << int(4 * self._held - 1).bit_length()
            self._keys, self._values = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
            kept = np.flatnonzero(keys)
            _put(self._keys, self._values, keys[kept], values[kept])
        _put(self._keys, self._values, hashes, codes)


def texts(column: pa.Array) -> list[str | None]:
    """Return cells as stripped text, None where there is none; ``12.0`` in a column of floats is ``12``."""
    cells = column.to_pylist()
    if is_text(column):
        return [text if text is None else (text.strip() or None) for text in cells]
    if pa.types.is_floating(column.type):
        return [
            None if cell is None or cell != cell else str(int(cell) if cell == int(cell) else cell) for cell in cells
        ]
    return [None if cell is None else str(cell) for cell in cells]
