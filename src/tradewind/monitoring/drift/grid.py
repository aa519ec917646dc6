"""The bins into which every value is put: quantiles of the reference, finer in the tails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.monitoring.drift.wasserstein import edge_widths

_TAIL = (0.001, 0.0025, 0.005, 0.01, 0.025)
LEVELS = np.array([*_TAIL, *np.arange(1, 20) / 20, *(1 - t for t in reversed(_TAIL))])
"""Levels of the reference's quantiles that are edges: every twentieth, and five more in each tail."""
BINS = len(LEVELS) + 1
DECILE: IntArray = np.searchsorted(np.arange(1, 10) / 10 + 1e-9, np.append(LEVELS, 1.0))
"""(BINS,) the decile of each bin."""
TIE = 1e-6
"""A deviation from the day's mean of at most this share of the feature's scale is rounding, and counts as none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Edges of p features.

    Attributes
    ----------
    edges : (p, BINS - 1) float32 of the values. ``within`` : the same of deviations from the day's mean of all symbols.
    score : (p, BINS) float32; normal score of a deviation's bin: 0 at its middle rank, so bounded whatever the tails.
    scale, scale_within : (p,) standard deviation in the reference, 1 where it is none.
    """

    edges: Float32Array
    within: Float32Array
    score: Float32Array
    scale: FloatArray
    scale_within: FloatArray

    @property
    def widths(self) -> FloatArray:
        """(p, BINS - 1) of values, for :func:`wasserstein_of_counts`."""
        return edge_widths(self.edges.astype(np.float64), self.scale)

    @property
    def widths_within(self) -> FloatArray:
        """(p, BINS - 1) of deviations."""
        return edge_widths(self.within.astype(np.float64), self.scale_within)


def edges_of(sample: Float32Array) -> Float32Array:
    """Return the edges of one feature from a sorted sample without NaN; NaN where it is empty."""
    if not len(sample):
        return np.full(BINS - 1, np.nan, dtype=np.float32)
    place = np.minimum((LEVELS * len(sample)).astype(np.int64), len(sample) - 1)
    edges: Float32Array = sample[place]
    return edges


def scores_of(sample: Float32Array, edges: Float32Array) -> Float32Array:
    """Return the normal scores (BINS,) of the bins of one feature: of van der Waerden, at the middle rank of a bin."""
    from scipy.stats import norm

    if not len(sample):
        return np.zeros(BINS, dtype=np.float32)
    below = np.concatenate([[0], np.searchsorted(sample, edges, side="left"), [len(sample)]]) / len(sample)
    middle = (below[1:] + below[:-1]) / 2
    scores: Float32Array = norm.ppf(np.clip(middle, 0.5 / len(sample), 1 - 0.5 / len(sample))).astype(np.float32)
    return scores


def scale_of(sample: Float32Array) -> float:
    """Return the standard deviation of a sample, 1 where it has none."""
    found = float(np.std(sample, dtype=np.float64)) if len(sample) else 0.0
    return found if found > 0 and np.isfinite(found) else 1.0
