"""The models by name, and the settings of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from tradewind.core import InputError, Settings, UsageError
from tradewind.models.baselines import AlwaysUp, LastDirection, Momentum, Reversal
from tradewind.models.logistic import LogisticForecaster, LogisticSettings
from tradewind.models.nets.cnn import CNNForecaster, CNNSettings
from tradewind.models.nets.graph import GraphForecaster, GraphSettings
from tradewind.models.nets.gru import GRUForecaster, GRUSettings
from tradewind.models.nets.hybrid import HybridForecaster, HybridSettings
from tradewind.models.nets.lstm import LSTMForecaster, LSTMSettings
from tradewind.models.nets.tcn import TCNForecaster, TCNSettings
from tradewind.models.nets.transformer import TransformerForecaster, TransformerSettings
from tradewind.models.protocol import Forecaster
from tradewind.models.storage import MANIFEST, read_artefact
from tradewind.models.trees.cat import CatBoostForecaster, CatBoostSettings
from tradewind.models.trees.lgbm import LightGBMForecaster, LightGBMSettings
from tradewind.models.trees.random_forest import RandomForestForecaster, RandomForestSettings
from tradewind.models.trees.xgb import XGBoostForecaster, XGBoostSettings


class ModelSettings(Settings):
    """Settings of every model that has some, by the model's name; ``seed`` in them gives way to the run's seed."""

    lstm: LSTMSettings = LSTMSettings()
    gru: GRUSettings = GRUSettings()
    cnn: CNNSettings = CNNSettings()
    tcn: TCNSettings = TCNSettings()
    transformer: TransformerSettings = TransformerSettings()
    hybrid: HybridSettings = HybridSettings()
    graph: GraphSettings = GraphSettings()
    random_forest: RandomForestSettings = RandomForestSettings()
    xgboost: XGBoostSettings = XGBoostSettings()
    lightgbm: LightGBMSettings = LightGBMSettings()
    catboost: CatBoostSettings = CatBoostSettings()
    logistic: LogisticSettings = LogisticSettings()


S = TypeVar("S", bound=Settings)
ModelFactory = Callable[[ModelSettings, int], Forecaster]

MODELS: Mapping[str, ModelFactory] = MappingProxyType(
    {
        "lstm": lambda s, seed: LSTMForecaster(seeded(s.lstm, seed)),
        "gru": lambda s, seed: GRUForecaster(seeded(s.gru, seed)),
        "cnn": lambda s, seed: CNNForecaster(seeded(s.cnn, seed)),
        "tcn": lambda s, seed: TCNForecaster(seeded(s.tcn, seed)),
        "transformer": lambda s, seed: TransformerForecaster(seeded(s.transformer, seed)),
        "hybrid": lambda s, seed: HybridForecaster(seeded(s.hybrid, seed)),
        "graph": lambda s, seed: GraphForecaster(seeded(s.graph, seed)),
        "random_forest": lambda s, seed: RandomForestForecaster(seeded(s.random_forest, seed)),
        "xgboost": lambda s, seed: XGBoostForecaster(seeded(s.xgboost, seed)),
        "lightgbm": lambda s, seed: LightGBMForecaster(seeded(s.lightgbm, seed)),
        "catboost": lambda s, seed: CatBoostForecaster(seeded(s.catboost, seed)),
        "logistic": lambda s, _: LogisticForecaster(s.logistic),
        "always_up": lambda *_: AlwaysUp(),
        "last_direction": lambda *_: LastDirection(),
        "momentum": lambda *_: Momentum(),
        "reversal": lambda *_: Reversal(),
    }
)
"""Factories of every model; each takes the settings of all models and the seed of everything random."""


def seeded(settings: S, seed: int) -> S:
    """Return ``settings`` with ``seed`` in place of their own."""
    return settings.model_copy(update={"seed": seed})


def make_model(name: str, *, seed: int, settings: ModelSettings | None = None) -> Forecaster:
    """Return a new model, of default settings where ``settings`` is None.

    Raises
    ------
    UsageError : there is no model of that name; the message lists those there are.
    """
    try:
        factory = MODELS[name]
    except KeyError:
        raise UsageError(
            f"there is no model {name!r}", field="models", fix=f"choose from {', '.join(MODELS)}"
        ) from None
    return factory(settings or ModelSettings(), seed)


def load_model(folder: Path) -> Forecaster:
    """Read a saved model of any kind in :data:`MODELS`.

    Raises
    ------
    InputError : the folder holds no model, one of an unknown kind, or one that was changed.
    """
    kind = read_artefact(folder).kind
    if kind not in MODELS:
        raise InputError(
            f"holds a model of unknown kind {kind!r}", file=folder / MANIFEST, fix=f"known are {', '.join(MODELS)}"
        )
    return make_model(kind, seed=0).load(folder)
