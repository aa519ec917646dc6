"""Rows grouped by day: rows of one day share the market's move, so every statistic here counts days, not rows."""

from __future__ import annotations

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TimeArray


def day_codes(time: TimeArray) -> tuple[IntArray, TimeArray]:
    """Return ((m,) index into the days, (D,) sorted ``datetime64[D]`` days) of timestamps of any unit."""
    days, code = np.unique(time.astype("datetime64[D]"), return_inverse=True)
    return code.astype(np.int64), days


def day_sums(values: FloatArray, code: IntArray, n_days: int) -> FloatArray:
    """Sum (m,) or (m, k) ``values`` within each day; NaN is the caller's to remove. Returns (D,) or (D, k)."""
    if values.ndim == 1:
        return np.bincount(code, weights=values, minlength=n_days).astype(np.float64)
    return np.stack([np.bincount(code, weights=column, minlength=n_days) for column in values.T], axis=1)


def ratio(top: AnyArray, bottom: AnyArray) -> FloatArray:
    """Return ``top / bottom``, NaN where ``bottom`` is zero."""
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    np.divide(top, bottom, out=out, where=np.asarray(bottom) != 0)
    return out


def ranks_within(values: FloatArray, code: IntArray) -> FloatArray:
    """Rank finite ``values`` (m,) from 1 within each group ``code``, ties sharing their mean rank."""
    m = len(values)
    order = np.lexsort((values, code))
    group, sorted_values = code[order], values[order]
    new_group = np.r_[True, group[1:] != group[:-1]] if m else np.zeros(0, dtype=bool)
    new_run = new_group.copy()
    new_run[1:] |= sorted_values[1:] != sorted_values[:-1]
    position = np.arange(m) - np.maximum.accumulate(np.where(new_group, np.arange(m), 0))
    run = np.cumsum(new_run) - 1
    mean_rank = ratio(np.bincount(run, weights=position).astype(np.float64), np.bincount(run).astype(np.float64)) + 1
    ranked = np.empty(m)
    ranked[order] = mean_rank[run]
    return ranked


def correlation_within(x: FloatArray, y: FloatArray, code: IntArray, n_groups: int) -> tuple[FloatArray, IntArray]:
    """Pearson correlation of ``x`` and ``y`` (finite) inside each group.

    Returns
    -------
    ((G,) correlation, NaN where either side does not vary; (G,) rows in each group).
    """
    count = np.bincount(code, minlength=n_groups)

    def centred(v: FloatArray) -> FloatArray:
        mean: FloatArray = ratio(day_sums(v, code, n_groups), count.astype(np.float64))[code]
        rest = v - mean
        # A column of one repeated value leaves rounding dust behind; dust is not variation.
        rest[np.abs(rest) <= 1e-12 * np.maximum(np.abs(mean), 1e-300)] = 0.0
        return rest

    a, b = centred(x), centred(y)
    cross = day_sums(a * b, code, n_groups)
    scale = np.sqrt(day_sums(a * a, code, n_groups) * day_sums(b * b, code, n_groups))
    return np.clip(ratio(cross, scale), -1.0, 1.0), count.astype(np.int64)


def judged(outcomes: Outcomes) -> BoolArray:
    """(m,) True where direction and probability are both known: the rows accuracy is counted over."""
    mask: BoolArray = outcomes.labelled & np.isfinite(outcomes.probability)
    return mask


def common_rows(first: Outcomes, second: Outcomes) -> tuple[Outcomes, Outcomes]:
    """Return both outcomes cut to the (time, symbol) pairs they share, in the same order."""
    if np.array_equal(first.time, second.time) and np.array_equal(first.symbol, second.symbol):
        return first, second
    names, symbol = np.unique(np.concatenate([first.symbol, second.symbol]), return_inverse=True)
    _, time = np.unique(np.concatenate([first.time, second.time]), return_inverse=True)
    key: AnyArray = time.astype(np.int64) * max(len(names), 1) + symbol
    _, a, b = np.intersect1d(key[: len(first)], key[len(first) :], assume_unique=False, return_indices=True)
    return first.select(a), second.select(b)
