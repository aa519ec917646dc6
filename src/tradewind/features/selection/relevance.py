"""How much each feature says about the label, and whether it keeps saying it.

Everything here works on the training rows alone: arrays have m entries, one per training row, never n.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import mutual_info_score

from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray, TimeArray

REGIME_DAYS = 20


def centred_ranks(values: Float32Array) -> FloatArray:
    """Return (m, p) average ranks scaled to [-1, 1] with mean 0; a NaN counts as the middle, 0."""
    ranks = np.zeros(values.shape)
    for j in range(values.shape[1]):
        known = np.flatnonzero(np.isfinite(values[:, j]))
        if len(known) > 1:
            rank = rankdata(values[known, j])
            ranks[known, j] = 2.0 * (rank - rank.mean()) / (len(known) - 1)
    return ranks


def mutual_information(ranks: FloatArray, known: BoolArray, target: FloatArray, bins: int = 10) -> FloatArray:
    """(p,) mutual information in nats of each feature with a binary target.

    The feature is cut into ``bins`` of equal count. On returns a feature carries about 0.001 nats, far below the
    noise of the nearest-neighbour estimate on a sample; the binned estimate uses every row and is corrected for its
    bias of (bins - 1) / 2m (Miller, "Note on the bias of information estimates", 1955), so an empty feature scores
    about 0 and may score slightly below.

    Parameters
    ----------
    ranks : (m, p) of :func:`centred_ranks`.
    known : (m, p) bool; rows where a feature is NaN do not count for it.
    target : (m,) 0 or 1.
    """
    score = np.zeros(ranks.shape[1])
    label = target.astype(np.int64)
    for j in range(ranks.shape[1]):
        use = known[:, j]
        m = int(use.sum())
        if m < 2 * bins:
            continue
        cell = np.minimum(((ranks[use, j] + 1.0) * 0.5 * bins).astype(np.int64), bins - 1)
        table = np.bincount(cell * 2 + label[use], minlength=2 * bins).reshape(bins, 2)
        filled = int((table.sum(axis=1) > 0).sum())
        score[j] = mutual_info_score(None, None, contingency=table) - (filled - 1) / (2.0 * m)
    return score


def information_coefficient(ranks: FloatArray, returns: FloatArray) -> FloatArray:
    """(p,) rank correlation of each feature with the forward return over the rows given; 0 where not defined."""
    if len(returns) < 3:
        return np.zeros(ranks.shape[1])
    rank: FloatArray = rankdata(returns)
    rank = rank - rank.mean()
    part = ranks - ranks.mean(axis=0)
    scale = np.sqrt((part**2).sum(axis=0) * (rank**2).sum())
    product = part.T @ rank
    correlation: FloatArray = np.divide(product, scale, out=np.zeros(len(product)), where=scale > 1e-12)
    return correlation


def time_blocks(time: TimeArray, n_blocks: int) -> IntArray:
    """(m,) block 0..n_blocks-1 of each row: spans of the same number of distinct times, in order."""
    moments, code = np.unique(time, return_inverse=True)
    block: IntArray = code.astype(np.int64) * n_blocks // max(len(moments), 1)
    return block


def volatility_regimes(time: TimeArray, returns: FloatArray, n_regimes: int = 3) -> IntArray:
    """(m,) regime 0 (calm) to n_regimes-1 (stormy) of each row.

    A day's turbulence is the root mean square return of the training rows of the 20 latest training days up to it.
    It is built from the training labels, so it sees nothing beyond the training window.
    """
    moments, code = np.unique(time, return_inverse=True)
    count = np.bincount(code, minlength=len(moments))
    square = np.bincount(code, weights=returns**2, minlength=len(moments))
    total, seen = np.cumsum(square), np.cumsum(count)
    total[REGIME_DAYS:] -= np.cumsum(square)[:-REGIME_DAYS]
    seen[REGIME_DAYS:] -= np.cumsum(count)[:-REGIME_DAYS]
    level = total / np.maximum(seen, 1)
    edges = np.quantile(level, np.arange(1, n_regimes) / n_regimes)
    return np.searchsorted(edges, level, side="right").astype(np.int64)[code]


def stability(overall: FloatArray, parts: FloatArray) -> FloatArray:
    """(p,) steadiness in [0, 1] of each feature's information coefficient over parts of the training window.

    The mean of two shares: parts where the sign equals the overall sign, and the feature's mean rank among all
    features by coefficient in the overall direction (1 = the strongest in every part).

    Parameters
    ----------
    overall : (p,) coefficients over all rows.
    parts : (k, p) coefficients in each time block and volatility regime.
    """
    aligned = parts * np.sign(overall)
    agree: FloatArray = (aligned > 0).mean(axis=0)
    if len(overall) == 1:
        return agree
    rank = (rankdata(aligned, axis=1) - 1.0).mean(axis=0) / (len(overall) - 1)
    both: FloatArray = 0.5 * (agree + rank)
    return both
