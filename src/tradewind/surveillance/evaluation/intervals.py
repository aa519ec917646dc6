"""Intervals of precision and recall: rows of one market are one witness."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.bootstrap import Interval
from tradewind.evaluation.significance import wilson_interval

__all__ = ["Interval", "cluster_interval", "wilson_interval"]

DRAWS = 2000


def cluster_interval(hits: FloatArray, of: FloatArray, *, level: float = 0.95, seed: int = 7) -> Interval:
    """Return the share of all ``hits`` in all ``of`` with its percentile interval over markets drawn with replacement.

    ``hits``, ``of`` : (markets,) counts. NaN where nothing is counted. Source: Efron and Tibshirani, An Introduction to
    the Bootstrap, 1993, chapter 13; resampling whole clusters: Davison and Hinkley 1997, section 3.8.
    """
    total = float(of.sum())
    if total == 0:
        return Interval(value=float("nan"), lower=float("nan"), upper=float("nan"))
    rng = np.random.default_rng(seed)
    n = len(of)
    weight = rng.multinomial(n, np.full(n, 1.0 / n), size=DRAWS).astype(np.float64)
    bottom = weight @ of
    share = (weight @ hits)[bottom > 0] / bottom[bottom > 0]
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(share, [tail, 1.0 - tail])
    return Interval(value=float(hits.sum()) / total, lower=float(low), upper=float(high))
