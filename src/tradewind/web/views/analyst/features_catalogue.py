"""The features there are, which of them the model uses, and how much it leans on each."""

from __future__ import annotations

from collections import Counter

import numpy as np

from tradewind.web.problems import Problem
from tradewind.web.projects import Project
from tradewind.web.views.analyst.features_shapes import (
    FeatureBrief,
    FeatureCatalogue,
    FeatureImportance,
    FeatureImportances,
)
from tradewind.web.views.analyst.market_track import track_files, track_of

SAMPLE = 256
SESSIONS = 60
"""Importance is measured on as many forecasts of as many of the latest sessions."""
_LOOK_BACK = 320
"""Sessions before these that are kept: the longest window of a feature is a year of bars."""


def inputs_of(project: Project) -> set[str]:
    """Return what features may read in ``project``: bars, and news and fear where they are there."""
    found = {"bars"}
    if project.optional("news.parquet"):
        found.add("news")
    if project.optional("fear.csv"):
        found.add("fear")
    return found


def catalogue_of(project: Project) -> FeatureCatalogue:
    """Return every feature of the registry as ``project`` has and uses it; a model or an evaluation may be absent."""
    from tradewind.explain.attribution import MISSING
    from tradewind.explain.rationale.words import describe
    from tradewind.features import REGISTRY

    have = inputs_of(project)
    columns: set[str] = set()
    trained = None
    if project.model_folder.exists():
        record = project.model().record
        columns, trained = set(record["features"]), str(record["trained_until"])[:10]
    folds = _folds(project)
    seen = Counter(name for fold in folds for name in set(fold["features"]))
    first, last = _forecast_span(project)
    return FeatureCatalogue(
        project=project.name,
        features=[
            FeatureBrief(
                name=one.name,
                group=one.group.value,
                words=describe(one.name)[0],
                source=one.source,
                window=one.window,
                reads="own bars" if one.own_bars else one.needs,
                there=one.needs in have,
                used=one.name in columns,
                flagged=f"{one.name}{MISSING}" in columns,
                folds=seen[one.name],
            )
            for one in REGISTRY
        ],
        folds=len(folds),
        trained_until=trained,
        first_forecast=first,
        last_forecast=last,
    )


def importances_of(project: Project) -> FeatureImportances:
    """Return what the model leaned on in a sample of its latest forecasts out of sample (seconds, the first time).

    Raises
    ------
    Problem : there is no model, no explainer or no forecast, or the model learned from every day that was forecast.
    """
    files = (project.model_folder, *track_files(project))
    return project.derived("importances", files, lambda: _measure(project))


def _measure(project: Project) -> FeatureImportances:
    from tradewind.explain.importance.shapley import shap_importance
    from tradewind.features import REGISTRY
    from tradewind.training import build_dataset, scorer_of

    explainer, track = project.explainer(), track_of(project)
    model, panel = explainer.model, track.panel
    learned = np.datetime64(str(model.record["trained_until"]), "us")
    made = np.unique(track.outcomes.time[track.outcomes.time > learned])[-SESSIONS:]
    if not len(made):
        raise Problem(
            404,
            "There is no forecast that the model did not learn from",
            f"It learned from labels until {str(learned)[:10]}.",
            fix="train the model with --train-end before the forecasts",
        )
    begin = panel.times[max(0, int(np.searchsorted(panel.times, made[0])) - _LOOK_BACK)]
    part = panel.select((panel.time >= begin) & (panel.time <= made[-1]))
    names = tuple(name for name in model.preprocessor.selector.names if name in REGISTRY.names())
    news = project.news()
    data = build_dataset(
        part, news, label=model.settings.label, names=names, scorer=scorer_of(model.settings.text) if news else None
    )
    asked = np.flatnonzero(np.isin(part.time, made))
    asked = asked[np.argsort(part.time[asked], kind="stable")]
    rows = np.sort(asked[np.unique(np.linspace(0, len(asked) - 1, min(SAMPLE, len(asked))).astype(np.int64))])
    found = shap_importance(explainer.explain(data, rows, news), part.time[rows])
    return FeatureImportances(
        project=project.name,
        rows=found.rows,
        days=found.days,
        first=str(made[0])[:10],
        last=str(made[-1])[:10],
        features=[
            FeatureImportance(
                feature=one.name,
                value=one.importance.value,
                lower=_known(one.importance.lower),
                upper=_known(one.importance.upper),
                share=one.share.value if np.isfinite(one.share.value) else 0.0,
            )
            for one in found.features
        ],
    )


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _folds(project: Project) -> list[dict[str, list[str]]]:
    path = project.evaluation_folder / "metrics.json"
    folds: list[dict[str, list[str]]] = project.metrics().get("context", {}).get("folds", []) if path.exists() else []
    return folds


def _forecast_span(project: Project) -> tuple[str | None, str | None]:
    try:
        time = track_of(project).outcomes.time
    except Problem as problem:
        if problem.shape.status != 404:
            raise
        return None, None
    return str(time[0])[:10], str(time[-1])[:10]
