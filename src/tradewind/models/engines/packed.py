"""Direction and return trees of one member, packed for a compiled walk without branches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array
from tradewind.models.trees.table import TreeTable

TARGETS = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class PackedTrees:
    """Trees whose leaves lead to themselves, so that a tree is walked in a fixed number of steps.

    A step is a comparison and a load, nothing to predict: rows do not wait for each other, and a batch runs about as
    fast as memory allows (the idea of Asadi, Lin and de Vries 2014, *IEEE TKDE* 26, "predication").

    Attributes
    ----------
    root, depth : (k,) int32 first node of each tree and the steps to its deepest leaf.
    feature, child : (m,) int32 column tested and (2 m,) int32 next nodes: left where the value is at most the
        threshold, else right; a leaf's are itself.
    threshold : (m,) float32; infinite at leaves.
    value : (m, 2) float64 what a leaf adds to the direction and to the return.
    base : (2,) float64 outputs before any tree.
    """

    root: Int32Array
    depth: Int32Array
    feature: Int32Array
    child: Int32Array
    threshold: Float32Array
    value: FloatArray
    base: FloatArray

    @classmethod
    def of(cls, direction: TreeTable, returns: TreeTable) -> Self:
        """Pack both tables of a member; trees that both have in common (a forest's) are walked once."""
        if same_trees(direction, returns):
            tables, value = [direction], np.stack([direction.value, returns.value], axis=1)
        else:
            tables = [direction, returns]
            value = np.zeros((len(direction.feature) + len(returns.feature), TARGETS))
            value[: len(direction.feature), 0] = direction.value
            value[len(direction.feature) :, 1] = returns.value
        shift = np.cumsum([0, *(len(table.feature) for table in tables)])
        feature = np.concatenate([table.feature for table in tables]).astype(np.int32)
        itself, leaf = np.arange(len(feature)), feature < 0
        left, right = (
            np.concatenate([getattr(t, side).astype(np.int64) + s for t, s in zip(tables, shift, strict=False)])
            for side in ("left", "right")
        )
        child = np.stack([np.where(leaf, itself, left), np.where(leaf, itself, right)], axis=1).astype(np.int32)
        return cls(
            root=np.concatenate([t.roots[:-1] + s for t, s in zip(tables, shift, strict=False)]).astype(np.int32),
            depth=np.concatenate([tree_depths(table) for table in tables]).astype(np.int32),
            feature=np.where(leaf, 0, feature).astype(np.int32),
            child=np.ascontiguousarray(child.ravel()),
            threshold=np.where(leaf, np.float32(np.inf), np.concatenate([t.threshold for t in tables])),
            value=np.ascontiguousarray(value),
            base=np.array([direction.base, returns.base]),
        )

    def output(self, values: Float32Array) -> FloatArray:
        """Return (m, 2) direction, on its scale, and return of finite, C-contiguous ``values`` (m, q)."""
        result: FloatArray = _walk(
            values, self.root, self.depth, self.feature, self.child, self.threshold, self.value, self.base
        )
        return result

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the arrays by name."""
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """Return the trees of :meth:`to_arrays`."""
        return cls(**arrays)


def same_trees(one: TreeTable, other: TreeTable) -> bool:
    """Return whether two tables ask the same questions and differ in their leaves' values alone."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("roots", "feature", "threshold", "left", "right")
    )


def tree_depths(table: TreeTable) -> Int32Array:
    """Return (k,) int32 decisions on the longest way through each tree of ``table``."""
    found: Int32Array = _depths(table.roots, table.feature, table.left, table.right)
    return found


@njit(cache=True, nogil=True)
def _depths(roots: Any, feature: Any, left: Any, right: Any) -> Any:
    level = np.zeros(len(feature), dtype=np.int32)
    deepest = np.zeros(len(roots) - 1, dtype=np.int32)
    for k in range(len(roots) - 1):
        for node in range(roots[k], roots[k + 1]):  # parents come before their children
            if feature[node] >= 0:
                level[left[node]] = level[node] + 1
                level[right[node]] = level[node] + 1
            deepest[k] = max(deepest[k], level[node])
    return deepest


@njit(cache=True, nogil=True, boundscheck=False)
def _walk(  # noqa: PLR0913
    values: Any, root: Any, depth: Any, feature: Any, child: Any, threshold: Any, value: Any, base: Any
) -> Any:
    n = values.shape[0]
    total = np.zeros((n, 2))
    for k in range(len(root)):  # tree by tree, so that one tree's nodes stay in the cache
        for i in range(n):
            node = root[k]
            for _ in range(depth[k]):
                node = child[2 * node + np.int32(values[i, feature[node]] > threshold[node])]
            total[i, 0] += value[node, 0]
            total[i, 1] += value[node, 1]
    for i in range(n):
        total[i, 0] += base[0]
        total[i, 1] += base[1]
    return total
