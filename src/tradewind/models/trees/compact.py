"""A forest of decision trees as flat arrays, walked by a compiled loop; no scikit-learn object is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array, IntArray

PRIOR_ROWS = 100.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Forest:
    """Trees one after another; nodes of tree ``k`` are ``roots[k]:roots[k + 1]``.

    Attributes
    ----------
    roots : (k + 1,) node bounds of each tree.
    feature : (m,) column tested at a node; negative at a leaf.
    threshold : (m,) float64; a row goes left where its float32 value is at most this.
    left, right : (m,) children, as node numbers of the whole forest.
    share : (m,) share of rises among the training rows of the node.
    mean : (m,) shrunk mean forward return of the node's training rows; 0 at inner nodes.
    """

    roots: IntArray
    feature: Int32Array
    threshold: FloatArray
    left: Int32Array
    right: Int32Array
    share: FloatArray
    mean: FloatArray

    @classmethod
    def from_sklearn(cls, trees: Sequence[Any], classes: AnyArray) -> Forest:
        """Copy the trees of a fitted scikit-learn classifier (its ``tree_`` objects); ``mean`` is 0 everywhere."""
        counts = np.array([tree.node_count for tree in trees], dtype=np.int64)
        roots = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        shift = np.repeat(roots[:-1], counts)
        rise = np.flatnonzero(classes == 1.0)
        shares = [tree.value[:, 0, rise[0]] if len(rise) else np.zeros(tree.node_count) for tree in trees]
        return cls(
            roots=roots,
            feature=np.concatenate([tree.feature for tree in trees]).astype(np.int32),
            threshold=np.concatenate([tree.threshold for tree in trees]).astype(np.float64),
            left=(np.concatenate([tree.children_left for tree in trees]) + shift).astype(np.int32),
            right=(np.concatenate([tree.children_right for tree in trees]) + shift).astype(np.int32),
            share=np.concatenate(shares).astype(np.float64),
            mean=np.zeros(int(roots[-1])),
        )

    def with_returns(self, values: Float32Array, returns: FloatArray) -> Forest:
        """Return the forest whose leaves hold mean ``returns`` (n,) of the rows ``values`` (n, p) that fall in them.

        A leaf's mean is shrunk towards the mean of all rows, as if it held :data:`PRIOR_ROWS` more rows of that mean.
        """
        overall = float(returns.mean()) if len(returns) else 0.0
        total, count = _leaf_sums(values, returns, self.roots, self.feature, self.threshold, self.left, self.right)
        mean = (total + PRIOR_ROWS * overall) / (count + PRIOR_ROWS)
        mean[self.feature >= 0] = 0.0
        return Forest(
            roots=self.roots,
            feature=self.feature,
            threshold=self.threshold,
            left=self.left,
            right=self.right,
            share=self.share,
            mean=mean,
        )

    def predict(self, values: Float32Array) -> tuple[FloatArray, FloatArray]:
        """Return the mean share of rises and the mean return over the trees, (n,) each, for ``values`` (n, p)."""
        share, mean = _walk(
            values, self.roots, self.feature, self.threshold, self.left, self.right, self.share, self.mean
        )
        return share, mean

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the arrays by name."""
        return dict(vars(self))


@njit(cache=True)
def _leaf_sums(  # noqa: PLR0913
    values: Any, returns: Any, roots: Any, feature: Any, threshold: Any, left: Any, right: Any
) -> Any:
    total = np.zeros(len(feature))
    count = np.zeros(len(feature))
    for k in range(len(roots) - 1):
        for i in range(values.shape[0]):
            node = roots[k]
            while feature[node] >= 0:
                node = left[node] if values[i, feature[node]] <= threshold[node] else right[node]
            total[node] += returns[i]
            count[node] += 1.0
    return total, count


@njit(cache=True)
def _walk(  # noqa: PLR0913
    values: Any, roots: Any, feature: Any, threshold: Any, left: Any, right: Any, share: Any, mean: Any
) -> Any:
    n, trees = values.shape[0], len(roots) - 1
    shares = np.zeros(n)
    means = np.zeros(n)
    for k in range(trees):  # tree by tree, so that one tree's nodes stay in the cache
        for i in range(n):
            node = roots[k]
            while feature[node] >= 0:
                node = left[node] if values[i, feature[node]] <= threshold[node] else right[node]
            shares[i] += share[node]
            means[i] += mean[node]
    return shares / trees, means / trees
