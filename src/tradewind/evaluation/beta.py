"""How a portfolio moves with the market, and whether that holds still."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from tradewind.core.arrays import FloatArray


@dataclass(frozen=True, kw_only=True)
class BetaStability:
    """Beta over the whole span and the spread of rolling ones over ``window`` days; NaN where there are too few days.

    ``first_half`` and ``second_half`` are betas of the two halves of the span.
    """

    whole: float
    window: int
    rolling_mean: float
    rolling_std: float
    lowest: float
    highest: float
    first_half: float
    second_half: float

    def to_dict(self) -> dict[str, float]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def beta(returns: FloatArray, market: FloatArray) -> float:
    """Covariance with the market over the market's variance; NaN where the market does not vary."""
    if len(market) < 3 or float(market.var()) < 1e-16:
        return float("nan")
    return float(np.cov(returns, market)[0, 1] / market.var(ddof=1))


def rolling_beta(returns: FloatArray, market: FloatArray, window: int) -> FloatArray:
    """(n,) beta over the ``window`` days ended by each row, NaN before."""
    out = np.full(len(returns), np.nan)
    if len(returns) < window:
        return out

    def window_mean(v: FloatArray) -> FloatArray:
        total = np.concatenate([[0.0], np.cumsum(v)])
        return np.asarray((total[window:] - total[:-window]) / window, dtype=np.float64)

    covariance = window_mean(returns * market) - window_mean(returns) * window_mean(market)
    variance = window_mean(market**2) - window_mean(market) ** 2
    out[window - 1 :] = np.where(variance > 1e-14, covariance / np.where(variance > 1e-14, variance, 1.0), np.nan)
    return out


def beta_stability(returns: FloatArray, market: FloatArray, window: int = 63) -> BetaStability:
    """Measure how the beta of ``returns`` (n,) to ``market`` (n,) moves over time."""
    path = rolling_beta(returns, market, window)
    path = path[np.isfinite(path)]
    nan, half = float("nan"), len(returns) // 2
    return BetaStability(
        whole=beta(returns, market),
        window=window,
        rolling_mean=float(path.mean()) if len(path) else nan,
        rolling_std=float(path.std(ddof=1)) if len(path) > 1 else nan,
        lowest=float(path.min()) if len(path) else nan,
        highest=float(path.max()) if len(path) else nan,
        first_half=beta(returns[:half], market[:half]),
        second_half=beta(returns[half:], market[half:]),
    )
