"""Everything a rationale needs of some rows, from an explainer and the prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.core import Dataset, News
from tradewind.core.arrays import IntArray
from tradewind.explain.rationale.settings import RationaleSettings
from tradewind.explain.rationale.subject import Subject
from tradewind.explain.shapley.explainer import Explainer
from tradewind.models import Forecaster, LogisticForecaster
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.trees.table import TreeModel
from tradewind.training.model import ENSEMBLE

EXACT_TREES = "exact Shapley values of its trees"
EXACT_LINE = "exact Shapley values of its weighted sum"
GRADIENTS = "approximate: expected gradients along the way from background windows"
SAMPLED = "approximate: sampled orders of the columns"


def subject_of(
    explainer: Explainer,
    data: Dataset,
    rows: IntArray,
    news: News | None = None,
    *,
    track: Mapping[str, Any] | None = None,
    settings: RationaleSettings | None = None,
) -> Subject:
    """Return the subject of ``rows`` of ``data`` (raw features): forecasts, attribution, profile and reference rows.

    ``track`` : content of the `metrics.json` of an evaluation.
    """
    model = explainer.model
    prepared = model.prepare(data, news)
    members = model.ensemble.member_forecasts(prepared, rows)
    ensemble = model.shifted(data, model.ensemble.combine(prepared, members))
    parts = explainer.member_values(prepared, rows)
    nets = any(part.bars is not None for part in parts.values())
    over_time = explainer.over_time(prepared, rows) if nets else None
    return Subject(
        model=model,
        data=data,
        attribution=explainer.explain_prepared(prepared, rows),
        forecasts={ENSEMBLE: ensemble, **members},
        reference=explainer.background.values,
        methods={name: method_of(member) for name, member in model.ensemble.members.items()},
        missed={name: part.gap for name, part in parts.items()},
        track=track,
        profile=over_time.log_odds[:, ::-1] if over_time else None,
        attention={name: found[:, ::-1] for name, found in over_time.attention.items()} if over_time else {},
        settings=settings or RationaleSettings(),
    )


def method_of(member: Forecaster) -> str:
    """Return how the part of ``member`` is found, in words."""
    if isinstance(member, TreeModel):
        return EXACT_TREES
    if isinstance(member, LogisticForecaster):
        return EXACT_LINE
    return GRADIENTS if isinstance(member, NetForecaster) else SAMPLED
