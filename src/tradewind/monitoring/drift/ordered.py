"""What two sorted samples tell in one merge: Kolmogorov-Smirnov's statistic and the Wasserstein-1 distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tradewind.core.arrays import Float32Array


@dataclass(frozen=True, kw_only=True)
class Distances:
    """Distances of two samples of one feature; NaN where either has no finite value.

    ``ks`` is in [0, 1]; ``wasserstein`` is in the feature's unit.
    """

    ks: float
    wasserstein: float


def columns_of(x: Float32Array) -> Float32Array:
    """Return ``x`` (n, p) as (p, n) in order of memory; block by block, for whole columns would miss every cache."""
    out: Float32Array = np.empty((x.shape[1], x.shape[0]), dtype=np.float32)
    for start in range(0, len(x), 1024):
        out[:, start : start + 1024] = x[start : start + 1024].T
    return out


def sorted_finite(column: Float32Array) -> Float32Array:
    """Return the finite values of ``column`` (n,), sorted."""
    values: Float32Array = np.sort(column)  # NaN come last
    end = int(np.searchsorted(values, np.inf, side="left"))
    start = int(np.searchsorted(values, -np.inf, side="right"))
    return values[start:end]


def distances(first: Float32Array, second: Float32Array) -> Distances:
    """Return the distances of two sorted samples without NaN: ``scipy.stats.ks_2samp`` and ``wasserstein_distance``."""
    if not len(first) or not len(second):
        return Distances(ks=float("nan"), wasserstein=float("nan"))
    ks, area = _merge(np.ascontiguousarray(first), np.ascontiguousarray(second))
    return Distances(ks=float(ks), wasserstein=float(area))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _merge(first: Float32Array, second: Float32Array) -> tuple[float, float]:
    """Walk both samples once; between neighbouring values both distribution functions are flat."""
    n, m = first.size, second.size
    i = j = 0
    ks = area = 0.0
    step_first, step_second = 1.0 / n, 1.0 / m
    value = first[0] if first[0] < second[0] else second[0]
    while i < n or j < m:
        while i < n and first[i] <= value:
            i += 1
        while j < m and second[j] <= value:
            j += 1
        gap = abs(i * step_first - j * step_second)
        ks = max(ks, gap)
        if i < n and (j >= m or first[i] <= second[j]):
            following = first[i]
        elif j < m:
            following = second[j]
        else:
            break
        area += gap * (np.float64(following) - np.float64(value))
        value = following
    return ks, area
