"""Can a classifier tell current rows from those of the reference?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.monitoring.drift.calibration import LEAST, gumbel_quantile
from tradewind.monitoring.drift.reference import DriftReference
from tradewind.monitoring.drift.tally import centred

FOLDS = 3
OTHERS = 4
"""Rows of the reference for each row of the window."""
WINDOWS = 10


@dataclass(frozen=True, kw_only=True)
class DomainDrift:
    """Area under the ROC curve of a classifier of current rows against the reference, out of fold.

    0.5: they cannot be told apart. ``usual`` : mean area of the reference's own windows. ``critical`` : area that they
    pass at the accepted rate of false alarms; NaN where there are too few of them, and then ``drift`` is None.
    """

    area: float
    usual: float
    critical: float
    drift: bool | None


def domain_drift(
    reference: DriftReference, current: AnyArray, day: AnyArray, *, window: int, rate: float
) -> DomainDrift:
    """Fit the classifier to the newest ``window`` days of ``current`` (m, p) and to the reference's own windows.

    It is given the values less the mean of their day, so that it cannot tell a window by what the market did then.
    Folds are blocks of whole days that follow each other: rows of one day, or of days that remember each other, would
    tell the day from its neighbour and not the market from what it was. ``rate`` : false alarms a year.
    """
    rows = max(20, int(len(reference.sample) * window / max(len(reference.days), 1)))
    recent = np.unique(day)[-window:]
    chosen = np.flatnonzero(np.isin(day, recent))
    chosen = _even(chosen, rows)
    seed = reference.settings.seed
    whole = _even(np.arange(len(reference.sample)), rows * OTHERS)
    area = _area(
        (reference.sample[whole], centred(current, day, chosen)),
        (reference.sample_day[whole], np.unique(day[chosen], return_inverse=True)[1]),
        seed,
    )
    if len(reference.days) < LEAST * window:
        return DomainDrift(area=area, usual=float("nan"), critical=float("nan"), drift=None)
    own = _own_areas(reference, window, rows)
    chance = -np.expm1(-rate * window / reference.settings.days_per_year)
    critical = min(gumbel_quantile(own, float(chance)), 0.999)
    return DomainDrift(area=area, usual=float(own.mean()), critical=critical, drift=area > critical)


def _own_areas(reference: DriftReference, window: int, rows: int) -> FloatArray:
    """Return the areas of at most :data:`WINDOWS` windows of the reference against the rest, a gap left out."""
    starts = np.linspace(0, len(reference.days) - window, min(WINDOWS, len(reference.days) // window)).astype(int)
    found = []
    for start in starts:
        days = reference.sample_day
        here = np.flatnonzero((days >= start) & (days < start + window))
        there = np.flatnonzero((days < start - window) | (days >= start + 2 * window))
        here, there = _even(here, rows), _even(there, rows * OTHERS)
        sample = reference.sample
        found.append(_area((sample[there], sample[here]), (days[there], days[here]), reference.settings.seed))
    return np.array(found)


def _even(rows: IntArray, most: int) -> IntArray:
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def _area(rows: tuple[AnyArray, AnyArray], days: tuple[AnyArray, AnyArray], seed: int) -> float:
    """Return the area of pooled forecasts of (reference, current) rows, each by a fit without its days."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    x = _inputs(np.concatenate(rows), rows[0])
    y = np.repeat([0, 1], [len(part) for part in rows])
    fold = np.concatenate([_blocks(part) for part in days])
    weight = np.where(y == 1, len(rows[0]) / max(len(rows[1]), 1), 1.0)
    out = np.full(len(y), 0.5)
    for k in range(FOLDS):
        train, test = fold != k, fold == k
        if len(np.unique(y[train])) < 2 or not test.any():
            continue
        model = LogisticRegression(C=0.1, max_iter=200, random_state=seed)
        model.fit(x[train], y[train], sample_weight=weight[train])
        out[test] = model.predict_proba(x[test])[:, 1]
    return float(roc_auc_score(y, out))


def _inputs(x: AnyArray, reference: AnyArray) -> FloatArray:
    """Return each value in the reference's standard deviations, its square, and whether it is missing.

    Squares let a straight line see a change of scale; both are cut at five deviations.
    """
    here = np.isfinite(reference)
    scale = np.sqrt((np.where(here, reference, 0.0) ** 2).sum(axis=0) / np.maximum(here.sum(axis=0), 1))
    seen = np.isfinite(x)
    z = np.clip(np.where(seen, x, 0.0) / np.where(scale > 0, scale, 1.0), -5, 5)
    inputs: FloatArray = np.concatenate([z, z**2 / 5, ~seen], axis=1).astype(np.float64)
    return inputs


def _blocks(day: AnyArray) -> IntArray:
    distinct, code = np.unique(day, return_inverse=True)
    return code.astype(np.int64) * FOLDS // max(len(distinct), 1)
