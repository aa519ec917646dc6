"""A forest of decision trees as flat arrays, walked by a compiled loop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.models.threads import thread_count

PRIOR_ROWS = 100.0
BLOCK = 256
PART = 8192


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

    def with_returns(self, values: Float32Array, returns: FloatArray) -> Forest:
        """Return the forest whose leaves hold mean ``returns`` (n,) of the rows ``values`` (n, p) that fall in them.

        A leaf's mean is shrunk towards the mean of all rows, as if it held :data:`PRIOR_ROWS` more rows of that mean.
        """
        overall = float(returns.mean()) if len(returns) else 0.0
        total, count = np.zeros(len(self.feature)), np.zeros(len(self.feature))
        walk = self._walk()

        def add(trees: slice) -> None:
            _leaf_sums(values, returns, walk, np.arange(len(self.roots) - 1)[trees], total, count)

        _threaded(add, len(self.roots) - 1, -(-(len(self.roots) - 1) // thread_count()))
        mean = (total + PRIOR_ROWS * overall) / (count + PRIOR_ROWS)
        mean[self.feature >= 0] = 0.0
        return replace(self, mean=mean)

    def predict(self, values: Float32Array) -> tuple[FloatArray, FloatArray]:
        """Return the mean share of rises and the mean return over the trees, (n,) each, for ``values`` (n, p)."""
        share, mean = np.zeros(len(values)), np.zeros(len(values))
        walk = self._walk()

        def average(rows: slice) -> None:
            _leaf_means(values[rows], walk, self.share, self.mean, share[rows], mean[rows])

        _threaded(average, len(values), PART)
        return share, mean

    def _walk(self) -> tuple[AnyArray, ...]:
        """Return what :func:`_descend` reads: a leaf tests column 0 and leads to itself whatever the answer."""
        inner = self.feature >= 0
        own = np.arange(len(self.feature))
        children = np.where(inner, np.stack([self.left, self.right]), own)
        level = np.zeros(len(own), dtype=np.int64)
        reached = self.roots[:-1]
        while len(reached := children[:, reached[inner[reached]]].ravel()):
            level[reached] = level.max() + 1
        return (
            self.roots,
            np.maximum.reduceat(level, self.roots[:-1]),
            np.where(inner, self.feature, 0).astype(np.uint32),
            self.threshold,
            children.T.ravel().astype(np.uint32),
        )

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the arrays by name."""
        return dict(vars(self))


def _threaded(work: Callable[[slice], None], n: int, size: int) -> None:
    """Do ``work`` on each ``size`` of ``n`` things; no two parts write to the same place."""
    parts = [slice(start, start + size) for start in range(0, n, size)]
    with ThreadPoolExecutor(thread_count()) as pool:
        list(pool.map(work, parts))


@njit(cache=True, nogil=True)
def _descend(values: Any, walk: Any, k: int, at: Any) -> None:
    """Set ``at`` to the leaf of tree ``k`` that each row of ``values`` falls in.

    All rows go down level by level, and the child is chosen by arithmetic: the steps of different rows do not wait
    for each other, and there is no branch, which half of the rows would take and no processor can predict.
    """
    roots, depth, feature, threshold, children = walk
    for i in range(len(values)):
        at[i] = roots[k]
    for _ in range(depth[k]):
        for i in range(len(values)):
            node = at[i]
            above = values[np.uint64(i), feature[node]] > threshold[node]
            at[i] = children[np.uint64(2) * node + np.uint64(above)]


@njit(cache=True, nogil=True)
def _leaf_sums(values: Any, returns: Any, walk: Any, trees: Any, total: Any, count: Any) -> None:
    at = np.empty(BLOCK, dtype=np.uint32)
    for start in range(0, len(values), BLOCK):  # so that a block's values stay in the cache from tree to tree
        block = values[start : start + BLOCK]
        for k in trees:
            _descend(block, walk, k, at)
            for i in range(len(block)):
                total[at[i]] += returns[start + i]
                count[at[i]] += 1.0


@njit(cache=True, nogil=True)
def _leaf_means(values: Any, walk: Any, share: Any, mean: Any, shares: Any, means: Any) -> None:
    trees = len(walk[0]) - 1
    at = np.empty(BLOCK, dtype=np.uint32)
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK]
        for k in range(trees):
            _descend(block, walk, k, at)
            for i in range(len(block)):
                shares[start + i] += share[at[i]]
                means[start + i] += mean[at[i]]
        for i in range(start, start + len(block)):
            shares[i] /= trees
            means[i] /= trees
