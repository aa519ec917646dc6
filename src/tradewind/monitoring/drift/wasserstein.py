"""The Wasserstein-1 distance of histograms, in units of the reference's scale."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.monitoring.drift.ks import shares


def wasserstein_of_counts(first: AnyArray, second: AnyArray, widths: FloatArray) -> FloatArray:
    """Return the area between two distribution functions known at the bins' edges.

    Parameters
    ----------
    first, second : (..., p, B) counts over the same bins.
    widths : (p, B - 1) length of the axis that each edge stands for, in units of the reference's scale; what lies
        beyond the outermost edges does not count, which bounds the distance.
    """
    gap = np.abs(np.cumsum(shares(first) - shares(second), axis=-1)[..., :-1])
    area: FloatArray = (gap * widths).sum(axis=-1)
    return area


def edge_widths(edges: FloatArray, scale: FloatArray) -> FloatArray:
    """Return what :func:`wasserstein_of_counts` wants of ``edges`` (p, B - 1) and ``scale`` (p,): half of each side."""
    gaps = np.diff(edges, axis=-1)
    none = np.zeros((*edges.shape[:-1], 1))
    widths: FloatArray = (np.concatenate([none, gaps], -1) + np.concatenate([gaps, none], -1)) / 2
    return widths / scale[..., None]
