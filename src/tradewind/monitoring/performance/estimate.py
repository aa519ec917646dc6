"""How good forecasts will turn out to be, before anything is known of what they forecast.

A calibrated forecast of p is right with probability ``max(p, 1 - p)``. The mean of that is the expected accuracy
(confidence-based performance estimation, CBPE; Kivimäki, Białek, Nurminen and Kuberski 2023, and NannyML). The variant
by importance weights the reference's own hits by how much likelier the features of each row are now (Shimodaira 2000;
the ratio by a classifier: Bickel, Brückner and Scheffer 2009).

Both assume that a row's chance of a rise given what the model sees is as at approval: they see that rows became
harder (covariate shift), and are blind where the same rows come to mean something else (concept drift). No estimate
from features and forecasts alone can do better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import InputError, Outcomes
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.evaluation.days import day_codes, day_sums, judged

ASSUMPTION = "a row's chance of a rise given what the model sees is as at approval (no concept drift)"
LARGEST_WEIGHT = 20.0
"""Weights are cut here: a few rows of the reference must not speak for all of today's."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Expected figures of n forecasts; NaN of none.

    Attributes
    ----------
    accuracy : expected share of right directions; ``lower``, ``upper`` : interval in which the share realised will lie.
    brier, log_loss : expected scores; NaN where only accuracy is estimated.
    n : forecasts. ``effective`` : rows that the estimate rests on (Kish 1965): n for CBPE.
    """

    accuracy: float
    lower: float
    upper: float
    brier: float
    log_loss: float
    n: int
    effective: float


def expected_performance(probability: FloatArray, *, design: float = 1.0, level: float = 0.95) -> Estimate:
    """Estimate the performance of calibrated forecasts (n,); NaN is left out.

    Parameters
    ----------
    design : variance of the realised accuracy over that of independent rows, at least 1 (:func:`design_effect`).
    level : of the interval, by the normal approximation of a sum of independent trials with these chances.
    """
    from scipy import stats  # takes a second to import

    p = probability[np.isfinite(probability)]
    n = len(p)
    if not n:
        return Estimate(
            **dict.fromkeys(("accuracy", "lower", "upper", "brier", "log_loss"), float("nan")), n=0, effective=0.0
        )
    sure = np.maximum(p, 1 - p)
    accuracy = float(sure.mean())
    half = float(stats.norm.ppf((1 + level) / 2) * np.sqrt(design * (sure * (1 - sure)).sum()) / n)
    inner = np.clip(p, 1e-12, 1 - 1e-12)
    return Estimate(
        accuracy=accuracy,
        lower=max(accuracy - half, 0.0),
        upper=min(accuracy + half, 1.0),
        brier=float((p * (1 - p)).mean()),
        log_loss=float(-(inner * np.log(inner) + (1 - inner) * np.log1p(-inner)).mean()),
        n=n,
        effective=float(n),
    )


def design_effect(outcomes: Outcomes) -> float:
    """Return how many times the daily accuracy strays more (variance) than if rows of a day were independent; >= 1."""
    rows = outcomes.select(judged(outcomes))
    code, days = day_codes(rows.time)
    right = (rows.predicted_direction == rows.direction).astype(np.float64)
    gap = day_sums(right - right.mean(), code, len(days)) if len(days) else np.empty(0)
    plain = float(right.mean() * (1 - right.mean()) * len(rows)) if len(rows) else 0.0
    return max(float((gap**2).sum()) / plain, 1.0) if plain > 0 else 1.0


def density_ratio(reference: AnyArray, current: AnyArray) -> FloatArray:
    """(n,) how many times likelier each row of ``reference`` (n, p) is among ``current`` (m, p); mean 1.

    A logistic regression on the features, their squares and where they are missing tells both apart; its odds are the
    ratio. Features are scaled by the reference's median and quartiles and cut at 5 of them.
    """
    from sklearn.linear_model import LogisticRegression  # brings pandas

    if len(reference) < 20 or len(current) < 20:
        raise InputError(
            f"a density ratio needs 20 rows on each side, not {len(reference)} and {len(current)}",
            field="features",
            fix="give more days",
        )
    both = np.concatenate([reference, current]).astype(np.float64)
    known = np.isfinite(both)
    base = np.where(np.isfinite(reference), reference, np.nan).astype(np.float64)
    kept = np.isfinite(base).any(axis=0)
    low, middle, high = np.nanquantile(base[:, kept], [0.25, 0.5, 0.75], axis=0)
    scale = np.where(high > low, high - low, 1.0)
    scaled = np.clip(np.where(known[:, kept], (both[:, kept] - middle) / scale, 0.0), -5, 5)
    design = np.hstack([scaled, scaled**2, ~known])
    now = np.r_[np.zeros(len(reference)), np.ones(len(current))]
    odds = LogisticRegression(C=1.0, max_iter=500).fit(design, now).decision_function(design[: len(reference)])
    ratio = np.exp(np.clip(odds, -30, 30)) * len(reference) / len(current)
    ratio = np.minimum(ratio, LARGEST_WEIGHT)
    weights: FloatArray = ratio / ratio.mean()
    return weights


def weighted_accuracy(
    right: FloatArray, reference: AnyArray, current: AnyArray, *, design: float = 1.0, level: float = 0.95
) -> Estimate:
    """Estimate accuracy now from the reference's own hits, weighted by the density ratio of the features.

    Parameters
    ----------
    right : (n,) 1 where the reference's forecast was right, 0 where not, finite.
    reference, current : (n, p) and (m, p) features; the forecasts need not be calibrated.
    design : as for :func:`expected_performance`.
    """
    from scipy import stats  # takes a second to import

    weights = density_ratio(reference, current)
    accuracy = float(np.average(right, weights=weights))
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    error = np.sqrt(design * (weights**2 * (right - accuracy) ** 2).sum()) / weights.sum()
    realised = np.sqrt(design * accuracy * (1 - accuracy) / len(current))
    half = float(stats.norm.ppf((1 + level) / 2) * np.hypot(error, realised))
    return Estimate(
        accuracy=accuracy,
        lower=max(accuracy - half, 0.0),
        upper=min(accuracy + half, 1.0),
        brier=float("nan"),
        log_loss=float("nan"),
        n=len(current),
        effective=effective,
    )
