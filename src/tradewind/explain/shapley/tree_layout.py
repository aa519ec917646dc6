"""How a forest is cut into pieces whose Shapley values fit into a table.

A piece is a subtree and the path to it. Its bits are intervals of columns: one for each column on the path (the row
lies where the path asks), one for each comparison in the subtree. What the piece gives a row depends on the row's bits
alone. A leaf whose path tests too many columns for a table is deep, and kept apart (``tree_deep.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, IntArray
from tradewind.explain.shapley.tree_kernels import MOST_COLUMNS
from tradewind.models.trees.table import TreeTable

TOGETHER = 8  # bits of a piece, at most
ALONE = 10  # bits of a piece of one leaf, at most
MOST_BYTES = 2**28  # of all tables

Bit = tuple[int, float, float]  # column, lower bound (excluded), upper bound (included)


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A leaf of a piece: it is reached where for each of ``columns`` the bits under ``care`` are those of ``want``."""

    value: float
    columns: tuple[int, ...]
    care: tuple[int, ...]
    want: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A subtree with the path to it."""

    bits: tuple[Bit, ...]
    leaves: tuple[Leaf, ...]

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """Columns that the leaves test, in order of the bits."""
        tested = {column for leaf in self.leaves for column in leaf.columns}
        return tuple(dict.fromkeys(column for column, _, _ in self.bits if column in tested))


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """A forest in pieces.

    ``parent`` : (nodes,) of every node, -1 of a root. ``deep``, ``width`` : nodes of the deep leaves, and the number of
    columns on the path to each.
    """

    pieces: list[Piece]
    parent: IntArray
    deep: IntArray
    width: IntArray


def cut_forest(table: TreeTable) -> Layout:
    """Return the largest pieces of every tree that keep to :data:`TOGETHER`, :data:`ALONE` and :data:`MOST_BYTES`.

    Raises
    ------
    UsageError : a path tests more than 62 columns.
    """
    pairs = table.feature.astype(np.int64) << 32 | table.threshold.view(np.uint32)
    comparison = np.unique(pairs, return_inverse=True)[1]
    leaf = (table.feature < 0) & (table.value != 0.0)
    for together in range(TOGETHER, -1, -1):
        parent, width, below, top = _survey(table.feature, comparison, table.left, table.right, together)
        bits = (width + below)[top == TOP]
        used = float(np.sum(8.0 * bits * 2.0**bits))
        if used <= MOST_BYTES:
            break
    single = leaf & (top == OUTSIDE)
    alone = together
    while alone < ALONE:
        some = width[single & (width <= alone + 1)]
        if used + float(np.sum(8.0 * some * 2.0**some)) > MOST_BYTES:
            break
        alone += 1
    deep = np.flatnonzero(single & (width > alone))
    _check_width(width[deep])
    nodes = _Nodes(table, parent)
    tops = np.flatnonzero((top == TOP) | (single & (width <= alone))).tolist()
    pieces = [piece for piece in (_piece(nodes, node) for node in tops) if piece.columns]
    return Layout(pieces=pieces, parent=parent, deep=deep, width=width[deep])


def _check_width(width: AnyArray) -> None:
    if len(width) and width.max() > MOST_COLUMNS:
        raise UsageError(
            f"a path of a tree tests {width.max()} columns, at most {MOST_COLUMNS} can be explained",
            field="max_depth",
            fix=f"train trees of at most {MOST_COLUMNS} levels",
        )


OUTSIDE, TOP, INSIDE = 0, 1, 2  # of a piece


@njit(cache=True)
def _survey(feature: Any, comparison: Any, left: Any, right: Any, most: Any) -> Any:
    """Return parent, columns on the path, distinct comparisons below (``most + 1`` if more) and place of every node.

    Parents come before their children in a table. A node is the top of a piece where path and subtree have at most
    ``most`` bits and no node above is such.
    """
    n = len(feature)
    parent = np.full(n, -1, dtype=np.int64)
    width, below, place = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    kept = np.empty((n, most + 1), dtype=np.int64)
    for node in range(n - 1, -1, -1):
        if feature[node] < 0:
            continue
        parent[left[node]], parent[right[node]] = node, node
        below[node] = _merge(comparison[node], kept, below, node, (left[node], right[node]))
    for node in range(n):
        up = parent[node]
        if up >= 0:
            above = parent[up]
            while above >= 0 and feature[above] != feature[up]:
                above = parent[above]
            width[node] = width[up] + (above < 0)
        if up >= 0 and place[up] != OUTSIDE:
            place[node] = INSIDE
        elif width[node] + below[node] <= most:
            place[node] = TOP
    return parent, width, below, place


@njit(cache=True)
def _merge(own: Any, kept: Any, below: Any, node: Any, children: Any) -> Any:
    """Write the distinct comparisons of a node and its children into ``kept`` and return how many there are."""
    most = kept.shape[1] - 1
    if below[children[0]] > most or below[children[1]] > most or most == 0:
        return most + 1
    kept[node, 0] = own
    count = 1
    for child in children:
        for i in range(below[child]):
            new = True
            for j in range(count):
                new &= kept[node, j] != kept[child, i]
            if new:
                if count == most:
                    return most + 1
                kept[node, count] = kept[child, i]
                count += 1
    return count


class _Nodes:
    """The table's arrays as lists, which Python reads several times faster."""

    def __init__(self, table: TreeTable, parent: IntArray) -> None:
        self.feature: list[int] = table.feature.tolist()
        self.threshold: list[float] = table.threshold.tolist()
        self.left: list[int] = table.left.tolist()
        self.right: list[int] = table.right.tolist()
        self.value: list[float] = table.value.tolist()
        self.parent: list[int] = parent.tolist()

    def path(self, node: int) -> dict[int, tuple[float, float]]:
        """Return the interval of each column on the path to ``node``."""
        found: dict[int, tuple[float, float]] = {}
        while (above := self.parent[node]) >= 0:
            column, threshold = self.feature[above], self.threshold[above]
            low, high = found.get(column, (-np.inf, np.inf))
            left = self.left[above] == node
            found[column] = (low, min(high, threshold)) if left else (max(low, threshold), high)
            node = above
        return found


def _piece(nodes: _Nodes, top: int) -> Piece:
    path = nodes.path(top)
    bits: list[Bit] = [(column, low, high) for column, (low, high) in path.items()]
    place: dict[tuple[int, float], int] = {}
    leaves: list[Leaf] = []
    waiting = [(top, {column: (1 << i, 1 << i) for i, column in enumerate(path)})]
    while waiting:
        node, asked = waiting.pop()
        column = nodes.feature[node]
        if column < 0:
            if nodes.value[node] != 0.0:
                leaves.append(_leaf(nodes.value[node], asked))
            continue
        comparison = (column, nodes.threshold[node])
        if comparison not in place:
            place[comparison] = len(bits)
            bits.append((column, -np.inf, nodes.threshold[node]))
        bit = 1 << place[comparison]
        care, want = asked.get(column, (0, 0))
        for child, wanted in ((nodes.left[node], bit), (nodes.right[node], 0)):
            if not care & bit or want & bit == wanted:  # otherwise the path asks the contrary: no row comes here
                waiting.append((child, {**asked, column: (care | bit, want | wanted)}))
    return Piece(bits=tuple(bits), leaves=tuple(leaves))


def _leaf(value: float, asked: dict[int, tuple[int, int]]) -> Leaf:
    return Leaf(
        value=value,
        columns=tuple(asked),
        care=tuple(care for care, _ in asked.values()),
        want=tuple(want for _, want in asked.values()),
    )
