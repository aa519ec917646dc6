"""What would have had to be different: other bars and other features that turn a forecast."""

from tradewind.explain.counterfactual.bars import BarSettings, bar_counterfactuals
from tradewind.explain.counterfactual.features import FeatureSettings, feature_counterfactuals
from tradewind.explain.counterfactual.moves import Plausible
from tradewind.explain.counterfactual.result import (
    BarCounterfactual,
    BarSearch,
    FeatureCounterfactual,
    FeatureSearch,
    FeatureShift,
    InputChange,
    Neighbour,
)

__all__ = [
    "BarCounterfactual",
    "BarSearch",
    "BarSettings",
    "FeatureCounterfactual",
    "FeatureSearch",
    "FeatureSettings",
    "FeatureShift",
    "InputChange",
    "Neighbour",
    "Plausible",
    "bar_counterfactuals",
    "feature_counterfactuals",
]
