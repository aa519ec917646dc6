"""What is kept of a day: how many values fell into each bin, and how the features moved together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array, IntArray, TimeArray
from tradewind.monitoring.drift.grid import BINS, DECILE, TIE, Grid


@dataclass(frozen=True, kw_only=True, eq=False)
class Tally:
    """Counts of one day or window, or of many along the leading axes (written ``...``).

    Attributes
    ----------
    rows : (...) rows. ``raw``, ``within`` : (..., p, BINS) finite values by bin.
    missing : (..., p) values that are not finite; in a reference, from the first day on which the feature has one.
    group : (..., G, p, 10) deviations from the day's mean by decile. ``group_rows`` : (..., G).
    moment : (..., p, p) sums of products of the normal scores of deviations.
    """

    rows: AnyArray
    missing: AnyArray
    raw: AnyArray
    within: AnyArray
    group: AnyArray
    group_rows: AnyArray
    moment: AnyArray

    def __add__(self, other: Tally) -> Tally:
        """Return the counts of both together."""
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in FIELDS})

    def __sub__(self, other: Tally) -> Tally:
        """Return the counts without those of ``other``."""
        return Tally(**{name: getattr(self, name) - getattr(other, name) for name in FIELDS})

    def at(self, index: AnyArray | int | slice) -> Tally:
        """Return the entries ``index`` of the first axis."""
        return Tally(**{name: getattr(self, name)[index] for name in FIELDS})

    def total(self) -> Tally:
        """Return the sum over the first axis."""
        kinds = {name: np.float64 if name == "moment" else np.int64 for name in FIELDS}
        return Tally(**{name: getattr(self, name).sum(axis=0, dtype=kinds[name]) for name in FIELDS})


FIELDS = ("rows", "missing", "raw", "within", "group", "group_rows", "moment")


@dataclass(frozen=True, kw_only=True, eq=False)
class Days:
    """The tally of every day, in the order of time: ``day`` (D,) ``datetime64[us]``."""

    day: TimeArray
    tally: Tally

    def __len__(self) -> int:
        """Return the number of days."""
        return len(self.day)


def tally_day(grid: Grid, features: Float32Array, group: Int32Array, groups: int) -> Tally:
    """Return the tally of one day: ``features`` (m, p), ``group`` (m,) code, -1 where a row has none."""
    p = features.shape[1]
    raw, within = np.zeros((p, BINS), np.int32), np.zeros((p, BINS), np.int32)
    by_group = np.zeros((groups, p, 10), np.int32)
    scores: Float32Array = np.zeros((len(features), p), np.float32)
    counts = (raw, within, by_group)
    _count(np.ascontiguousarray(features, dtype=np.float32), group, _parts(grid), counts, scores)
    return Tally(
        rows=np.asarray(len(features)),
        missing=len(features) - raw.sum(axis=1),
        raw=raw,
        within=within,
        group=by_group,
        group_rows=np.bincount(group[group >= 0], minlength=groups).astype(np.int32),
        moment=scores.T @ scores,
    )


def tally_days(
    grid: Grid, features: Float32Array, day: TimeArray, group: Int32Array, groups: int, *, threads: int = 1
) -> Days:
    """Return the tally of every day of ``features`` (n, p); rows may come in any order."""
    days, code = np.unique(day, return_inverse=True)
    order = np.argsort(code, kind="stable")
    if np.array_equal(order, np.arange(len(order))):
        order = np.arange(0)  # sorted already: the days are views
    bounds = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=len(days)))])

    def one(i: int) -> Tally:
        rows = order[bounds[i] : bounds[i + 1]] if len(order) else slice(bounds[i], bounds[i + 1])
        return tally_day(grid, features[rows], group[rows], groups)

    with ThreadPoolExecutor(threads) as pool:
        tallies = list(pool.map(one, range(len(days))))
    return Days(day=days.astype("datetime64[us]"), tally=stack(tallies))


def stack(tallies: list[Tally]) -> Tally:
    """Return tallies as one with a leading axis."""
    return Tally(**{name: np.stack([np.asarray(getattr(one, name)) for one in tallies]) for name in FIELDS})


def centred(x: Float32Array, day: TimeArray, rows: IntArray) -> Float32Array:
    """Return the ``rows`` of ``x`` (n, p) less the mean of all rows of their day; what is not finite stays."""
    days, code = np.unique(day, return_inverse=True)
    means = _means(x, code.astype(np.int64), len(days))
    gaps: Float32Array = (x[rows] - means[code[rows]]).astype(np.float32)
    return gaps


def _parts(grid: Grid) -> tuple[AnyArray, ...]:
    return _padded(grid.edges), _padded(grid.within), grid.score, grid.scale.astype(np.float32), DECILE


def _padded(edges: Float32Array) -> Float32Array:
    return np.pad(edges, ((0, 0), (0, 31 - edges.shape[1])), constant_values=np.inf)


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def _bin(edges: Float32Array, value: float) -> int:
    """Return how many of the sorted ``edges`` are not above ``value``, in single precision as the edges are.

    ``edges`` : 31, what is not needed infinite. Five steps without a branch, which a processor cannot foresee.
    """
    single = np.float32(value)
    place = 0
    place += 16 if edges[place + 15] <= single else 0
    place += 8 if edges[place + 7] <= single else 0
    place += 4 if edges[place + 3] <= single else 0
    place += 2 if edges[place + 1] <= single else 0
    place += 1 if edges[place] <= single else 0
    return place


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def day_means(x: Float32Array) -> FloatArray:
    """Return the mean (p,) of the finite values of each column, NaN where there is none."""
    m, p = x.shape
    mean, count = np.zeros(p), np.zeros(p)
    for r in range(m):
        for j in range(p):
            if np.isfinite(x[r, j]):
                mean[j] += x[r, j]
                count[j] += 1
    for j in range(p):
        mean[j] = mean[j] / count[j] if count[j] > 0 else np.nan
    return mean


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _means(x: Float32Array, code: IntArray, days: int) -> FloatArray:
    """Return the means (days, p) of the finite values of each day, 0 where there is none."""
    p = x.shape[1]
    mean, count = np.zeros((days, p)), np.zeros((days, p))
    for r in range(len(x)):
        for j in range(p):
            if np.isfinite(x[r, j]):
                mean[code[r], j] += x[r, j]
                count[code[r], j] += 1
    return mean / np.maximum(count, 1)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _count(
    x: Float32Array,
    group: Int32Array,
    grid: tuple[AnyArray, ...],
    counts: tuple[Int32Array, Int32Array, Int32Array],
    out: Float32Array,
) -> None:
    edges, edges_within, score, scale, decile = grid
    raw, within, by_group = counts
    mean = day_means(x)
    m, p = x.shape
    for r in range(m):
        g = group[r]
        for j in range(p):
            value = x[r, j]
            if not np.isfinite(value):
                continue
            raw[j, _bin(edges[j], value)] += 1
            gap = value - mean[j]
            if abs(gap) <= TIE * scale[j]:
                gap = 0.0
            place = _bin(edges_within[j], gap)
            within[j, place] += 1
            out[r, j] = score[j, place]
            if g >= 0:
                by_group[g, j, decile[place]] += 1
