"""Small markets whose best possible accuracy is known, and small models of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tradewind.core import Dataset, Labels, Panel
from tradewind.models import (
    AlwaysUp,
    CatBoostForecaster,
    CatBoostSettings,
    CNNForecaster,
    CNNSettings,
    Forecaster,
    GraphForecaster,
    GraphSettings,
    GRUForecaster,
    GRUSettings,
    HybridForecaster,
    HybridSettings,
    LastDirection,
    LightGBMForecaster,
    LightGBMSettings,
    LogisticForecaster,
    LSTMForecaster,
    LSTMSettings,
    Momentum,
    RandomForestForecaster,
    RandomForestSettings,
    Reversal,
    TCNForecaster,
    TCNSettings,
    TransformerForecaster,
    TransformerSettings,
    XGBoostForecaster,
    XGBoostSettings,
)

SMALL_NET: dict[str, Any] = {"hidden": 8, "max_epochs": 8, "span": 30, "burn_in": 10, "learning_rate": 0.01}

SMALL_MODELS: dict[str, Callable[[], Forecaster]] = {
    "lstm": lambda: LSTMForecaster(LSTMSettings(**SMALL_NET)),
    "gru": lambda: GRUForecaster(GRUSettings(**SMALL_NET | {"hidden": 4})),
    "cnn": lambda: CNNForecaster(CNNSettings(**SMALL_NET)),
    "tcn": lambda: TCNForecaster(TCNSettings(**SMALL_NET)),
    "transformer": lambda: TransformerForecaster(TransformerSettings(**SMALL_NET, heads=2)),
    "hybrid": lambda: HybridForecaster(HybridSettings(**SMALL_NET)),
    "graph": lambda: GraphForecaster(GraphSettings(hidden=4, max_epochs=12, learning_rate=0.02, moves=2)),
    "random_forest": lambda: RandomForestForecaster(RandomForestSettings(n_trees=20, max_depth=3)),
    "xgboost": lambda: XGBoostForecaster(XGBoostSettings(rounds=60, return_rounds=30, learning_rate=0.1)),
    "lightgbm": lambda: LightGBMForecaster(LightGBMSettings(rounds=40, learning_rate=0.1, leaves=4, leaf_share=0.1)),
    "catboost": lambda: CatBoostForecaster(CatBoostSettings(rounds=60, return_rounds=30, learning_rate=0.1)),
    "logistic": LogisticForecaster,
    "always_up": AlwaysUp,
    "last_direction": LastDirection,
    "momentum": Momentum,
    "reversal": Reversal,
}


def plant(
    skill: float, *, lengths: tuple[int, ...] = (300,) * 5, n_features: int = 5, seed: int = 0, drift: float = 0.0
) -> Dataset:
    """Return a market whose next bar moves with the sign of feature 0 with probability ``skill``."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2012-01-02"), np.datetime64("2012-01-02") + 2 * max(lengths))
    days = days[np.is_busday(days)]
    columns: dict[str, list[np.ndarray]] = {}
    features, directions = [], []
    for number, n in enumerate(lengths):
        table = rng.normal(size=(n, n_features))
        rise = np.where(rng.random(n) < skill, table[:, 0] > 0, table[:, 0] <= 0)
        move = np.where(rise, 1, -1) * np.abs(rng.normal(0, 0.01, n)) + drift
        price = 40.0 * np.exp(np.concatenate([[0.0], np.cumsum(move[:-1])]))
        features.append(table)
        directions.append(np.where(np.arange(n) < n - 1, move > 0, np.nan))
        parts = {"symbol": np.full(n, f"S{number}"), "time": days[-n:], "volume": np.full(n, 1e6)}
        parts |= dict.fromkeys(("open", "high", "low", "close", "adj_close"), price)
        for name, values in parts.items():
            columns.setdefault(name, []).append(values)
    panel = Panel.from_columns({name: np.concatenate(values) for name, values in columns.items()})
    last = np.zeros(len(panel), dtype=bool)
    last[panel.offsets[1:] - 1] = True
    after = np.minimum(np.arange(len(panel)) + 1, len(panel) - 1)
    labels = Labels(
        start=panel.time,
        end=np.where(last, np.datetime64("NaT"), panel.time[after]),
        direction=np.concatenate(directions),
        forward_return=np.where(last, np.nan, panel.adj_close[after] / panel.adj_close - 1.0),
        horizon=1,
    )
    return Dataset(
        panel=panel,
        features=np.concatenate(features).astype(np.float32),
        names=tuple(f"f{i}" for i in range(n_features)),
        labels=labels,
    )


def cut_rows(data: Dataset, share: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Return rows whose label is known by a cut in time, and the rows from it on that have a label."""
    times = data.panel.times
    cut = times[int(share * len(times))]
    return (
        np.flatnonzero(data.labels.end <= cut),
        np.flatnonzero((data.panel.time >= cut) & ~np.isnan(data.labels.direction)),
    )


@pytest.fixture(scope="session")
def market() -> Dataset:
    """Return a planted market of 70 %."""
    return plant(0.7)


@pytest.fixture(scope="session")
def noise() -> Dataset:
    """Return a market without any signal."""
    return plant(0.5, seed=1)


@pytest.fixture(scope="session")
def planted() -> Callable[..., Dataset]:
    """Return the maker of planted markets."""
    return plant


@pytest.fixture(scope="session")
def train_test() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Return the cutter of training and test rows."""
    return cut_rows


@pytest.fixture(scope="session")
def small_models() -> dict[str, Callable[[], Forecaster]]:
    """Return makers of small models by the name they have in the registry."""
    return SMALL_MODELS
