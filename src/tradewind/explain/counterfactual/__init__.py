"""What would have had to be different: other bars and other features that turn a forecast."""

from tradewind.explain.counterfactual.bars import BarSettings, bar_counterfactuals
from tradewind.explain.counterfactual.result import BarCounterfactual, BarSearch, FeatureShift, InputChange

__all__ = [
    "BarCounterfactual",
    "BarSearch",
    "BarSettings",
    "FeatureShift",
    "InputChange",
    "bar_counterfactuals",
]
