"""A small planted world: two rules that conflict, told apart by a feature and by regime probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.continual.protocol import Experience

DAY = np.timedelta64(1, "D")


def planted(
    rule: str, seed: int, *, days: int = 60, symbols: int = 15, start: int = 0, edge: float = 0.3
) -> Experience:
    """Return an experience in which a feature is followed ("momentum") or opposed ("reversal") with 0.5 + edge."""
    rng = np.random.default_rng(seed)
    rows = days * symbols
    features = rng.normal(size=(rows, 4)).astype(np.float32)
    side = 1.0 if rule == "momentum" else -1.0
    features[:, 3] = -side + 0.4 * rng.normal(size=rows)  # volatility: low while momentum rules
    up = 0.5 + edge * np.sign(features[:, 0]) * side
    time = np.repeat(np.datetime64("2020-01-01", "us") + (start + np.arange(days)) * DAY, symbols)
    belief = np.clip(0.9 + 0.05 * rng.normal(size=rows), 0.5, 1.0)
    regimes = np.column_stack([belief, 1.0 - belief] if side > 0 else [1.0 - belief, belief])
    return Experience(
        name=rule,
        features=features,
        direction=(rng.random(rows) < up).astype(np.float64),
        time=time,
        known_at=time + DAY,
        regimes=regimes,
    )


@pytest.fixture(scope="session")
def make_planted():
    """Return the function that plants a rule in an experience."""
    return planted
