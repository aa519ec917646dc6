"""How far a Sharpe ratio can be believed, given its sample and the number of tries behind it."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray

EULER_GAMMA = 0.5772156649015329


def _moments(returns: FloatArray) -> tuple[float, float, float]:
    """Return (Sharpe per period, skewness, kurtosis with 3 for the normal); NaN where returns do not vary."""
    spread = float(returns.std(ddof=1)) if len(returns) > 2 else 0.0
    if spread <= 1e-15:
        return float("nan"), float("nan"), float("nan")
    rest = returns - returns.mean()
    scale = float(np.sqrt((rest**2).mean()))
    return float(returns.mean()) / spread, float((rest**3).mean()) / scale**3, float((rest**4).mean()) / scale**4


def probabilistic_sharpe(returns: FloatArray, *, benchmark: float = 0.0) -> float:
    """Probability that the true Sharpe ratio exceeds ``benchmark`` (Bailey and Lopez de Prado 2012).

    Parameters
    ----------
    returns : (n,) returns per period, finite.
    benchmark : Sharpe ratio per period (not annualised).
    """
    from scipy import stats  # takes a second to import

    sharpe, skew, kurtosis = _moments(returns)
    variance = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if not variance > 0:
        return float("nan")
    return float(stats.norm.cdf((sharpe - benchmark) * np.sqrt((len(returns) - 1) / variance)))


def expected_best_sharpe(n_trials: float, variance: float) -> float:
    """Return the Sharpe ratio per period, 0 or more, that the best of ``n_trials`` worthless tries should show."""
    from scipy import stats  # takes a second to import

    if n_trials <= 1:
        return 0.0
    first, second = stats.norm.ppf(1 - 1 / n_trials), stats.norm.ppf(1 - 1 / (n_trials * np.e))
    return max(float(np.sqrt(variance) * ((1 - EULER_GAMMA) * first + EULER_GAMMA * second)), 0.0)


def deflated_sharpe(returns: FloatArray, *, n_trials: int, variance: float | None = None) -> float:
    """Probability that the true Sharpe ratio is above what the best of ``n_trials`` tries shows by luck.

    Bailey and Lopez de Prado (2014), "The deflated Sharpe ratio".

    Parameters
    ----------
    returns : (n,) returns per period, finite.
    n_trials : strategies tried before this one was chosen, itself included; 1 gives the probabilistic Sharpe ratio.
    variance : variance of the tries' Sharpe ratios per period; None for that of a worthless strategy, 1 / (n - 1).
    """
    if len(returns) < 3:
        return float("nan")
    spread = 1 / (len(returns) - 1) if variance is None else variance
    return probabilistic_sharpe(returns, benchmark=expected_best_sharpe(n_trials, spread))
