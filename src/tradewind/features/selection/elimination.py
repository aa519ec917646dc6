"""Removal of features that repeat others, and of those a light model does without."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray


def correlated(ranks: FloatArray, merit: FloatArray, limit: float, keep: BoolArray) -> dict[int, int]:
    """Return which columns repeat a better one: dropped column -> the column it repeats.

    Columns are taken from the best ``merit`` down (those that must stay first); one whose rank correlation with a
    column already taken exceeds ``limit`` in size is dropped.
    """
    part = ranks - ranks.mean(axis=0)
    norm = np.sqrt((part**2).sum(axis=0))
    part /= np.where(norm > 0, norm, 1.0)
    rho = np.abs(part.T @ part)
    taken: list[int] = []
    dropped: dict[int, int] = {}
    for j in np.lexsort((np.arange(len(merit)), -merit, ~keep)):
        twin = next((i for i in taken if rho[i, j] > limit), None)
        if twin is None or keep[j]:
            taken.append(int(j))
        else:
            dropped[int(j)] = twin
    return dropped


def ridge_t(ranks: FloatArray, target: FloatArray, cluster: IntArray, penalty: float) -> FloatArray:
    """(p,) absolute t value of each coefficient of a ridge regression of ``target`` on the ranks.

    Hoerl and Kennard, "Ridge regression", Technometrics 1970, with the variance of Liang and Zeger, Biometrika 1986:
    rows of one ``cluster`` ((m,) ascending) share the market's move and count as one observation.
    """
    part, label = ranks - ranks.mean(axis=0), target - target.mean()
    gram = part.T @ part
    inverse = np.linalg.inv(gram + penalty * len(label) * np.eye(len(gram)))
    weight = inverse @ (part.T @ label)
    residual = label - part @ weight
    score = np.add.reduceat(part * residual[:, None], np.flatnonzero(np.diff(cluster, prepend=-1)), axis=0)
    error = np.sqrt(np.maximum(((score @ inverse) ** 2).sum(axis=0), 1e-300))
    size: FloatArray = np.abs(weight) / error
    return size


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """What elimination knows of p columns over m rows.

    Attributes
    ----------
    ranks : (m, p) centred ranks.
    target : (m,) 0 or 1.
    cluster : (m,) ascending; rows of one cluster are not independent.
    merit : (p,) how good a column is by itself.
    keep : (p,) True for columns that must stay.
    """

    ranks: FloatArray
    target: FloatArray
    cluster: IntArray
    merit: FloatArray
    keep: BoolArray


def eliminate(candidates: Candidates, *, goal: int, steps: int) -> tuple[IntArray, dict[int, int]]:
    """Recursively drop columns until ``goal`` are left.

    Each step refits :func:`ridge_t` on the columns left and drops those with the lowest mean rank of the model's t
    value and of ``merit`` (what the linear model cannot see); after Guyon et al., "Gene selection for cancer
    classification using support vector machines", 2002.

    Returns
    -------
    left : the columns that stay, in ascending order.
    dropped : column -> step (from 1) in which it fell.
    """
    from scipy.stats import rankdata  # takes a second to import

    ranks, merit = candidates.ranks, candidates.merit
    left = np.arange(ranks.shape[1])
    dropped: dict[int, int] = {}
    for step in range(1, steps + 1):
        surplus = len(left) - goal
        if surplus <= 0:
            break
        size = ridge_t(ranks[:, left], candidates.target, candidates.cluster, penalty=0.001)
        worth = rankdata(size) + rankdata(merit[left])
        worth[candidates.keep[left]] = np.inf
        order = np.lexsort((left, worth))[: math.ceil(surplus / (steps + 1 - step))]
        dropped.update({int(j): step for j in left[order]})
        left = np.delete(left, order)
    return left, dropped
