"""Columns that say nearly the same, found on training rows, so that they are shuffled together."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from tradewind.core import Dataset, InputError
from tradewind.core.arrays import AnyArray, FloatArray, IntArray


def rank_correlation(values: AnyArray) -> FloatArray:
    """(q, q) Spearman correlation of the columns of (m, q) ``values``; 0 with a column that does not vary."""
    ranks = rankdata(values, axis=0)
    ranks -= ranks.mean(axis=0)
    scale = np.sqrt((ranks**2).sum(axis=0))
    flat = scale <= 0
    ranks /= np.where(flat, 1.0, scale)
    out = np.clip(ranks.T @ ranks, -1.0, 1.0)
    np.fill_diagonal(out, 1.0)
    return np.asarray(out, dtype=np.float64)


def correlated_groups(data: Dataset, rows: IntArray, correlation: float = 0.7) -> tuple[tuple[str, ...], ...]:
    """Cluster the columns of prepared ``data`` by their Spearman correlation over training ``rows``.

    Hierarchical clustering with average linkage on ``1 - |correlation|``, cut at ``1 - correlation``. A lone shuffled
    column of a correlated pair leaves its twin to speak for it, and both look useless (Strobl et al. 2008).

    Returns
    -------
    Groups of column names in the order of their first column; a column without kin is a group of its own.

    Raises
    ------
    InputError : fewer than 3 rows.
    """
    if len(rows) < 3:
        raise InputError(f"{len(rows)} training rows cannot show which columns are correlated", fix="give at least 3")
    if len(data.names) < 2:
        return tuple((name,) for name in data.names)
    distance = 1.0 - np.abs(rank_correlation(data.features[rows]))
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(np.maximum(distance, 0.0), checks=False), method="average")
    label = fcluster(tree, t=1.0 - correlation, criterion="distance")
    found: dict[int, list[str]] = {}
    for name, code in zip(data.names, label.tolist(), strict=True):
        found.setdefault(code, []).append(name)
    return tuple(tuple(names) for names in found.values())
