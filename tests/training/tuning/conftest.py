"""Small planted markets, quick settings, and an engine that does everything in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core import Dataset, Labels, Panel
from tradewind.features import SelectionSettings
from tradewind.models import ModelSettings, XGBoostSettings
from tradewind.training import Job, TrainingSettings
from tradewind.training.tuning import TuningResult, TuningSettings, tune


class InProcess:
    """Does every item in turn, and counts them."""

    def __init__(self, most: int | None = None) -> None:
        self.count = 0
        self._most = most

    def map(
        self, work: Callable[[Any], Any], items: Sequence[Any], *, done: Callable[[int], None] | None = None
    ) -> list[Any]:
        """Return the results; KeyboardInterrupt once ``most`` items were done."""
        found = []
        for item in items:
            if self._most is not None and self.count >= self._most:
                raise KeyboardInterrupt
            found.append(work(item))
            self.count += 1
        return found


def plant(*, symbols: int = 10, days: int = 260, skill: float = 0.75, seed: int = 0, features: int = 4) -> Dataset:
    """Return a market whose next move has the sign of feature 0 with probability ``skill``."""
    rng = np.random.default_rng(seed)
    calendar = np.arange(np.datetime64("2012-01-02"), np.datetime64("2012-01-02") + 2 * days)
    calendar = calendar[np.is_busday(calendar)][:days]
    n = symbols * days
    table = rng.normal(size=(n, features))
    rise = np.where(rng.random(n) < skill, table[:, 0] > 0, table[:, 0] <= 0)
    move = np.where(rise, 1, -1) * np.abs(rng.normal(0, 0.01, n))
    move = move.reshape(symbols, days)
    price = 40.0 * np.exp(np.concatenate([np.zeros((symbols, 1)), np.cumsum(move[:, :-1], axis=1)], axis=1)).ravel()
    columns = {
        "symbol": np.repeat([f"S{i:02d}" for i in range(symbols)], days),
        "time": np.tile(calendar, symbols),
        "volume": np.full(n, 1e6),
    } | dict.fromkeys(("open", "high", "low", "close", "adj_close"), price)
    panel = Panel.from_columns(columns)
    last = np.tile(np.arange(days) == days - 1, symbols)
    after = np.minimum(np.arange(n) + 1, n - 1)
    labels = Labels(
        start=panel.time,
        end=np.where(last, np.datetime64("NaT", "us"), panel.time[after]),
        direction=np.where(last, np.nan, (move.ravel() > 0).astype(float)),
        forward_return=np.where(last, np.nan, np.expm1(move.ravel())),
        horizon=1,
    )
    return Dataset(
        panel=panel,
        features=table.astype(np.float32),
        names=tuple(f"f{i}" for i in range(features)),
        labels=labels,
    )


QUICK = TuningSettings(trials=5, ensemble_trials=6, joint_trials=3, batch=2, startup=3)
FEEBLE = XGBoostSettings(
    rounds=1, return_rounds=1, learning_rate=0.005, leaf_share=0.5, max_depth=1, feature_share=0.25
)


def quick_job(data: Dataset, *models: str, members: ModelSettings | None = None) -> Job:
    """Return a job of quick members that keeps every feature."""
    settings = TrainingSettings(
        models=models or ("logistic",),
        baselines=(),
        selection=SelectionSettings(keep=data.names),
        members=members or ModelSettings(xgboost=XGBoostSettings(rounds=20, return_rounds=5)),
        min_rows=50,
    )
    return Job(data=data, settings=settings)


def known(data: Dataset) -> np.ndarray:
    """Return the rows whose label is known by four fifths of the time."""
    cut = data.panel.times[int(0.8 * len(data.panel.times))]
    return np.flatnonzero(data.labels.end <= cut)


class Kit:
    """What tests of tuning share."""

    QUICK = QUICK
    FEEBLE = FEEBLE
    InProcess = InProcess
    known = staticmethod(known)
    plant = staticmethod(plant)
    quick_job = staticmethod(quick_job)


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    """Return the helpers."""
    return Kit


@pytest.fixture(scope="session")
def market() -> Dataset:
    """Return a planted market."""
    return plant()


@pytest.fixture(scope="session")
def searched(market: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[TuningResult, Path]:
    """Return the result of one quick search over two members, and its folder."""
    folder = tmp_path_factory.mktemp("search")
    job = quick_job(market, "logistic", "xgboost")
    return tune(job, known(market), QUICK, InProcess(), folder), folder
