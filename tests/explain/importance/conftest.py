"""Small prepared data sets with plain models, for measures that need no ensemble."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tradewind.core import Dataset, Labels
from tradewind.core.arrays import FloatArray

PlainMaker = Callable[..., Dataset]
Odds = Callable[[FloatArray], FloatArray]


@pytest.fixture(scope="session")
def plain_data(make_panel) -> PlainMaker:
    """Return a maker of prepared data: normal columns ``x0``, ``x1``, ...; labels drawn from log odds ``of`` them."""

    def make(
        q: int = 4,
        *,
        symbols: int = 6,
        days: int = 200,
        seed: int = 0,
        of: Callable[[FloatArray], FloatArray] | None = None,
    ) -> Dataset:
        rng = np.random.default_rng(seed)
        panel = make_panel(symbols, days, seed=seed)
        features = rng.standard_normal((len(panel), q)).astype(np.float32)
        odds = np.zeros(len(panel)) if of is None else of(features.astype(np.float64))
        rose = rng.random(len(panel)) < 1.0 / (1.0 + np.exp(-odds))
        labels = Labels(
            start=panel.time,
            end=panel.time + np.timedelta64(1, "D"),
            direction=rose.astype(np.float64),
            forward_return=np.where(rose, 0.01, -0.01) + 0.001 * rng.standard_normal(len(panel)),
            horizon=1,
        )
        return Dataset(panel=panel, features=features, names=tuple(f"x{i}" for i in range(q)), labels=labels)

    return make
