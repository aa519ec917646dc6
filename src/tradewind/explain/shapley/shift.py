"""The last step of a model that forecasts groups alike: what its shift adds is a part of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.core import Panel
from tradewind.explain.attribution import SHIFT, Attribution
from tradewind.explain.shapley.part import settled
from tradewind.training import TrainedModel
from tradewind.training.fairness import known_groups


def with_shift(attribution: Attribution, model: TrainedModel, panel: Panel) -> Attribution:
    """Return ``attribution`` of the forecasts after the model's shift of each row's group; as it is without one.

    The base stays. What the shift does to the base is the value of a further column, :data:`SHIFT`, whose input is the
    log odds added; the other values are multiplied by what it does to the rest, row by row.
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
    none = np.zeros((len(before), 1))
    added = model.shift.of(group).astype(np.float32)[:, None]
    return replace(
        attribution,
        names=(*attribution.names, SHIFT),
        inputs=np.concatenate([attribution.inputs, added], axis=1),
        probability=after,
        values=np.concatenate([values, (moved - base)[:, None]], axis=1),
        log_odds=np.concatenate([attribution.log_odds, none], axis=1),
        members={name: np.concatenate([part, none], axis=1) for name, part in attribution.members.items()},
    )
