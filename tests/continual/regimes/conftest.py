"""Series whose regimes are known."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def switching() -> tuple[np.ndarray, np.ndarray]:
    """(1500, 2) observations of three regimes and (1500,) which one was in force; the last is the most volatile."""
    rng = np.random.default_rng(5)
    state = np.zeros(1500, dtype=int)
    for t in range(1, 1500):
        state[t] = state[t - 1] if rng.random() < 0.98 else rng.integers(3)
    size = np.array([0.005, 0.01, 0.025])[state]
    rows = np.column_stack([rng.normal(0.0, size), np.log(size) + rng.normal(0.0, 0.2, 1500)])
    return rows, state
