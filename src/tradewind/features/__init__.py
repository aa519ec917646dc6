"""Point-in-time features, labels, text scoring and selection."""

from tradewind.features import momentum, trend  # declare their features
from tradewind.features.registry import REGISTRY, Feature, FeatureContext, Group, Registry
from tradewind.features.table import FeatureMatrix, compute_features

__all__ = [
    "REGISTRY",
    "Feature",
    "FeatureContext",
    "FeatureMatrix",
    "Group",
    "Registry",
    "compute_features",
    "momentum",
    "trend",
]
