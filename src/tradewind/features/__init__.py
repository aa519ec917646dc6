"""Point-in-time features, labels, text scoring and selection."""

from tradewind.features import calendar, momentum, price, reversal, trend, volatility, volume  # declare their features
from tradewind.features.registry import REGISTRY, Feature, FeatureContext, Group, Registry, Scorer
from tradewind.features.table import FeatureMatrix, compute_features

__all__ = [
    "REGISTRY",
    "Feature",
    "FeatureContext",
    "FeatureMatrix",
    "Group",
    "Registry",
    "Scorer",
    "calendar",
    "compute_features",
    "momentum",
    "price",
    "reversal",
    "trend",
    "volatility",
    "volume",
]
