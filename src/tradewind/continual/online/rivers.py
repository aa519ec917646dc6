"""Models of river that learn one row after another, and what of them is kept on disk.

Sources: Bifet and Gavaldà 2009 (Hoeffding adaptive tree), Gomes et al. 2017 (adaptive random forest), Bifet et al. 2009
(bagging with ADWIN); Montiel et al. 2021 (river). No object of river is ever pickled: a logistic regression is its
numbers, anything else is learned again from the rows it was taught.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray

OnlineKind = Literal["logistic", "tree", "forest", "bagging"]
EXACT: frozenset[OnlineKind] = frozenset({"logistic"})
"""Kinds that are rebuilt from numbers; the others from rows."""


def build(kind: OnlineKind, *, rate: float, members: int, seed: int) -> Any:
    """Return a new classifier of river, behind a running standardisation of its inputs."""
    from river import ensemble, forest, linear_model, optim, preprocessing, tree

    def logistic() -> Any:
        return linear_model.LogisticRegression(optimizer=optim.SGD(rate), intercept_lr=rate)

    if kind == "logistic":
        model = logistic()
    elif kind == "tree":
        model = tree.HoeffdingAdaptiveTreeClassifier(grace_period=100, delta=1e-4, seed=seed)
    elif kind == "forest":
        model = forest.ARFClassifier(n_models=members, grace_period=200, seed=seed)
    else:
        model = ensemble.ADWINBaggingClassifier(logistic(), n_models=members, seed=seed)
    return preprocessing.StandardScaler() | model


def learn_rows(model: Any, inputs: AnyArray, rose: AnyArray, rates: AnyArray | None = None) -> None:
    """Teach ``model`` rows (m, q) one after another; ``rose`` (m,) is 0 or 1.

    ``rates`` (m,) are the steps of a logistic regression at each row; None keeps its own.
    """
    for at, (row, label) in enumerate(zip(inputs.tolist(), rose.tolist(), strict=True)):
        if rates is not None:
            _step(model, float(rates[at]))
        model.learn_one(dict(enumerate(row)), label > 0.5)


def _step(model: Any, rate: float) -> None:
    """Set the step of a logistic regression behind a scaler."""
    from river.optim.schedulers import Constant

    line = model["LogisticRegression"]
    line.optimizer.lr = line.intercept_lr = Constant(rate)


def forecast_rows(model: Any, inputs: AnyArray) -> FloatArray:
    """(m,) probability of a rise; 0.5 where the model has seen no row yet."""
    out = np.full(len(inputs), 0.5)
    for at, row in enumerate(inputs.tolist()):
        told = model.predict_proba_one(dict(enumerate(row)))
        total = sum(told.values())
        out[at] = told.get(True, 0.0) / total if total > 0.0 else 0.5
    return out


def logistic_numbers(model: Any) -> dict[str, Any]:
    """Return everything a logistic regression behind a scaler has learned, JSON-ready."""
    scaler, line = model["StandardScaler"], model["LogisticRegression"]
    columns = sorted(scaler.counts)
    return {
        "count": [scaler.counts[at] for at in columns],
        "mean": [float(scaler.means[at]) for at in columns],
        "variance": [float(scaler.vars[at]) for at in columns],
        "weight": {str(at): float(value) for at, value in line.weights.items()},
        "intercept": float(line.intercept),
        "steps": line.optimizer.n_iterations,
    }


def logistic_from(numbers: Mapping[str, Any], *, rate: float) -> Any:
    """Return the model of which :func:`logistic_numbers` gave the numbers; it goes on as the first would have."""
    from river.utils import VectorDict

    model = build("logistic", rate=rate, members=1, seed=0)
    scaler, line = model["StandardScaler"], model["LogisticRegression"]
    for at, count in enumerate(numbers["count"]):
        scaler.counts[at] = count
        scaler.means[at] = numbers["mean"][at]
        scaler.vars[at] = numbers["variance"][at]
    line._weights = VectorDict({int(at): value for at, value in numbers["weight"].items()})
    line.intercept = numbers["intercept"]
    line.optimizer.n_iterations = numbers["steps"]
    return model
