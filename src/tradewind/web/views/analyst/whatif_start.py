"""What can be moved of a forecast: the features its model reads, with the range that training saw."""

from __future__ import annotations

import numpy as np

from tradewind.core import Dataset
from tradewind.web.views.analyst.whatif_run import member_votes, reach_of
from tradewind.web.views.analyst.whatif_shapes import WhatIfFeature, WhatIfForm, WhatIfStart
from tradewind.web.views.analyst.why_desk import Asked, Desk


def start_of(desk: Desk, asked: Asked, project: str) -> WhatIfStart:
    """Return the forecast of a bar as it is, and its features, those that gave most first."""
    from tradewind.explain.attribution import group_of
    from tradewind.explain.rationale.words import describe

    replay, found = desk.replay(asked), desk.explanation(asked)
    data: Dataset = desk.data
    gives = {row["name"]: row["value"] for row in found.evidence["attribution"]["features"]}
    features = []
    for place, name in enumerate(replay.names):
        words, form = describe(name)
        value = float(replay.features[place])
        low, high = reach_of(desk, replay, name)
        features.append(
            WhatIfFeature(
                name=name,
                words=words,
                group=group_of(name),
                form=_form(form),
                value=value if np.isfinite(value) else None,
                gives=gives.get(name, 0.0),
                low=low,
                high=high,
                marks=desk.marks(name),
            )
        )
    features.sort(key=lambda one: -abs(one.gives))
    return WhatIfStart(
        project=project,
        symbol=asked.symbol,
        date=asked.day,
        trained_until=str(desk.learned_until)[:10],
        probability=replay.probability,
        has_fear=data.panel.fear is not None,
        members=member_votes(desk.model, replay.forecasts(replay.features[None]), both=False),
        features=features,
    )


def _form(name: str) -> WhatIfForm:
    from tradewind.explain.rationale.forms import FORMS

    form = FORMS[name]
    return WhatIfForm(scale=form.scale, digits=form.digits, signed=form.signed, suffix=form.suffix)
