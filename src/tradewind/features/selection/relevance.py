"""How much each feature says about the label, and whether it keeps saying it.

Everything here works on the training rows alone: arrays have m entries, one per training row, never n.
"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray, TimeArray

REGIME_DAYS = 20
BINS = 10
N_SHIFTS = 16


def centred_ranks(values: Float32Array) -> FloatArray:
    """Return (m, p) average ranks scaled to [-1, 1] with mean 0; a NaN counts as the middle, 0."""
    from scipy.stats import rankdata  # takes a second to import

    ranks = np.zeros(values.shape)
    for j in range(values.shape[1]):
        known = np.flatnonzero(np.isfinite(values[:, j]))
        if len(known) > 1:
            rank = rankdata(values[known, j])
            ranks[known, j] = 2.0 * (rank - rank.mean()) / (len(known) - 1)
    return ranks


def mutual_information(
    cell: IntArray, target: FloatArray, shifted: list[FloatArray], bins: int = BINS
) -> tuple[FloatArray, FloatArray]:
    """Mutual information of each feature with a binary target, in excess of what chance gives.

    Rows of one day share the market's move, so a feature of the whole market has as many independent values as there
    are days, and its plain mutual information is large by chance. The null is therefore measured: the same features
    against the same target moved along time, which keeps the days' cross-sections and both series' persistence
    (after Theiler et al., "Testing for nonlinearity in time series: the method of surrogate data", Physica D 1992).

    Parameters
    ----------
    cell : (m, p) of :func:`cells`.
    target : (m,) 0 or 1; NaN rows do not count.
    shifted : the target moved along time, several times.

    Returns
    -------
    excess : (p,) nats above the mean of the null.
    score : (p,) the excess in standard deviations of the null; each deviation counts as at least a quarter of the
        median one, for it is estimated from few shifts.
    """
    null = np.stack([_binned_information(cell, other, bins) for other in shifted])
    excess = _binned_information(cell, target, bins) - null.mean(axis=0)
    spread = null.std(axis=0, ddof=1)
    floor = max(0.25 * float(np.median(spread)), 1e-12)
    return excess, excess / np.maximum(spread, floor)


def cells(ranks: FloatArray, known: BoolArray, bins: int = BINS) -> IntArray:
    """(m, p) bin 0..bins-1 of equal count of each value; ``bins`` where it is NaN."""
    cell = np.minimum(((ranks + 1.0) * 0.5 * bins).astype(np.int64), bins - 1)
    cell[~known] = bins
    return np.asfortranarray(cell)


def _binned_information(cell: IntArray, target: FloatArray, bins: int) -> FloatArray:
    label = np.where(np.isfinite(target), target, 2.0).astype(cell.dtype)  # the third column takes the unknown
    size = 3 * (bins + 1)
    counts = [np.bincount(cell[:, j] * 3 + label, minlength=size) for j in range(cell.shape[1])]
    table = np.stack(counts).reshape(-1, bins + 1, 3)[:, :bins, :2]
    total = np.maximum(table.sum(axis=(1, 2), keepdims=True), 1)
    share = table / total
    expected = share.sum(axis=1, keepdims=True) * share.sum(axis=2, keepdims=True)
    ratio = np.divide(share, expected, out=np.ones(share.shape), where=share > 0)
    information: FloatArray = (share * np.log(ratio)).sum(axis=(1, 2))
    return information


def moved_targets(symbol: IntArray, day: IntArray, target: FloatArray, seed: int) -> list[FloatArray]:
    """Return the target moved along time ``N_SHIFTS`` times, all symbols by the same days, round the window's end.

    A row whose symbol has no target on the other day gets NaN.
    """
    n_days = int(day.max()) + 1
    grid = np.full((int(symbol.max()) + 1, n_days), np.nan)
    grid[symbol, day] = target
    least = max(n_days // 20, 1)
    moves = np.random.default_rng(seed).integers(least, max(n_days - least, least + 1), N_SHIFTS)
    return [grid[symbol, (day + move) % n_days] for move in moves]


def information_coefficient(ranks: FloatArray, returns: FloatArray) -> FloatArray:
    """(p,) rank correlation of each feature with the forward return over the rows given; 0 where not defined."""
    from scipy.stats import rankdata  # takes a second to import

    if len(returns) < 3:
        return np.zeros(ranks.shape[1])
    rank: FloatArray = rankdata(returns)
    rank = rank - rank.mean()
    part = ranks - ranks.mean(axis=0)
    scale = np.sqrt((part**2).sum(axis=0) * (rank**2).sum())
    product = part.T @ rank
    correlation: FloatArray = np.divide(product, scale, out=np.zeros(len(product)), where=scale > 1e-12)
    return correlation


def clustered_t(ranks: FloatArray, returns: FloatArray, cluster: IntArray) -> FloatArray:
    """(p,) t value of the information coefficient when rows of one cluster are not independent; 0 where undefined.

    Liang and Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 1986: the products of
    the ranks are summed within each cluster and the sums are the independent observations.

    Parameters
    ----------
    cluster : (m,) ascending; rows of one day share a cluster, because they share the market's move.
    """
    from scipy.stats import rankdata  # takes a second to import

    if len(returns) < 3:
        return np.zeros(ranks.shape[1])
    rank: FloatArray = rankdata(returns)
    product = (ranks - ranks.mean(axis=0)) * (rank - rank.mean())[:, None]
    total = np.add.reduceat(product, np.flatnonzero(np.diff(cluster, prepend=-1)), axis=0)
    scale = np.sqrt((total**2).sum(axis=0))
    value: FloatArray = np.divide(total.sum(axis=0), scale, out=np.zeros(ranks.shape[1]), where=scale > 1e-12)
    return value


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
    """(p,) steadiness in [0, 1] of each feature's clustered t value over parts of the training window.

    The mean of two shares: parts where the sign equals the overall sign, and the feature's mean rank among all
    features by t value in the overall direction (1 = the strongest in every part).

    Parameters
    ----------
    overall : (p,) values over all rows.
    parts : (k, p) values in each time block and volatility regime.
    """
    from scipy.stats import rankdata  # takes a second to import

    aligned = parts * np.sign(overall)
    agree: FloatArray = (aligned > 0).mean(axis=0)
    if len(overall) == 1:
        return agree
    rank = (rankdata(aligned, axis=1) - 1.0).mean(axis=0) / (len(overall) - 1)
    both: FloatArray = 0.5 * (agree + rank)
    return both
