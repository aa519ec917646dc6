"""The slope and intercept of calibration."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.models.calibration import to_logit


def calibration_line(probability: FloatArray, direction: FloatArray) -> tuple[float, float]:
    """Return (intercept, slope) of the logistic regression of ``direction`` (n,) on log-odds (n,) (Cox 1958).

    (0, 1) is perfect; a slope below 1 means forecasts that are too sure, 0 ones that know nothing. NaN where either
    side does not vary or the fit does not settle (the classes are apart).
    """
    x, y = np.asarray(to_logit(probability), dtype=np.float64), direction
    if len(y) < 3 or np.ptp(y) == 0 or np.ptp(x) < 1e-9:
        return float("nan"), float("nan")
    design, beta = np.stack([np.ones(len(x)), x], axis=1), np.array([0.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        curve = design.T @ (design * (p * (1 - p))[:, None])
        if np.linalg.cond(curve) > 1e12:
            break
        step = np.linalg.solve(curve, design.T @ (y - p))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            return float(beta[0]), float(beta[1])
    return float("nan"), float("nan")
