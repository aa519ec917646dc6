"""Every statistic of a window against the rest, from counts alone, for one window or hundreds at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.monitoring.drift.correlation import correlations_of
from tradewind.monitoring.drift.grid import BINS, DECILE, Grid
from tradewind.monitoring.drift.ks import ks_of_counts
from tradewind.monitoring.drift.psi import psi
from tradewind.monitoring.drift.tally import Tally
from tradewind.monitoring.drift.wasserstein import wasserstein_of_counts

Scores = Mapping[str, FloatArray]

FAMILIES: dict[str, tuple[str, ...]] = {
    "feature": ("ks", "psi", "wasserstein", "within_ks", "within_psi", "within_wasserstein"),
    "missing": ("missing",),
    "correlation": ("pair", "row"),
    "multivariate": ("reconstruction",),
    "sector": ("sector",),
}
"""Statistics that are judged together; each family has its share of the false alarms."""
FLOOR = {"missing": 0.005, "psi": 0.002, "within_psi": 0.002}
"""What is added before the logarithm: about the least change that matters. Others 0.01."""
MERGE: FloatArray = (np.arange(10) == DECILE[:, None]).astype(np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Lens:
    """What the statistics need beside counts: the grid, the components (p, k) of the PCA, rows a group must have."""

    grid: Grid
    components: FloatArray
    min_rows: int


def window_scores(window: Tally, rest: Tally, lens: Lens) -> Scores:
    """Return the statistics of windows against the rest of the reference, each along the windows' leading axes.

    ``ks``, ``psi``, ``wasserstein`` (of the reference's scale) : (..., p) of the values; ``within_...`` of deviations
    from the day's mean, which the market's own moves leave alone. ``missing`` : (..., p) change of the share.
    ``pair`` : (..., p (p - 1) / 2) and ``row`` : (..., p) change of the rank correlations, pair by pair and root mean
    square over a feature's pairs. ``reconstruction`` : (..., 1) relative change of the PCA's squared error.
    ``sector`` : (..., G, p) ``ks`` of a group's deviations. NaN where a side has no values.
    """
    grid = lens.grid
    found: dict[str, FloatArray] = {}
    for prefix, name, widths in (("", "raw", grid.widths), ("within_", "within", grid.widths_within)):
        here, there = getattr(window, name), getattr(rest, name)
        found[f"{prefix}ks"] = ks_of_counts(here, there)
        found[f"{prefix}psi"] = psi(deciles(there), deciles(here))
        found[f"{prefix}wasserstein"] = wasserstein_of_counts(here, there, np.nan_to_num(widths))
    found["missing"] = np.abs(_share(window.missing, window.rows) - _share(rest.missing, rest.rows))
    change = np.abs(correlations_of(window.moment) - correlations_of(rest.moment))
    p = change.shape[-1]
    upper = np.triu_indices(p, k=1)
    found["pair"] = change[..., upper[0], upper[1]]
    inner = np.where(np.eye(p, dtype=bool), 0.0, np.nan_to_num(change))
    found["row"] = np.sqrt((inner**2).sum(axis=-1) / max(p - 1, 1))
    before, after = (unexplained(one, lens.components) for one in (rest, window))
    found["reconstruction"] = np.abs(after - before)[..., None] / np.maximum(before, 1e-9)[..., None]
    enough = (window.group_rows >= lens.min_rows) & (rest.group_rows >= lens.min_rows)
    found["sector"] = np.where(enough[..., None], ks_of_counts(window.group, rest.group), np.nan)
    return found


def unexplained(one: Tally, components: FloatArray) -> FloatArray:
    """Return the mean squared error (...) of a row's normal scores rebuilt from the components."""
    whole = np.trace(one.moment, axis1=-2, axis2=-1)
    kept = np.einsum("pk,...pq,qk->...", components, one.moment, components, optimize=True)
    error: FloatArray = (whole - kept) / np.maximum(one.rows, 1)
    return np.maximum(error, 0.0)


def principal(total: Tally, explained: float) -> FloatArray:
    """Return the components (p, k) of the normal scores that hold ``explained`` of their variance."""
    values, vectors = np.linalg.eigh(np.asarray(total.moment, dtype=np.float64))
    share = np.cumsum(values[::-1]) / max(float(values.sum()), 1e-12)
    k = min(int(np.searchsorted(share, explained)) + 1, len(values))
    components: FloatArray = vectors[:, ::-1][:, :k]
    return components


def deciles(counts: IntArray) -> FloatArray:
    """Return counts (..., BINS) as counts (..., 10) of the reference's deciles."""
    if counts.shape[-1] != BINS:
        raise ValueError(f"counts have {counts.shape[-1]} bins, expected {BINS}")
    merged: FloatArray = counts @ MERGE
    return merged


def _share(part: AnyArray, rows: AnyArray) -> FloatArray:
    result: FloatArray = part / np.maximum(rows, 1)[..., None]
    return result
