"""Any forest as flat arrays with one rule of comparison: what explanations and serving read of a tree model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, runtime_checkable

import numpy as np
from numba import njit

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array, IntArray

Scale = Literal["log_odds", "probability"]


@dataclass(frozen=True, kw_only=True, eq=False)
class TreeTable:
    """Trees one after another; nodes of tree ``k`` are ``roots[k]:roots[k + 1]``, parents before their children.

    A row goes left where its float32 value is at most the float32 threshold. The rules of all engines are instances
    of it, exactly, once values are float32: see :func:`at_most` and :func:`below`.

    Attributes
    ----------
    roots : (k + 1,) int64 node bounds of each tree.
    feature : (m,) int32 column tested at a node; negative at a leaf.
    threshold : (m,) float32; 0 at leaves.
    left, right : (m,) int32 children as node numbers of the whole table; not read at leaves.
    value : (m,) float64 output of a leaf; 0 at inner nodes. A row's output is ``base`` plus its leaves' values.
    base : output before any tree.
    scale : what the output is: log odds of a rise, or the probability of one.
    """

    roots: IntArray
    feature: Int32Array
    threshold: Float32Array
    left: Int32Array
    right: Int32Array
    value: FloatArray
    base: float
    scale: Scale

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together."""
        nodes = int(self.roots[-1])
        for name in ("feature", "threshold", "left", "right", "value"):
            if getattr(self, name).shape != (nodes,):
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected ({nodes},)")
        inner = np.flatnonzero(self.feature >= 0)
        if (np.minimum(self.left[inner], self.right[inner]) <= inner).any():
            raise ValueError("a child comes before its parent")

    def __len__(self) -> int:
        """Return the number of trees."""
        return len(self.roots) - 1

    @property
    def n_columns(self) -> int:
        """Columns a row must have at least: one more than the last that is tested."""
        return int(self.feature.max()) + 1 if len(self.feature) else 0

    def rows(self, values: AnyArray) -> Float32Array:
        """Return ``values`` (m, q) as the trees read them: float32, row by row.

        Raises
        ------
        UsageError : not a table of rows, fewer columns than the trees test, or a value that is not finite.
        """
        rows = np.ascontiguousarray(values, dtype=np.float32)
        if rows.ndim != 2 or rows.shape[1] < self.n_columns:
            raise UsageError(
                f"rows have shape {rows.shape}, the trees read {self.n_columns} columns",
                field="values",
                fix="give the prepared columns the model was fitted on",
            )
        if not np.isfinite(rows).all():
            bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
            raise UsageError(
                "a value is not finite", row=bad + 1, field="values", fix="prepare the columns as the model does"
            )
        return rows

    def output(self, values: AnyArray) -> FloatArray:
        """Return the output (m,) of rows ``values`` (m, q), read by :meth:`rows`."""
        rows = self.rows(values)
        summed: FloatArray = _sum_leaves(
            rows, self.roots, self.feature, self.threshold, self.left, self.right, self.value
        )
        return summed + self.base

    @classmethod
    def joined(cls, trees: Sequence[Tree], *, base: float, scale: Scale) -> Self:
        """Return the table of ``trees``, in their order; none at all makes a constant of value ``base``."""
        counts = np.array([len(tree.feature) for tree in trees], dtype=np.int64)
        roots = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        shift = np.repeat(roots[:-1], counts)

        def all_of(name: str, kind: Any) -> AnyArray:
            parts = [np.asarray(getattr(tree, name), dtype=kind) for tree in trees]
            return np.concatenate(parts) if parts else np.empty(0, dtype=kind)

        return cls(
            roots=roots,
            feature=all_of("feature", np.int32),
            threshold=all_of("threshold", np.float32),
            left=(all_of("left", np.int64) + shift).astype(np.int32),
            right=(all_of("right", np.int64) + shift).astype(np.int32),
            value=all_of("value", np.float64),
            base=base,
            scale=scale,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Tree:
    """One tree as sequences over its nodes, the root first; the fields are those of :class:`TreeTable`."""

    feature: AnyArray
    threshold: AnyArray
    left: AnyArray
    right: AnyArray
    value: AnyArray


@runtime_checkable
class TreeModel(Protocol):
    """A forecaster whose direction is a sum of trees."""

    def direction_trees(self) -> TreeTable:
        """Return the trees of the direction; their output is on ``scale`` of the table. Not fitted: NotFittedError."""
        ...


def at_most(threshold: AnyArray) -> Float32Array:
    """Return the float32 bound t with ``x <= t`` exactly where ``x <= threshold``, for every float32 x."""
    wide, near = _nearest(threshold)
    return _lowered(near, near > wide)


def below(threshold: AnyArray) -> Float32Array:
    """Return the float32 bound t with ``x <= t`` exactly where ``x < threshold``, for every float32 x."""
    wide, near = _nearest(threshold)
    return _lowered(near, near >= wide)


def _nearest(threshold: AnyArray) -> tuple[FloatArray, Float32Array]:
    wide = np.asarray(threshold, dtype=np.float64)
    with np.errstate(over="ignore"):  # a threshold beyond float32 is infinite there, and decides the same
        return wide, wide.astype(np.float32)


def _lowered(bound: Float32Array, where: AnyArray) -> Float32Array:
    with np.errstate(over="ignore"):
        lower: Float32Array = np.where(where, np.nextafter(bound, np.float32(-np.inf)), bound)
    return lower


@njit(cache=True, nogil=True)
def _sum_leaves(values: Any, roots: Any, feature: Any, threshold: Any, left: Any, right: Any, value: Any) -> Any:  # noqa: PLR0913
    n = values.shape[0]
    total = np.zeros(n)
    for k in range(len(roots) - 1):  # tree by tree, so that one tree's nodes stay in the cache
        for i in range(n):
            node = roots[k]
            while feature[node] >= 0:
                node = left[node] if values[i, feature[node]] <= threshold[node] else right[node]
            total[i] += value[node]
    return total
