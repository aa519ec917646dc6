"""Which features moved, weighted by how much of the forecast rests on them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tradewind.monitoring.diagnosis.case import Case
from tradewind.monitoring.diagnosis.causes import FeatureShift

LEAST_VALUES = 30


def feature_shifts(case: Case, importances: Mapping[str, float]) -> tuple[FeatureShift, ...]:
    """Return all features by the share their move has in the whole, largest first.

    The move is that of the mean, in standard deviations of the reference; a feature with too few values, or none that
    differ, has moved by NaN and has no share. It tells where inputs changed, not that they harmed.
    """
    frame = case.frame
    names = frame.names
    values = frame.features.astype(np.float64)
    moves = np.full(len(names), np.nan)
    for k in range(len(names)):
        before, now = (values[part, :, k] for part in (frame.usual, frame.period))
        before, now = before[np.isfinite(before)], now[np.isfinite(now)]
        if min(len(before), len(now)) >= LEAST_VALUES and before.std() > 0.0:
            moves[k] = (now.mean() - before.mean()) / before.std()
    even = 1.0 / max(len(names), 1)
    weight = np.array([importances.get(name, 0.0) if importances else even for name in names])
    share = np.abs(np.nan_to_num(moves)) * weight
    total = max(float(share.sum()), 1e-12)
    order = np.argsort(-share, kind="stable")
    return tuple(
        FeatureShift(
            feature=names[k],
            shift=float(moves[k]),
            importance=float(weight[k]),
            contribution=float(share[k] / total),
        )
        for k in order.tolist()
    )
