"""Every form of student as a member that the server's engines run: a line, or trees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from tradewind.explain.distillation.additive import Additive
from tradewind.explain.distillation.forest import Forest, Tree
from tradewind.explain.distillation.linear import Linear
from tradewind.explain.distillation.student import Student
from tradewind.models.engines.packed import PackedTrees
from tradewind.models.export import ExportedMember
from tradewind.models.storage import pack_arrays
from tradewind.models.trees.table import TreeTable

NAME = "student"


def export_form(student: Student, columns: IntArray, width: int) -> ExportedMember:
    """Return the student as a member.

    Parameters
    ----------
    columns : (p,) place among the prepared columns of each of ``student.names``.
    width : prepared columns.
    """
    form = student.form
    if isinstance(form, Linear):
        return _line(form, columns, width)
    trees = _forest(form) if isinstance(form, Forest) else _steps(form)
    table = _table(trees, columns, base=0.0 if isinstance(form, Forest) else form.intercept)
    silent = _table(trees, columns, base=0.0, speaks=False)
    file = f"{NAME}.trees.npz"
    content = pack_arrays(PackedTrees.of(table, silent).to_arrays())
    return ExportedMember(
        name=NAME, kind="trees", window=1, engines={"packed": file}, files={file: content}, values={"log_odds": True}
    )


def _line(form: Linear, columns: IntArray, width: int) -> ExportedMember:
    direction = np.zeros(width + 1)
    direction[columns] = form.weight
    direction[-1] = form.intercept - float(form.weight @ form.centre)
    file = f"{NAME}.npz"
    content = pack_arrays({"direction": direction, "returns": np.zeros(width + 1)})
    return ExportedMember(name=NAME, kind="line", window=1, engines={"numpy": file}, files={file: content})


def _forest(form: Forest) -> list[Tree]:
    """Return the trees with what each leaf adds to the mean over trees."""
    count = len(form.trees)
    return [
        Tree(
            feature=tree.feature,
            threshold=tree.threshold,
            left=tree.left,
            right=tree.right,
            value=np.where(tree.feature < 0, tree.value / count, 0.0),
        )
        for tree in form.trees
    ]


def _steps(form: Additive) -> list[Tree]:
    """Return a balanced tree for each feature's steps: as many comparisons as a search in its edges makes."""
    return [
        _search(column, edges, step) for column, (edges, step) in enumerate(zip(form.edges, form.steps, strict=True))
    ]


def _search(column: int, edges: FloatArray, step: FloatArray) -> Tree:
    feature: list[int] = []
    threshold: list[float] = []
    children: list[list[int]] = []
    value: list[float] = []

    def grow(first: int, last: int) -> int:
        """Add the tree of the steps ``first`` to ``last`` and return its root."""
        node = len(feature)
        middle = (first + last) // 2
        leaf = first == last
        feature.append(-1 if leaf else column)
        # A step begins at its edge: what lies below it goes left, so the threshold is the number just before.
        threshold.append(0.0 if leaf else float(np.nextafter(edges[middle], -np.inf)))
        value.append(float(step[first]) if leaf else 0.0)
        children.append([node, node])
        if not leaf:
            children[node] = [grow(first, middle), grow(middle + 1, last)]
        return node

    grow(0, len(step) - 1)
    both = np.array(children, dtype=np.int64)
    return Tree(
        feature=np.array(feature, dtype=np.int64),
        threshold=np.array(threshold),
        left=both[:, 0],
        right=both[:, 1],
        value=np.array(value),
    )


def _table(trees: Sequence[Tree], columns: IntArray, *, base: float, speaks: bool = True) -> TreeTable:
    """Return the trees one after another over prepared columns; with values of 0 unless it ``speaks``."""
    sizes = [len(tree.feature) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    feature = np.concatenate([tree.feature for tree in trees])
    value: AnyArray = np.concatenate([tree.value for tree in trees])
    left, right = (
        np.concatenate([getattr(tree, side) + root for tree, root in zip(trees, roots, strict=False)])
        for side in ("left", "right")
    )
    return TreeTable(
        roots=roots,
        feature=np.where(feature < 0, -1, columns[feature]).astype(np.int32),
        threshold=_not_above(np.concatenate([tree.threshold for tree in trees])),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        value=value if speaks else np.zeros(len(value)),
        base=base,
        scale="log_odds",
    )


def _not_above(threshold: FloatArray) -> Float32Array:
    """Return the greatest float32 not above each threshold: float32 values are on the same side of both."""
    near = threshold.astype(np.float32)
    return np.where(near.astype(np.float64) > threshold, np.nextafter(near, np.float32(-np.inf)), near)
