"""Trees as flat arrays, walked by a compiled loop that knows what to do with a missing number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, Int32Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Forest:
    """Trees one after another; nodes of tree ``k`` are ``roots[k]:roots[k + 1]``.

    Attributes
    ----------
    roots : (k + 1,) int32.
    feature : (m,) int32 column tested at a node; -1 at a leaf.
    threshold : (m,) float32; a row goes left where its value is *less*.
    left, right : (m,) int32 children, as node numbers of the whole forest.
    missing_left : (m,) where a NaN goes.
    value : (m,) float64 output of a leaf.
    base : what the sum of the leaves is added to.
    """

    roots: Int32Array
    feature: Int32Array
    threshold: Float32Array
    left: Int32Array
    right: Int32Array
    missing_left: BoolArray
    value: FloatArray
    base: float

    def __len__(self) -> int:
        return len(self.roots) - 1

    def output(self, values: Float32Array) -> FloatArray:
        """Return ``base`` plus the sum of the leaves that rows ``values`` (n, p) float32 fall in, (n,)."""
        summed: FloatArray = _walk(np.ascontiguousarray(values, dtype=np.float32), *self._laid_out)
        return summed + self.base

    @cached_property
    def _laid_out(self) -> tuple[AnyArray, ...]:
        """The same trees, children side by side and leaves that lead to themselves: walked without a branch."""
        return tuple(
            _lay_out(self.roots, self.feature, self.threshold, self.left, self.right, self.missing_left, self.value)
        )

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the arrays by name, ``base`` as one of them."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "base"}
        return {**arrays, "base": np.array([self.base])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Forest:
        """Return the forest that :meth:`to_arrays` described."""
        given: dict[str, Any] = {**arrays, "base": float(arrays["base"][0])}
        return cls(**given)


def join(trees: Sequence[Mapping[str, AnyArray]], base: float) -> Forest:
    """Return the forest of ``trees``: mappings of the arrays of one tree each, children numbered within it."""
    counts = np.array([len(tree["feature"]) for tree in trees], dtype=np.int64)
    roots = np.concatenate([[0], np.cumsum(counts)])
    shift = np.repeat(roots[:-1], counts)

    def all_of(name: str, kind: Any) -> AnyArray:
        return np.concatenate([np.asarray(tree[name]) for tree in trees]).astype(kind) if trees else np.empty(0, kind)

    return Forest(
        roots=roots.astype(np.int32),
        feature=all_of("feature", np.int32),
        threshold=all_of("threshold", np.float32),
        left=(all_of("left", np.int64) + shift).astype(np.int32),
        right=(all_of("right", np.int64) + shift).astype(np.int32),
        missing_left=all_of("missing_left", np.bool_),
        value=all_of("value", np.float64),
        base=base,
    )


def read_booster(description: bytes | bytearray) -> Forest:
    """Return the trees of a binary booster from XGBoost's JSON (``save_raw("json")``); its output is log odds."""
    learner = json.loads(bytes(description))["learner"]
    start = float(str(learner["learner_model_param"]["base_score"]).strip("[]"))
    trees = []
    for tree in learner["gradient_booster"]["model"]["trees"]:
        left = np.array(tree["left_children"], dtype=np.int64)
        leaf = left < 0
        condition = np.array(tree["split_conditions"], dtype=np.float32)  # of a leaf: its output
        trees.append(
            {
                "feature": np.where(leaf, -1, tree["split_indices"]),
                "threshold": np.where(leaf, np.float32(0.0), condition),
                "left": np.where(leaf, 0, left),
                "right": np.where(leaf, 0, tree["right_children"]),
                "missing_left": np.array(tree["default_left"], dtype=bool),
                "value": np.where(leaf, condition, 0.0),
            }
        )
    return join(trees, float(np.log(start / (1.0 - start))))


def read_isolation(forest: Any) -> Forest:
    """Return the trees of scikit-learn's fitted ``IsolationForest``; a row's output is its mean path length.

    scikit-learn goes left where a value is at most a threshold; the next float32 makes that "less".
    """
    trees = []
    for tree in (estimator.tree_ for estimator in forest.estimators_):
        leaf = tree.children_left < 0
        depth = np.zeros(tree.node_count)
        for node in range(tree.node_count):  # parents come before their children
            if not leaf[node]:
                depth[[tree.children_left[node], tree.children_right[node]]] = depth[node] + 1
        bound = np.nextafter(_at_most(tree.threshold), np.float32(np.inf))
        trees.append(
            {
                "feature": np.where(leaf, -1, tree.feature),
                "threshold": np.where(leaf, np.float32(0.0), bound),
                "left": np.where(leaf, 0, tree.children_left),
                "right": np.where(leaf, 0, tree.children_right),
                "missing_left": np.ones(tree.node_count, dtype=bool),
                "value": np.where(leaf, depth + average_path(tree.n_node_samples), 0.0) / len(forest.estimators_),
            }
        )
    return join(trees, 0.0)


def _at_most(threshold: FloatArray) -> Float32Array:
    """Return the largest float32 that is at most each threshold."""
    near = threshold.astype(np.float32)
    lower: Float32Array = np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float32)
    return lower


def average_path(rows: AnyArray) -> FloatArray:
    """Return the mean path length of a failed search among ``rows``: Liu, Ting and Zhou 2008, equation 1."""
    n = np.asarray(rows, dtype=np.float64)
    many = np.maximum(n, 3.0)
    path = 2.0 * (np.log(many - 1.0) + np.euler_gamma) - 2.0 * (many - 1.0) / many
    return np.where(n <= 1, 0.0, np.where(n == 2, 1.0, path))


@njit(cache=True, nogil=True, error_model="numpy")
def _lay_out(  # noqa: PLR0913
    roots: Any, feature: Any, threshold: Any, left: Any, right: Any, missing_left: Any, value: Any
) -> Any:
    """Number nodes level by level: returns roots, depth of each tree, feature, threshold, first child, right, value.

    ``right`` is 1 where a missing number goes right. A leaf's threshold is NaN and its first child itself.
    """
    m = len(feature)
    order = np.empty(m, dtype=np.int32)  # old number by new
    level = np.zeros(m, dtype=np.int32)
    depth = np.zeros(len(roots) - 1, dtype=np.int32)
    first = np.empty(m, dtype=np.int32)
    for k in range(len(roots) - 1):
        order[roots[k]] = roots[k]
        end = roots[k] + 1
        for node in range(roots[k], roots[k + 1]):
            old = order[node]
            first[node] = node
            if feature[old] >= 0:
                first[node] = end
                order[end], order[end + 1] = left[old], right[old]
                level[end] = level[end + 1] = level[node] + 1
                depth[k] = max(depth[k], level[end])
                end += 2
    column = np.maximum(feature[order], 0)
    bound = threshold[order].copy()
    goes = np.zeros(m, dtype=np.int32)
    for node in range(m):
        if feature[order[node]] < 0:
            bound[node] = np.nan
        elif not missing_left[order[node]]:
            goes[node] = 1
    return roots, depth, column, bound, first, goes, value[order]


@njit(cache=True, nogil=True, error_model="numpy")
def _walk(  # noqa: PLR0913
    values: Any, roots: Any, depth: Any, column: Any, bound: Any, first: Any, goes: Any, value: Any
) -> Any:
    n = values.shape[0]
    total = np.zeros(n)
    for k in range(len(roots) - 1):  # tree by tree, so that one tree's nodes stay in the cache
        for i in range(n):
            node = roots[k]
            for _ in range(depth[k]):
                x = values[i, column[node]]
                node = first[node] + (int(x >= bound[node]) | (int(x != x) & goes[node]))
            total[i] += value[node]
    return total
