"""Rings: the latest entries of a series, each written twice so that any window of them lies in one piece.

A ring of capacity R is a row of 2 R numbers, NaN at first. Entry number ``n`` (from 0) is written at ``n % R`` and
again R further; the ``w <= R`` latest entries are then a plain slice, oldest first, NaN where there are fewer.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray


@njit(cache=True, nogil=True)
def push(ring: FloatArray, n: int, value: float) -> None:
    """Write entry number ``n`` of a (2 R,) ring."""
    capacity = ring.size // 2
    at = n % capacity
    ring[at] = value
    ring[at + capacity] = value


@njit(cache=True, nogil=True)
def latest(ring: FloatArray, n: int, window: int) -> FloatArray:
    """(window,) entries up to number ``n``, which is the latest one; before the first (n = -1) all are NaN."""
    capacity = ring.size // 2
    end = n % capacity + capacity + 1
    return ring[end - window : end]


@njit(cache=True, nogil=True)
def change_over(ring: FloatArray, n: int, steps: int) -> float:
    """Return the relative change over ``steps`` entries, as :func:`tradewind.features.trailing.change`."""
    part = latest(ring, n, steps + 1)
    before, now = part[0], part[-1]
    return now / before - 1.0 if before > 0.0 and now > 0.0 else np.nan


@njit(cache=True, nogil=True)
def median_of(part: FloatArray, room: FloatArray) -> float:
    """Return the median of one whole window, as ``trailing_median``; ``room`` (at least as long) is overwritten."""
    count = 0
    for value in part:
        if np.isfinite(value):
            at = count
            while at > 0 and room[at - 1] > value:
                room[at] = room[at - 1]
                at -= 1
            room[at] = value
            count += 1
    if count < max(1, -(-3 * part.size // 4)):
        return np.nan
    half = count // 2
    return float(room[half] if count % 2 else 0.5 * (room[half - 1] + room[half]))


@njit(cache=True, nogil=True)
def percentile_of(part: FloatArray) -> float:
    """Return the share of one whole window below its last entry, ties as half, as ``trailing_percentile``."""
    now = part[-1]
    if not np.isfinite(now):
        return np.nan
    below, through, count = 0, 0, 0
    for value in part:
        if np.isfinite(value):
            below += value < now
            through += value <= now
            count += 1
    return 0.5 * (below + through) / count if count >= max(2, -(-3 * part.size // 4)) else np.nan


@njit(cache=True, nogil=True)
def over_mean(mean: float, value: float) -> float:
    """Return ``value`` over a mean above zero, else NaN."""
    return value / mean if mean > 0.0 else np.nan


@njit(cache=True, nogil=True)
def mean_of(values: FloatArray, least: int) -> float:
    """Return the mean of the finite values, summed in their order; NaN where fewer than ``least`` are."""
    total, count = 0.0, 0
    for value in values:
        if np.isfinite(value):
            total += value
            count += 1
    return total / count if count >= max(least, 1) else np.nan
