"""The compiled loops of the Shapley values of forests: tables are filled once, then read for every row."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from scipy.special import beta

from tradewind.core.arrays import Float32Array, FloatArray, Int32Array, IntArray

MOST_COLUMNS = 62  # of a leaf: its pattern is one signed word
BLOCK = 128  # rows that are looked up together: their patterns stay in the cache


class Bits(NamedTuple):
    """What is asked of a row: bit ``i`` of piece ``k`` says whether ``low < x <= high`` in the ``column``.

    The bits of piece ``k`` are ``start[k]:start[k + 1]`` of the other arrays, the lowest bit first.
    """

    start: IntArray
    column: Int32Array
    low: Float32Array
    high: Float32Array


class Leaves(NamedTuple):
    """The leaves of tabled pieces; those of piece ``k`` are ``start[k]:start[k + 1]``.

    Leaf ``i`` of output ``value[i]`` tests its columns at ``test_start[i]:test_start[i + 1]``: the column at ``place``
    of the piece's columns is satisfied where the bits under ``care`` are ``want``.
    """

    start: IntArray
    value: FloatArray
    test_start: IntArray
    place: IntArray
    care: IntArray
    want: IntArray


class Tables(NamedTuple):
    """Contributions of every piece, (2 ** bits, columns) each, one after another in ``data`` from ``start[k]`` on.

    The columns of piece ``k`` are ``column[column_start[k]:column_start[k + 1]]``.
    """

    column_start: IntArray
    column: Int32Array
    start: IntArray
    data: FloatArray


def _weights() -> FloatArray:
    """(63, 63) at [x, b]: ``(x-1)! b! / (x+b)!``; 0 where x is 0."""
    x, b = np.meshgrid(np.arange(MOST_COLUMNS + 1), np.arange(MOST_COLUMNS + 1), indexing="ij")
    weights: FloatArray = np.where(x > 0, beta(np.maximum(x, 1), b + 1.0), 0.0)
    return weights


WEIGHTS = _weights()


@njit(cache=True, nogil=True)
def patterns(columns: Any, bits: Any, piece: Any) -> Any:
    """(m,) bits of one piece that rows ``columns`` (q, m) have."""
    found = np.zeros(columns.shape[1], dtype=np.int64)
    for j in range(bits.start[piece], bits.start[piece + 1]):
        x, low, high = columns[bits.column[j]], bits.low[j], bits.high[j]
        for r in range(len(x)):
            found[r] |= np.int64((x[r] > low) & (x[r] <= high)) << (j - bits.start[piece])
    return found


@njit(cache=True, nogil=True)
def fill_tables(background: Any, bits: Any, leaves: Any, tables: Any, weights: Any) -> None:
    """Add to the data of ``tables`` what each piece gives a row of every pattern against ``background`` (q, b)."""
    rows = background.shape[1]
    for k in range(len(bits.start) - 1):
        width = tables.column_start[k + 1] - tables.column_start[k]
        seen = patterns(background, bits, k)
        for leaf in range(leaves.start[k], leaves.start[k + 1]):
            first, last = leaves.test_start[leaf], leaves.test_start[leaf + 1]
            care, want = leaves.care[first:last], leaves.want[first:last]
            share = np.zeros(1 << (last - first))
            for r in range(rows):
                share[_satisfied(seen[r], care, want)] += 1.0 / rows
            given = _leaf_table(share, last - first, weights)
            for p in range(1 << (bits.start[k + 1] - bits.start[k])):
                answer = _satisfied(p, care, want)
                for i in range(last - first):
                    at = tables.start[k] + p * width + leaves.place[first + i]
                    tables.data[at] += leaves.value[leaf] * given[answer, i]


@njit(cache=True, nogil=True)
def _satisfied(pattern: Any, care: Any, want: Any) -> Any:
    answer = 0
    for i in range(len(care)):
        answer |= int((pattern & care[i]) == want[i]) << i
    return answer


@njit(cache=True, nogil=True)
def _leaf_table(share: Any, d: Any, weights: Any) -> Any:
    """(2 ** d, d) what a leaf of value 1 gives a row of every pattern, against background patterns of ``share``."""
    full = (1 << d) - 1
    table = np.zeros((1 << d, d))
    for p in range(1 << d):
        lacking = full & ~p
        shared = p
        while True:  # background patterns that satisfy what the row lacks, and any part of the rest
            if share[lacking | shared] > 0.0:
                _give(table[p], p & ~shared, lacking, share[lacking | shared], weights)
            if shared == 0:
                break
            shared = (shared - 1) & p
    return table


@njit(cache=True, nogil=True)
def _give(given: Any, only: Any, lacking: Any, share: Any, weights: Any) -> None:
    """Add what columns get: those that ``only`` the row satisfies, and those that it is ``lacking``."""
    x, b = ones(only), ones(lacking)
    gain, loss = share * weights[x, b], share * weights[b, x]
    for i in range(len(given)):
        if only >> i & 1:
            given[i] += gain
        elif lacking >> i & 1:
            given[i] -= loss


@njit(cache=True, nogil=True)
def ones(word: Any) -> Any:
    """Number of bits set in a word; the compiler makes one instruction of the loop."""
    total = 0
    while word:
        word &= word - 1
        total += 1
    return total


@njit(cache=True, nogil=True)
def add_tabled(columns: Any, values: Any, bits: Any, tables: Any) -> None:
    """Add to ``values`` (m, q) what the tabled pieces give rows ``columns`` (q, m)."""
    m = columns.shape[1]
    pattern = np.empty(BLOCK, dtype=np.int32)
    for begin in range(0, m, BLOCK):
        size = min(BLOCK, m - begin)
        for k in range(len(bits.start) - 1):
            pattern[:size] = 0
            for j in range(bits.start[k], bits.start[k + 1]):
                x = columns[bits.column[j], begin : begin + size]
                low, high, shift = bits.low[j], bits.high[j], np.int32(j - bits.start[k])
                for r in range(size):
                    pattern[r] |= np.int32((x[r] > low) & (x[r] <= high)) << shift
            own = tables.column[tables.column_start[k] : tables.column_start[k + 1]]
            for r in range(size):
                at = tables.start[k] + pattern[r] * len(own)
                for i in range(len(own)):
                    values[begin + r, own[i]] += tables.data[at + i]
