"""Have features come to move together in another way?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray
from tradewind.monitoring.drift.corrections import holm


@dataclass(frozen=True, kw_only=True, eq=False)
class CorrelationChange:
    """Change of the correlations of p features.

    Attributes
    ----------
    change : (p, p) current less reference; NaN where a feature does not vary.
    largest, mean : over the pairs, of the absolute change. ``pair`` : columns of the largest.
    p_value : of the largest change by Fisher's z, Holm's correction over the pairs; rows taken as independent.
    """

    change: FloatArray
    largest: float
    mean: float
    pair: tuple[int, int]
    p_value: float


def correlation_change(
    reference: AnyArray, current: AnyArray, *, method: Literal["pearson", "spearman"] = "spearman"
) -> CorrelationChange:
    """Compare the correlations of two samples (n, p) and (m, p); rows with a value that is not finite are left out.

    Fisher's z of each pair has variance ``1 / (n - 3)``, for ranks 1.06 times that (Fieller et al., 1957).
    """
    from scipy.stats import norm  # takes a second to import

    before, n = _correlations(reference, method)
    after, m = _correlations(current, method)
    change: FloatArray = after - before
    upper = np.triu_indices(len(change), k=1)
    sizes = np.abs(change[upper])
    if not len(sizes) or np.isnan(sizes).all() or min(n, m) < 4:
        nan = float("nan")
        return CorrelationChange(change=change, largest=nan, mean=nan, pair=(0, 0), p_value=nan)
    factor = 1.06 if method == "spearman" else 1.0
    edge = 1 - 1e-12
    z = np.arctanh(np.clip(after[upper], -edge, edge)) - np.arctanh(np.clip(before[upper], -edge, edge))
    p = holm(2 * norm.sf(np.abs(z) / np.sqrt(factor / (n - 3) + factor / (m - 3))))
    worst = int(np.nanargmax(sizes))
    return CorrelationChange(
        change=change,
        largest=float(sizes[worst]),
        mean=float(np.nanmean(sizes)),
        pair=(int(upper[0][worst]), int(upper[1][worst])),
        p_value=float(p[worst]),
    )


def _correlations(sample: AnyArray, method: str) -> tuple[FloatArray, int]:
    from scipy.stats import rankdata  # takes a second to import

    values = np.asarray(sample, dtype=np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    if method == "spearman" and len(values):
        values = rankdata(values, axis=0)
    if len(values):
        values = values - values.mean(axis=0)
    return correlations_of(values.T @ values), len(values)


def correlations_of(moment: AnyArray) -> FloatArray:
    """Return the correlations of sums of products (..., p, p) of centred values; NaN where a feature does not vary."""
    variance = np.diagonal(moment, axis1=-2, axis2=-1).astype(np.float64)
    flat: BoolArray = variance <= 0
    size = np.sqrt(np.where(flat, np.nan, variance))
    result: FloatArray = moment / (size[..., :, None] * size[..., None, :])
    return np.clip(result, -1.0, 1.0)
