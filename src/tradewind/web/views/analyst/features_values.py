"""Values of one feature: for a symbol along its bars, and for all symbols in training against later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import BoolArray, Float32Array
from tradewind.web.problems import Problem, absent
from tradewind.web.projects import Project
from tradewind.web.views.analyst.features_catalogue import SESSIONS, inputs_of
from tradewind.web.views.analyst.features_shapes import (
    FeatureDistribution,
    FeatureDriftShape,
    FeatureSpan,
    FeatureValues,
)
from tradewind.web.views.analyst.market_track import is_daily, plain, rows_of, times_of, track_files, track_of

if TYPE_CHECKING:
    from tradewind.monitoring.drift import FeatureDrift

BINS = 30
_ALL = {"bars": "prices.parquet", "news": "news.parquet", "fear": "fear.csv"}


def values_of(project: Project, feature: str, symbol: str) -> FeatureValues:
    """Return the values of ``feature`` along the bars of ``symbol``.

    Raises
    ------
    Problem : there is no such feature or symbol, or the project lacks what the feature reads.
    """
    panel = project.panel()
    rows = rows_of(panel, symbol)
    return FeatureValues(
        feature=feature,
        symbol=symbol,
        time=times_of(panel.time[rows], daily=is_daily(panel)),
        values=plain(_column(project, panel, feature)[rows].astype(np.float64), 5),
    )


def distribution_of(project: Project, feature: str) -> FeatureDistribution:
    """Return ``feature`` in training, in all forecasts out of sample and in the latest sessions.

    Raises
    ------
    Problem : as :func:`values_of`, or there are no forecasts.
    """
    track = track_of(project)
    column = _column(project, track.panel, feature)
    return project.derived(
        f"distribution of {feature}",
        track_files(project),
        lambda: _distribution(feature, column, track.panel, track.at >= 0),
    )


def _column(project: Project, panel: Panel, feature: str) -> Float32Array:
    """(n,) values of ``feature`` at every bar, kept."""
    from tradewind.features import REGISTRY, compute_features

    if feature not in REGISTRY.names():
        raise Problem(404, "There is no such feature", f"{feature!r} is not registered.", fix="choose one of the list")
    needs = REGISTRY.get(feature).needs
    if needs not in inputs_of(project):
        raise absent(f"{needs} in this project", f"{feature} reads {needs}.", f"add {_ALL[needs]} to the project")
    news = project.news()
    files = tuple(project.folder / name for name in _ALL.values())
    return project.derived(
        f"feature {feature}", files, lambda: compute_features(panel, news, names=[feature]).values[:, 0].copy()
    )


def _distribution(feature: str, column: Float32Array, panel: Panel, forecast: BoolArray) -> FeatureDistribution:
    first = panel.time[forecast].min()
    latest = np.unique(panel.time[forecast])[-SESSIONS:]
    spans = {
        "training": panel.time < first,
        "forecasts": forecast,
        "latest": forecast & (panel.time >= latest[0]),
    }
    known = column[spans["training"]]
    known = known[np.isfinite(known)]
    edges = _edges(known if len(known) else column[np.isfinite(column)])
    return FeatureDistribution(
        feature=feature,
        edges=edges.tolist(),
        spans=[_span(name, column[rows], panel.time[rows], edges) for name, rows in spans.items() if rows.any()],
        drift=_drift(feature, column, panel, spans) if len(known) else [],
    )


def _edges(values: Float32Array) -> Float32Array:
    """(BINS + 1,) equal steps over the middle 99 % of ``values``."""
    if not len(values):
        return np.linspace(0.0, 1.0, BINS + 1, dtype=np.float32)
    low, high = np.quantile(values, [0.005, 0.995])
    if high <= low:
        low, high = low - 0.5, high + 0.5
    steps: Float32Array = np.linspace(low, high, BINS + 1).astype(np.float32)
    return steps


def _span(name: str, values: Float32Array, time: np.ndarray, edges: Float32Array) -> FeatureSpan:
    known = values[np.isfinite(values)]
    place = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, BINS - 1)
    count = np.bincount(place, minlength=BINS)
    there = len(known) > 0
    return FeatureSpan(
        name=name,
        first=str(time.min())[:10],
        last=str(time.max())[:10],
        rows=len(values),
        missing=1.0 - len(known) / max(len(values), 1),
        shares=(count / max(len(known), 1)).round(6).tolist(),
        mean=float(known.mean(dtype=np.float64)) if there else None,
        median=float(np.median(known)) if there else None,
        deviation=float(known.std(dtype=np.float64)) if there else None,
    )


def _drift(feature: str, column: Float32Array, panel: Panel, spans: dict[str, BoolArray]) -> list[FeatureDriftShape]:
    from tradewind.monitoring.drift import DriftReference, drift_report

    training = spans["training"]
    reference = DriftReference.of(column[training][:, None], [feature], panel.time[training])
    found = []
    for name in ("forecasts", "latest"):
        rows = spans[name]
        report = drift_report(reference, column[rows][:, None], panel.time[rows], domain=False)
        found.append(_shape(name, report.features[0], report.days))
    return found


def _shape(name: str, found: FeatureDrift, days: int) -> FeatureDriftShape:
    return FeatureDriftShape(
        span=name,
        psi=_known(found.psi),
        ks=_known(found.ks),
        wasserstein=_known(found.wasserstein),
        advice=found.advice,
        drift=found.drift,
        excess=_known(found.excess),
        days=days,
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
