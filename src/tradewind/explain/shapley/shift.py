"""The last step of a model that forecasts groups alike: what its shift adds is a part of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.core import Panel
from tradewind.explain.attribution import Attribution
from tradewind.explain.shapley.part import settled
from tradewind.training import TrainedModel
from tradewind.training.fairness import known_groups


def with_shift(attribution: Attribution, model: TrainedModel, panel: Panel) -> Attribution:
    """Return ``attribution`` of the forecasts after the model's shift of each row's group; as it is without one.

    The base stays. What the shift does to the base is the part ``shift``; the values are multiplied by what it does to
    the rest, row by row. Log odds are before the last calibration, and the shift comes after it: they stay.
    """
    if model.shift is None:
        return attribution
    group = known_groups(panel, model.settings.fairness.by)[attribution.rows]
    base, before = attribution.base, attribution.probability
    after = model.shift.apply(before, group)
    moved = model.shift.apply(np.full(len(before), base), group)
    away = before - base
    some = np.abs(away) > 1e-9
    factor = np.where(some, (after - moved) / np.where(some, away, 1.0), 1.0)
    values = settled(attribution.values * factor[:, None], after - moved)
    return replace(attribution, probability=after, values=values, shift=moved - base)
