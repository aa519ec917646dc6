"""The learning curve: how skill grows with the share of the training window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import IntArray
from tradewind.models import Forecaster, make_model
from tradewind.training.model import only_labels
from tradewind.training.preprocess import Preprocessor
from tradewind.training.run import Job
from tradewind.validation import Split

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
QUICK = ("xgboost", "logistic", "random_forest")
"""Members whose curve is drawn, the first that the run has: refitting a sequence net for a curve costs too much."""


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Accuracy on training and test rows of a model fitted on the latest ``share`` of the training window."""

    model: str
    share: float
    rows: int
    train_accuracy: float
    test_accuracy: float


def learning_curve(job: Job, split: Split) -> tuple[CurvePoint, ...]:
    """Fit one quick member on growing shares of ``split``'s training rows, latest days first.

    Shares too small to fit on are left out; the text model takes no part.
    """
    chosen = next((name for name in QUICK if name in job.settings.models), "logistic")
    order = split.train[np.argsort(job.data.panel.time[split.train], kind="stable")]
    points = []
    for number, share in enumerate(SHARES):
        job.progress.update("learning curve", number, len(SHARES))
        rows = np.sort(order[round((1 - share) * len(order)) :])
        data = only_labels(job.data, rows)
        if len(data.labelled(rows)) < job.settings.min_rows:
            continue
        preprocessor = Preprocessor(job.settings.preprocess, job.settings.selection)
        prepared = preprocessor.fit(data, rows, seed=job.settings.seed).transform(data)
        model = make_model(chosen, seed=job.settings.seed, settings=job.settings.members).fit(prepared, rows)
        points.append(
            CurvePoint(
                model=chosen,
                share=share,
                rows=len(rows),
                train_accuracy=_accuracy(model, prepared, job.data, rows),
                test_accuracy=_accuracy(model, prepared, job.data, split.test),
            )
        )
    job.progress.update("learning curve", len(SHARES), len(SHARES))
    return tuple(points)


def _accuracy(model: Forecaster, prepared: Dataset, data: Dataset, rows: IntArray) -> float:
    known = data.labelled(rows)
    if not len(known):
        return float("nan")
    rises = model.predict(prepared, known).probability > 0.5
    return float((rises == (data.labels.direction[known] == 1.0)).mean())
