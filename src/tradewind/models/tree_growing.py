"""Growing classification trees on binned features, in compiled code.

Values are put in quantile bins once (as in LightGBM, Ke et al. 2017, NIPS), so a split is found from a histogram
instead of a sort. A tree is a pure function of its bootstrap sample and random numbers; trees are grown on several
threads, and the forest does not depend on how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray
from tradewind.models.threads import thread_count
from tradewind.models.trees import Forest

EDGE_ROWS = 20_000
"""Rows at most, evenly spaced, whose quantiles are the bin edges."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How a forest is grown.

    Attributes
    ----------
    n_trees, max_depth : number of trees, and splits on the way to a leaf at most.
    sample : rows drawn with replacement for each tree.
    leaf : least number of those in a leaf.
    n_features : features tried at a split; more where none of them gives one.
    bins : quantile bins of a feature, 256 at most.
    """

    n_trees: int
    max_depth: int
    sample: int
    leaf: int
    n_features: int
    bins: int
    seed: int


def grow(values: Float32Array, rise: FloatArray, weight: FloatArray, growth: Growth) -> Forest:
    """Return a forest that tells rises from falls by Gini impurity (Breiman 2001).

    Parameters
    ----------
    values : (n, p) finite.
    rise, weight : (n,) 1 rise, 0 fall; weight of the row in impurity and shares.
    """
    edges = bin_edges(values, growth.bins)
    n, p = values.shape
    codes = np.empty((n, p), dtype=np.uint8)
    by_class = np.stack([weight * (1.0 - rise), weight * rise])
    most_nodes = 2 * max(growth.sample // growth.leaf, 1) - 1
    most_nodes = min(most_nodes, 2 ** (min(growth.max_depth, 40) + 1) - 1)

    def tree(seed: np.random.SeedSequence) -> tuple[AnyArray, ...]:
        rng = np.random.default_rng(seed)
        rows = rng.integers(n, size=growth.sample)
        draws = rng.random((most_nodes, p), dtype=np.float32)
        grown: tuple[AnyArray, ...] = _grow_tree(
            codes[rows].T.copy(), by_class[:, rows], draws, growth.max_depth, growth.leaf, growth.n_features
        )
        return grown

    with ThreadPoolExecutor(thread_count()) as pool:
        list(pool.map(lambda part: _encode(values[part], edges, codes[part]), _parts(n)))
        trees = list(pool.map(tree, np.random.SeedSequence(growth.seed).spawn(growth.n_trees)))
    roots = np.concatenate([[0], np.cumsum([len(feature) for feature, *_ in trees])]).astype(np.int64)
    shift = np.repeat(roots[:-1], np.diff(roots))
    feature, split, left, right, share = (np.concatenate(part) for part in zip(*trees, strict=True))
    inner = feature >= 0
    threshold = np.zeros(len(feature))
    threshold[inner] = edges[feature[inner], split[inner]]
    return Forest(
        roots=roots,
        feature=feature,
        threshold=threshold,
        left=(left + shift).astype(np.int32),
        right=(right + shift).astype(np.int32),
        share=share,
        mean=np.zeros(len(feature)),
    )


def bin_edges(values: Float32Array, bins: int) -> Float32Array:
    """Return (p, bins - 1) ascending edges between quantiles of the columns of ``values``, padded with infinity.

    A value's bin is the number of edges below it, so bin ``b`` or less means ``value <= edges[b]``.
    """
    step = max(1, len(values) // EDGE_ROWS)
    quantiles = np.quantile(values[::step], np.linspace(0.0, 1.0, bins), axis=0).astype(np.float32)
    edges = np.full((values.shape[1], bins - 1), np.inf, dtype=np.float32)
    for column, found in enumerate(quantiles.T):
        distinct = np.unique(found)
        edges[column, : len(distinct) - 1] = distinct[:-1] + 0.5 * np.diff(distinct)
    return edges


def _parts(n: int, size: int = 8192) -> Iterator[slice]:
    for start in range(0, n, size):
        yield slice(start, start + size)


@njit(cache=True, nogil=True)
def _encode(values: Any, edges: Any, codes: Any) -> None:
    bins = edges.shape[1]
    for i in range(values.shape[0]):
        for f in range(values.shape[1]):
            low, size = 0, bins
            while size > 0:
                half = size // 2
                above = edges[f, low + half] < values[i, f]
                low = low + half + 1 if above else low
                size = size - half - 1 if above else half
            codes[i, f] = low


@njit(cache=True, nogil=True)
def _grow_tree(codes: Any, by_class: Any, draws: Any, max_depth: int, leaf: int, n_features: int) -> Any:
    """Return (feature, bin, left, right, share) of each node of one tree.

    ``codes`` (p, m) bins of the sample, ``by_class`` (2, m) its weights as fall and as rise, ``draws`` (nodes, p)
    random numbers that order the features tried at a node.
    """
    p, m = codes.shape
    most = draws.shape[0]
    feature = np.full(most, -1, dtype=np.int32)
    split = np.zeros(most, dtype=np.int32)
    left, right = np.zeros(most, dtype=np.int32), np.zeros(most, dtype=np.int32)
    share = np.zeros(most)
    begin, end = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    depth = np.zeros(most, dtype=np.int64)
    member, spare = np.arange(m), np.empty(m, dtype=np.int64)
    order = np.arange(p)
    end[0] = m
    count, node = 1, 0
    while node < count:  # breadth first: children stand behind all nodes known so far
        inside = member[begin[node] : end[node]]
        fall = rise = 0.0
        for i in inside:
            fall += by_class[0, i]
            rise += by_class[1, i]
        share[node] = rise / (fall + rise)
        if depth[node] < max_depth and len(inside) >= 2 * leaf and fall > 0.0 and rise > 0.0:
            best = (fall * fall + rise * rise) / (fall + rise) * (1.0 + 1e-12)
            for k in range(p):
                if k >= n_features and feature[node] >= 0:
                    break
                other = k + min(int(draws[node, k] * (p - k)), p - k - 1)
                order[k], order[other] = order[other], order[k]
                gain, place = _best_split(codes[order[k]], by_class, inside, leaf)
                if gain > best:
                    best, feature[node], split[node] = gain, order[k], place
        if feature[node] >= 0:
            middle = _partition(codes[feature[node]], split[node], inside, spare)
            left[node], right[node] = count, count + 1
            begin[count], end[count] = begin[node], begin[node] + middle
            begin[count + 1], end[count + 1] = begin[node] + middle, end[node]
            depth[count] = depth[count + 1] = depth[node] + 1
            count += 2
        node += 1
    return feature[:count], split[:count], left[:count], right[:count], share[:count]


@njit(cache=True, nogil=True)
def _best_split(code: Any, by_class: Any, inside: Any, leaf: int) -> Any:
    """Return the largest weighted purity of two sides and the last bin of the left one; (-1, -1) without a split."""
    histogram = np.zeros((256, 3))
    last = 0
    for i in inside:
        bin_ = code[i]
        histogram[bin_, 0] += by_class[0, i]
        histogram[bin_, 1] += by_class[1, i]
        histogram[bin_, 2] += 1.0
        last = max(last, bin_)
    fall = rise = 0.0
    for bin_ in range(last + 1):
        fall += histogram[bin_, 0]
        rise += histogram[bin_, 1]
    best, place = -1.0, -1
    low_fall = low_rise = low_count = 0.0
    for bin_ in range(last):
        low_fall += histogram[bin_, 0]
        low_rise += histogram[bin_, 1]
        low_count += histogram[bin_, 2]
        if low_count < leaf or histogram[bin_, 2] == 0.0:
            continue
        if len(inside) - low_count < leaf:
            break
        high_fall, high_rise = fall - low_fall, rise - low_rise
        low, high = low_fall + low_rise, high_fall + high_rise
        if low <= 0.0 or high <= 0.0:
            continue
        purity = (low_fall**2 + low_rise**2) / low + (high_fall**2 + high_rise**2) / high
        if purity > best:
            best, place = purity, bin_
    return best, place


@njit(cache=True, nogil=True)
def _partition(code: Any, split: int, inside: Any, spare: Any) -> int:
    """Move the members whose bin is at most ``split`` to the front, keeping order; return how many they are."""
    front, back = 0, 0
    for i in inside:
        if code[i] <= split:
            inside[front] = i
            front += 1
        else:
            spare[back] = i
            back += 1
    inside[front:] = spare[:back]
    return front
