"""Leaves too deep for a table: compared with every row of the background, which is kept as one word per leaf."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from tradewind.explain.shapley.tree_kernels import Bits, ones, patterns
from tradewind.models.trees.table import TreeTable

SHORT = 15  # bits of the smallest word
MEMORY = 16  # a leaf's answers are kept where there is a row for every 16 patterns


class Deep(NamedTuple):
    """Output of each leaf, and (leaves, b) which of its bits each background row has."""

    value: FloatArray
    pattern: AnyArray


def deep_leaves(
    table: TreeTable, parent: IntArray, leaves: IntArray, width: IntArray, background: Float32Array
) -> tuple[Bits, Deep]:
    """Return what is asked on the path to each of ``leaves``, and which of it the rows ``background`` (q, b) satisfy.

    ``parent`` : (nodes,) of the table. ``width`` : (leaves,) columns on each path.
    """
    start = np.concatenate([[0], np.cumsum(width)]).astype(np.int64)
    bits = Bits(
        start=start,
        column=np.full(start[-1], -1, dtype=np.int32),
        low=np.full(start[-1], -np.inf, dtype=np.float32),
        high=np.full(start[-1], np.inf, dtype=np.float32),
    )
    _walk_up(table.feature, table.threshold, table.left, parent, leaves, bits)
    word = np.int16 if width.max(initial=0) <= SHORT else np.int64
    pattern = np.empty((len(leaves), background.shape[1]), dtype=word)
    _compare(background, bits, pattern)
    return bits, Deep(value=table.value[leaves], pattern=pattern)


@njit(cache=True, nogil=True)
def _walk_up(feature: Any, threshold: Any, left: Any, parent: Any, leaves: Any, bits: Any) -> None:
    """Write the interval of each column on the way from each leaf to its root."""
    for k in range(len(leaves)):
        node = leaves[k]
        while parent[node] >= 0:
            above = parent[node]
            j = bits.start[k]
            while bits.column[j] >= 0 and bits.column[j] != feature[above]:
                j += 1
            bits.column[j] = feature[above]
            if left[above] == node:
                bits.high[j] = min(bits.high[j], threshold[above])
            else:
                bits.low[j] = max(bits.low[j], threshold[above])
            node = above


@njit(cache=True, nogil=True)
def _compare(background: Any, bits: Any, pattern: Any) -> None:
    for k in range(len(pattern)):
        pattern[k] = patterns(background, bits, k)


@njit(cache=True, nogil=True)
def add_deep(columns: Any, values: Any, bits: Any, deep: Any, weights: Any) -> None:
    """Add to ``values`` (m, q) what deep leaves give rows ``columns`` (q, m).

    Of many rows several have one pattern: what a leaf gives it is then worked out once.
    """
    m, rows = columns.shape[1], deep.pattern.shape[1]
    meets = np.empty(rows, dtype=np.bool_)
    for k in range(len(deep.value)):
        own = bits.column[bits.start[k] : bits.start[k + 1]]
        d = len(own)
        pattern = patterns(columns, bits, k)
        keep = d < 32 and (1 << d) <= MEMORY * m
        place = np.full(1 << d if keep else 1, -1, dtype=np.int32)
        given = np.empty((min(m, 1 << d) if keep else 1, d))
        count = 0
        for r in range(m):
            at = place[pattern[r]] if keep else -1
            if at < 0:
                at = count
                _leaf_gives(pattern[r], deep.pattern[k], meets, weights, given[at])
                given[at] *= deep.value[k] / rows
                if keep:
                    place[pattern[r]] = at
                    count += 1
            for i in range(d):
                values[r, own[i]] += given[at, i]


@njit(cache=True, nogil=True)
def _leaf_gives(pattern: Any, background: Any, meets: Any, weights: Any, given: Any) -> None:
    """Write into ``given`` (d,) what a leaf of value 1 gives a row of ``pattern``, summed over the background."""
    d = len(given)
    full = (1 << d) - 1
    lacking = full & ~pattern
    word = background.dtype.type(lacking)
    for u in range(len(background)):  # apart from what follows, so that many are compared at once
        meets[u] = (background[u] & word) == word
    b = ones(lacking)
    given[:] = 0.0
    less = 0.0
    for u in range(len(background)):
        if meets[u]:
            only = full & ~np.int64(background[u])
            x = ones(only)
            gain = weights[x, b]
            less += weights[b, x]
            for i in range(d):
                given[i] += gain * (only >> i & 1)
    for i in range(d):
        if lacking >> i & 1:
            given[i] = -less
