"""Soft conditions and order-book features that the rules on orders are made of; scalars, for compiled loops."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def ramp(value: float, low: float, high: float) -> float:
    """Return how far ``value`` has come from ``low`` (0) to ``high`` (1); a soft form of a threshold. 0 for NaN."""
    share = (value - low) / (high - low)
    if not share > 0.0:
        return 0.0
    return min(share, 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def log2_ratio(top: float, bottom: float) -> float:
    """Return log2 of ``top / bottom`` within [-10, 10]; 0 where either is not positive."""
    if top <= 0.0 or bottom <= 0.0:
        return 0.0
    return min(max(math.log2(top / bottom), -10.0), 10.0)


@njit(cache=True, nogil=True, error_model="numpy")
def imbalance(same: float, other: float) -> float:
    """Return the imbalance of depth, (same - other) / (same + other), in [-1, 1]; 0 for an empty book.

    The imbalance of queues predicts the next move of the price (Cartea, Donnelly and Jaimungal 2018, "Enhancing
    trading strategies with order book signals"), which is why pretended orders are placed to tilt it.
    """
    total = same + other
    return (same - other) / total if total > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def imbalance_shift(own: float, same: float, other: float) -> float:
    """Return how much of the imbalance is due to ``own`` shares of the ``same`` depth, in [0, 2]."""
    return imbalance(same, other) - imbalance(max(same - own, 0.0), other)


@njit(cache=True, nogil=True, error_model="numpy")
def depth_share(own: float, same: float) -> float:
    """Return the share that ``own`` shares are of the depth on their side, in [0, 1]."""
    return min(own / max(same, own, 1.0), 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def two_sidedness(bought: float, sold: float) -> float:
    """Return 1 where both sides have the same weight, 0 where there is only one: makers are near 1."""
    total = bought + sold
    return 2.0 * min(bought, sold) / total if total > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def blend(mean: float, value: float, count: float, horizon: float) -> float:
    """Return ``mean`` moved toward ``value``: a plain mean of the first ``horizon`` values, exponential after."""
    return mean + (value - mean) / min(max(count, 1.0), horizon)
