"""The ranges of each model, and settings with parameters put in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tradewind.core import Settings
from tradewind.models import ModelSettings
from tradewind.training.tuning.space import Range, Space, Value
from tradewind.training.tuning.space_boosting import BOOSTING_SPACE
from tradewind.training.tuning.space_nets import ATTENTION_SPACE, NET_SPACE
from tradewind.training.tuning.space_trees import FOREST_SPACE

LINEAR_SPACE: Space = MappingProxyType({"l2": Range(low=0.001, high=1.0, log=True)})

SPACES: Mapping[str, Space] = MappingProxyType(
    {
        **dict.fromkeys(("lstm", "gru", "cnn", "tcn", "graph"), NET_SPACE),
        **dict.fromkeys(("transformer", "hybrid"), ATTENTION_SPACE),
        "random_forest": FOREST_SPACE,
        **dict.fromkeys(("xgboost", "lightgbm", "catboost"), BOOSTING_SPACE),
        "logistic": LINEAR_SPACE,
    }
)
"""Ranges by model; a model that is not here is left at its default."""


def space_of(model: str, settings: ModelSettings) -> Space:
    """Return the ranges of ``model``: those of its family that its settings have; none for a model without settings."""
    own = getattr(settings, model, None)
    if not isinstance(own, Settings):
        return {}
    fields = type(own).model_fields
    return {name: span for name, span in SPACES.get(model, {}).items() if name in fields}


def model_params(model: str, settings: ModelSettings) -> dict[str, Value]:
    """Return the values that ``settings`` give to the parameters of ``model``'s ranges."""
    own = getattr(settings, model, None)
    return {name: getattr(own, name) for name in space_of(model, settings)}


def with_params(settings: ModelSettings, model: str, params: Mapping[str, Value]) -> ModelSettings:
    """Return ``settings`` with ``params`` of ``model`` in place of its own; ValidationError for a bad value."""
    own = getattr(settings, model)
    changed = type(own).model_validate({**own.model_dump(), **params})
    return settings.model_copy(update={model: changed})
