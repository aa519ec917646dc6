"""Subjects with made-up attributions, so that rationales are tried on more than one model would ever say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tradewind.core import Forecast
from tradewind.explain.attribution import Attribution
from tradewind.explain.rationale import RationaleSettings, Subject

SubjectMaker = Callable[..., Subject]
CALM = RationaleSettings(near=0.0, wide=1.0, dissent=1.0, outside=1.0, missing=1.0)
"""Limits that almost nothing reaches."""


def made_track(
    rng: np.random.Generator, *, skill: bool = False, settings: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what an evaluation's metrics.json would hold, as far as a rationale reads it."""
    accuracy = float(rng.uniform(0.4, 0.7))
    n = int(rng.integers(200, 20_000))
    p = float(rng.uniform(0.0, 0.04) if skill else rng.uniform(0.06, 1.0))
    own = {
        "n": n,
        "n_days": n // 10,
        "accuracy": accuracy,
        "up_share": 0.52,
        "brier": float(rng.uniform(0.2, 0.3)),
        "calibration_error": float(rng.uniform(0.0, 0.1)),
        "coverage": float(rng.uniform(0.8, 1.0)),
        "accuracy_interval": [accuracy - 0.03, accuracy + 0.03],
    }
    interval = {"value": accuracy + 0.01, "lower": accuracy - 0.04, "upper": accuracy + 0.06}
    return {
        "primary": "ensemble",
        "models": {"ensemble": own},
        "verdict": {"skill": skill, "p_value": p, "deflated_p_value": p, "trials": int(rng.integers(1, 30))},
        "settings": {"bootstrap": {"level": 0.95}},
        "slices": [
            {"by": "volatility regime", "value": name, "n": 100, "small": False, "metrics": {"accuracy": interval}}
            for name in ("calm", "normal", "stressed")
        ],
        "context": {"settings": settings},
    }


@pytest.fixture(scope="session")
def track_maker() -> Callable[..., dict[str, Any]]:
    return made_track


@pytest.fixture(scope="session")
def calm() -> RationaleSettings:
    return CALM


@pytest.fixture(scope="session")
def make_subject(fitted) -> SubjectMaker:
    """Return a maker of subjects of the fitted model: real rows, attribution and forecasts drawn from ``seed``."""
    model, data = fitted.model, fitted.data
    prepared = model.prepare(data, None)
    reference = prepared.features[fitted.train[::17]]

    def make(
        seed: int = 0,
        *,
        m: int = 3,
        probability: float | None = None,
        members: tuple[float, ...] | None = None,
        **changes: Any,
    ) -> Subject:
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(fitted.test, size=m, replace=False))
        q = len(prepared.names)
        values = rng.normal(0.0, 0.02, size=(m, q)) * (rng.random((m, q)) > 0.2)
        base = float(rng.uniform(0.45, 0.55))
        if probability is not None:  # the largest column takes what is missing
            at = np.abs(values).argmax(axis=1)
            values[np.arange(m), at] += probability - base - values.sum(axis=1)
        p = base + values.sum(axis=1)
        names = tuple(model.ensemble.weights)
        says = np.tile(members, (m, 1)).T if members else rng.uniform(0.3, 0.7, size=(len(names), m))
        width = rng.uniform(0.01, 0.06, size=m)
        expected = rng.normal(0.0, 0.01, size=m)
        ensemble = Forecast(
            rows=rows, probability=p, expected_return=expected, lower=expected - width, upper=expected + width
        )
        given = {
            "model": model,
            "data": data,
            "attribution": Attribution(
                rows=rows,
                names=prepared.names,
                inputs=prepared.features[rows],
                base=base,
                probability=p,
                values=values,
                base_log_odds=float(rng.normal(0.0, 0.1)),
                log_odds=4.0 * values,
                members={name: 4.0 * values / len(names) for name in names},
            ),
            "forecasts": {
                "ensemble": ensemble,
                **{name: Forecast.point(rows, says[i], expected) for i, name in enumerate(names)},
            },
            "reference": reference,
            "methods": dict.fromkeys(names, "exact"),
            "missed": {name: rng.normal(0.0, 0.01, size=m) for name in names},
            "profile": rng.normal(0.0, 0.1, size=(m, 20)),
        }
        return Subject(**{**given, **changes})

    return make
