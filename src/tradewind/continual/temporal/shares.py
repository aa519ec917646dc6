"""How much each expert is trusted: exponential weights that may move to another expert at any day.

Source: Herbster and Warmuth, "Tracking the best expert", Machine Learning 32 (1998), the fixed-share update; mixtures
of probabilities under log loss as in Vovk (1990), so that the bound of :func:`tracking_bound` holds for every sequence.
"""

from __future__ import annotations

import math

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray, IntArray


def equal_shares(count: int) -> FloatArray:
    """(count,) equal shares; UsageError where there is nobody to share among."""
    if count < 1:
        raise UsageError("there is no expert to trust", field="experts", fix="give at least one")
    return np.full(count, 1.0 / count)


def fixed_share(shares: FloatArray, losses: FloatArray, *, rate: float, switch: float) -> FloatArray:
    """Return the shares of tomorrow, given today's shares and losses.

    Parameters
    ----------
    shares : (n,) positive, of sum 1.
    losses : (n,) today's loss of each expert, in nats; NaN where an expert said nothing: it keeps its share.
    rate : weight of a nat of loss; 1 for log loss keeps the bound.
    switch : probability in [0, 1] that another expert is best from tomorrow on.

    Returns
    -------
    (n,) shares of sum 1; with ``switch`` above 0 and two experts or more, none is below ``switch / n`` of it for long:
    each gets back at least ``switch / (n - 1)`` of what the others hold.
    """
    told = np.isfinite(losses)
    if not told.any():
        evidence = shares.copy()
    else:
        least = float(losses[told].min())
        gain = np.exp(-rate * (np.where(told, losses, least) - least))
        spoken = shares[told].sum()
        evidence = shares * gain
        evidence[told] *= spoken / max(evidence[told].sum(), 1e-300)
    if len(shares) == 1:
        return np.ones(1)
    pool = switch * evidence
    moved = evidence - pool + (pool.sum() - pool) / (len(shares) - 1)
    shares_then: FloatArray = moved / moved.sum()
    return shares_then


def enter(shares: FloatArray, share: float) -> FloatArray:
    """Return shares with a newcomer of ``share`` at the end; the others give it up in proportion."""
    return np.concatenate([shares * (1.0 - share), [share]])


def leave(shares: FloatArray, kept: IntArray) -> FloatArray:
    """Return the shares of the experts ``kept`` (positions); what the others held goes to them in proportion."""
    rest = shares[kept]
    total = rest.sum()
    return rest / total if total > 0.0 else equal_shares(len(kept))


def mix(shares: FloatArray, probabilities: FloatArray) -> FloatArray:
    """(m,) mean of ``probabilities`` (n, m) under ``shares``: (n,), or (n, m) for shares of each row."""
    weights = shares[:, None] if shares.ndim == 1 else shares
    mixed: FloatArray = (weights * probabilities).sum(axis=0) / weights.sum(axis=0)
    return mixed


def log_loss(probability: FloatArray, rose: FloatArray) -> FloatArray:
    """Log loss in nats of ``probability`` against ``rose`` (0 or 1), elementwise; NaN where the outcome is unknown."""
    safe = np.clip(probability, 1e-9, 1.0 - 1e-9)
    return -(rose * np.log(safe) + (1.0 - rose) * np.log1p(-safe))


def tracking_bound(experts: int, days: int, changes: int, switch: float) -> float:
    """Most nats that the mixture can lose beyond the best sequence of experts with ``changes`` changes in ``days``.

    ``ln n + (T - 1 - k) ln 1/(1 - a) + k ln (n - 1)/a``; Herbster and Warmuth 1998, for log loss and ``rate`` 1.
    """
    if experts == 1:
        return 0.0
    stays = (days - 1 - changes) * -math.log1p(-switch)
    return math.log(experts) + stays + changes * math.log((experts - 1) / switch)
