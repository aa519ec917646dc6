"""What a number of tries does to a p value."""

from __future__ import annotations

import numpy as np


def effective_trials(trials: int, correlation: float = 0.0) -> float:
    """Return how many independent tries ``trials`` tries of mean ``correlation`` are worth: r + (1 - r) N.

    Bailey and Lopez de Prado (2014), "The deflated Sharpe ratio", appendix 3.
    """
    return correlation + (1.0 - correlation) * trials


def sidak(p_value: float, trials: float) -> float:
    """Return the chance that the smallest of ``trials`` independent p values is as small (Sidak 1967); NaN stays."""
    return float(-np.expm1(trials * np.log1p(-p_value))) if p_value < 1 else p_value
