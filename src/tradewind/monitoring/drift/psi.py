"""The population stability index."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray

HALF = 0.5
"""Rows added to every bin of both sides, so that an empty bin costs much but not infinitely much (Jeffreys' prior)."""


def psi(reference: AnyArray, current: AnyArray) -> FloatArray:
    """Return the PSI of two histograms over the same bins (Siddiqi, Credit Risk Scorecards, 2006).

    ``sum((c - r) * log(c / r))`` over the shares of each bin, half a row added to every bin. By custom 0.1 asks for
    attention and 0.2 for retraining; with few rows it is biased upwards by about ``(B - 1) (1 / n + 1 / m)``.

    Parameters
    ----------
    reference, current : (..., B) counts; the result is (...), NaN where either side is empty.
    """
    r, c = _smoothed(reference), _smoothed(current)
    result: FloatArray = ((c - r) * (np.log(c) - np.log(r))).sum(axis=-1)
    return result


def _smoothed(counts: AnyArray) -> FloatArray:
    total = counts.sum(axis=-1, keepdims=True, dtype=np.float64)
    result: FloatArray = (counts + HALF) / np.where(total > 0, total + HALF * counts.shape[-1], np.nan)
    return result
