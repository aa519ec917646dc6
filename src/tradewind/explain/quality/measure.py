"""All checks of a model's explanations, put together."""

from __future__ import annotations

import numpy as np

from tradewind.core import NoProgress, Progress
from tradewind.explain.distillation import Student
from tradewind.explain.importance import PermutationImportance
from tradewind.explain.lime import Neighbourhood, explain_by_lime
from tradewind.explain.probe import sampled
from tradewind.explain.quality.agreement import (
    agreement_by_row,
    agreement_of_importance,
    agreement_with_student,
)
from tradewind.explain.quality.faithfulness import faithfulness
from tradewind.explain.quality.report import QualityReport
from tradewind.explain.quality.sanity import fit_on_shuffled_labels, planted_market_check, random_model_check
from tradewind.explain.quality.settings import ExplanationQualitySettings
from tradewind.explain.quality.steadiness import steadiness
from tradewind.explain.shapley.explainer import Explainer
from tradewind.explain.subject import Subject, explain_of


def measure_quality(
    subject: Subject,
    *,
    settings: ExplanationQualitySettings | None = None,
    permutation: PermutationImportance | None = None,
    student: Student | None = None,
    refit: bool = True,
    progress: Progress | None = None,
) -> QualityReport:
    """Judge the Shapley values of a model on rows out of sample.

    Parameters
    ----------
    permutation : importance to compare with, by groups of correlated columns. ``student`` : of this model.
    refit : fit the ensemble once more on shuffled labels (as long as a fit with one inner block takes) and compare.

    Raises
    ------
    UsageError : a member reads the bars of other stocks, so that no row can be changed alone.
    """
    s, watcher = settings or ExplanationQualitySettings(), progress or NoProgress()
    steps = 5 + refit
    rows = sampled(subject.rows, s.rows, s.seed)
    probe = subject.probe(rows)
    time = subject.prepared.panel.time[rows]
    values = subject.explain(subject.prepared, rows)
    watcher.update("explanation quality", 1, steps)
    faithful = faithfulness(probe, values, subject.background(s.background, s.seed), s)
    watcher.update("explanation quality", 2, steps)
    steady = steadiness(probe, subject.explain, s)
    watcher.update("explanation quality", 3, steps)
    some = sampled(np.arange(len(rows)), s.lime_rows, s.seed)
    line = s.lime.model_copy(update={"seed": s.seed})
    near = Neighbourhood.of(subject.prepared, subject.train)
    lime = np.stack([explain_by_lime(probe, int(i), near, line).effect for i in some])
    agreements = [agreement_by_row(("SHAP", values[some]), ("LIME", lime), time[some], settings=s)]
    if permutation is not None:
        groups = [group.names for group in permutation.groups]
        shap = dict(zip(probe.names, np.abs(values).mean(axis=0).tolist(), strict=True))
        lines = dict(zip(probe.names, np.abs(lime).mean(axis=0).tolist(), strict=True))
        shuffled = permutation.by_column()
        agreements += agreement_of_importance({"SHAP": shap, "permutation": shuffled}, groups, s)
        agreements += agreement_of_importance({"LIME": lines, "permutation": shuffled}, groups, s)
    if student is not None:
        agreements.append(agreement_with_student(values, student, subject.prepared, rows, s))
    watcher.update("explanation quality", 4, steps)
    random = None
    if refit:
        noise = fit_on_shuffled_labels(subject.model, subject.prepared, subject.train, seed=s.seed)
        other = Explainer.of_prepared(noise, subject.prepared, subject.train, seed=s.seed)
        random = random_model_check(values, [explain_of(other)(subject.prepared, rows)], time, s)
        watcher.update("explanation quality", 5, steps)
    planted, planted_random = planted_market_check(
        lambda model, data: explain_of(Explainer.of(model, data, seed=s.seed)), s
    )
    watcher.update("explanation quality", steps, steps)
    return QualityReport(
        faithfulness=faithful,
        steadiness=steady,
        agreements=tuple(agreements),
        random_model=random,
        planted=planted,
        planted_random=planted_random,
    )
