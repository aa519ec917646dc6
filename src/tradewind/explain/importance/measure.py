"""Global importance of a model, put together."""

from __future__ import annotations

import numpy as np

from tradewind.core import Progress
from tradewind.core.arrays import as_time
from tradewind.explain.importance.drift import importance_drift
from tradewind.explain.importance.groups import correlated_groups
from tradewind.explain.importance.permutation import permutation_importance
from tradewind.explain.importance.report import GlobalImportance
from tradewind.explain.importance.settings import ImportanceSettings
from tradewind.explain.importance.shapley import shap_importance
from tradewind.explain.importance.stability import stability
from tradewind.explain.probe import sampled
from tradewind.explain.subject import Subject


def global_importance(
    subject: Subject,
    *,
    settings: ImportanceSettings | None = None,
    drift_from: np.datetime64 | str | None = None,
    progress: Progress | None = None,
) -> GlobalImportance:
    """Measure what a model rests on over its rows out of sample.

    Stability and drift are followed by feature (a missing flag counts to its feature). ``drift_from`` : first moment of
    the current period; without it the second half of the explained days is compared with the first.
    """
    s = settings or ImportanceSettings()
    rows = sampled(subject.rows, s.rows, s.seed)
    attribution = subject.explainer.explain_prepared(subject.prepared, rows)
    time = subject.prepared.panel.time[rows]
    groups = correlated_groups(subject.prepared, subject.train, s.correlation)
    permutation = permutation_importance(subject.out_of_sample, groups, settings=s, progress=progress)
    names, values = attribution.by_feature()
    days = np.unique(time)
    start = days[len(days) // 2] if drift_from is None else as_time(drift_from)
    current = np.asarray(time >= start)
    one_sided = bool(current.all() or not current.any())
    drift = None
    if drift_from is not None or not one_sided:  # a date that was asked for and parts nothing is refused there
        drift = importance_drift(values, names, time, current, s)
    return GlobalImportance(
        shap=shap_importance(attribution, time, s),
        permutation=permutation,
        stability=stability(values, names, time, s),
        drift=drift,
    )
