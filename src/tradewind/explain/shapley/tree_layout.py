"""How a forest is cut into pieces whose Shapley values fit into a table.

A piece is a subtree and the path to it. Its bits are intervals of columns: one for each column on the path (the row
lies where the path asks), one for each comparison in the subtree. What the piece gives a row depends on the row's bits
alone. A leaf too deep for a table is a piece of its own, kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tradewind.core import UsageError
from tradewind.explain.shapley.tree_kernels import MOST_COLUMNS
from tradewind.models.trees.table import TreeTable

Bit = tuple[int, float, float]  # column, lower bound (excluded), upper bound (included)
Comparison = tuple[int, float]


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


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """Bounds of the pieces: ``together`` bits of a piece of several leaves, ``alone`` bits of a leaf of its own."""

    together: int
    alone: int


@dataclass(kw_only=True)
class Pieces:
    """Pieces of a forest: ``tabled`` within the bounds, leaves ``apart`` that are not; none without a column."""

    tabled: list[Piece] = field(default_factory=list)
    apart: list[Piece] = field(default_factory=list)


Path = dict[int, tuple[float, float]]


def cut_forest(table: TreeTable, cuts: Cuts) -> Pieces:
    """Return the largest pieces of every tree that keep to ``cuts``; leaves that no row can reach are left out.

    Raises
    ------
    UsageError : a path tests more than 62 columns.
    """
    nodes = _Nodes(table)
    found = Pieces()
    for root in table.roots[:-1].tolist():
        known = _comparisons(nodes, root, cuts.together)
        waiting: list[tuple[int, Path]] = [(root, {})]
        while waiting:
            node, path = waiting.pop()
            own = known[node]
            if own is not None and len(path) + len(own) <= cuts.together:
                _keep(_piece(nodes, node, path, own), found.tabled)
            elif nodes.feature[node] < 0:
                _check_width(path)
                _keep(_piece(nodes, node, path, ()), found.tabled if len(path) <= cuts.alone else found.apart)
            else:
                waiting.extend(reversed(list(_children(nodes, node, path))))
    return found


def _keep(piece: Piece, among: list[Piece]) -> None:
    """Add a piece that can give a column anything."""
    if piece.columns:
        among.append(piece)


def _check_width(path: Path) -> None:
    if len(path) > MOST_COLUMNS:
        raise UsageError(
            f"a path of a tree tests {len(path)} columns, at most {MOST_COLUMNS} can be explained",
            field="max_depth",
            fix=f"train trees of at most {MOST_COLUMNS} levels",
        )


class _Nodes:
    """The table's arrays as lists, which Python reads several times faster."""

    def __init__(self, table: TreeTable) -> None:
        self.feature: list[int] = table.feature.tolist()
        self.threshold: list[float] = table.threshold.tolist()
        self.left: list[int] = table.left.tolist()
        self.right: list[int] = table.right.tolist()
        self.value: list[float] = table.value.tolist()


def _comparisons(nodes: _Nodes, root: int, most: int) -> dict[int, tuple[Comparison, ...] | None]:
    """Return the distinct comparisons below each node of a tree, or None where there are more than ``most``."""
    order = [root]
    for node in order:  # grows while it is walked: parents before children
        if nodes.feature[node] >= 0:
            order += (nodes.left[node], nodes.right[node])
    found: dict[int, tuple[Comparison, ...] | None] = {}
    for node in reversed(order):
        if nodes.feature[node] < 0:
            found[node] = ()
            continue
        left, right = found[nodes.left[node]], found[nodes.right[node]]
        if left is None or right is None:
            found[node] = None
            continue
        own = dict.fromkeys(((nodes.feature[node], nodes.threshold[node]), *left, *right))
        found[node] = tuple(own) if len(own) <= most else None
    return found


def _children(nodes: _Nodes, node: int, path: Path) -> Iterator[tuple[int, Path]]:
    """Yield the children that some row can reach, with the path to each."""
    column, threshold = nodes.feature[node], nodes.threshold[node]
    low, high = path.get(column, (-np.inf, np.inf))
    if low < min(high, threshold):
        yield nodes.left[node], {**path, column: (low, min(high, threshold))}
    if max(low, threshold) < high:
        yield nodes.right[node], {**path, column: (max(low, threshold), high)}


def _piece(nodes: _Nodes, top: int, path: Path, comparisons: tuple[Comparison, ...]) -> Piece:
    bits: list[Bit] = [(column, low, high) for column, (low, high) in path.items()]
    place = {comparison: len(bits) + i for i, comparison in enumerate(comparisons)}
    bits += [(column, -np.inf, threshold) for column, threshold in comparisons]
    leaves: list[Leaf] = []
    waiting = [(top, {column: (1 << i, 1 << i) for i, column in enumerate(path)})]
    while waiting:
        node, asked = waiting.pop()
        column = nodes.feature[node]
        if column < 0:
            if nodes.value[node] != 0.0:
                masks = tuple(asked.values())
                leaves.append(
                    Leaf(
                        value=nodes.value[node],
                        columns=tuple(asked),
                        care=tuple(care for care, _ in masks),
                        want=tuple(want for _, want in masks),
                    )
                )
            continue
        bit = 1 << place[column, nodes.threshold[node]]
        care, want = asked.get(column, (0, 0))
        for child, wanted in ((nodes.left[node], bit), (nodes.right[node], 0)):
            if not care & bit or want & bit == wanted:  # otherwise the path asks the contrary: no row comes here
                waiting.append((child, {**asked, column: (care | bit, want | wanted)}))
    return Piece(bits=tuple(bits), leaves=tuple(leaves))
