"""The models by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tradewind.core import InputError, UsageError
from tradewind.models.baselines import AlwaysUp, LastDirection, Momentum, Reversal
from tradewind.models.logistic import LogisticForecaster
from tradewind.models.lstm import LSTMForecaster, LSTMSettings
from tradewind.models.protocol import Forecaster
from tradewind.models.random_forest import RandomForestForecaster, RandomForestSettings
from tradewind.models.storage import MANIFEST, read_artefact
from tradewind.models.xgb import XGBoostForecaster, XGBoostSettings

ModelFactory = Callable[[int], Forecaster]

MODELS: Mapping[str, ModelFactory] = MappingProxyType(
    {
        "lstm": lambda seed: LSTMForecaster(LSTMSettings(seed=seed)),
        "random_forest": lambda seed: RandomForestForecaster(RandomForestSettings(seed=seed)),
        "xgboost": lambda seed: XGBoostForecaster(XGBoostSettings(seed=seed)),
        "logistic": lambda _: LogisticForecaster(),
        "always_up": lambda _: AlwaysUp(),
        "last_direction": lambda _: LastDirection(),
        "momentum": lambda _: Momentum(),
        "reversal": lambda _: Reversal(),
    }
)
"""Factories of every model with its default settings; each takes the seed of everything random."""


def make_model(name: str, *, seed: int) -> Forecaster:
    """Return a new model of default settings.

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
    return factory(seed)


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
    return MODELS[kind](0).load(folder)
