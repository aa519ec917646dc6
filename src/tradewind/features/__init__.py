"""Point-in-time features, labels, text scoring and selection."""

from tradewind.features import (  # each declares its features on the registry
    calendar,
    fear_greed,
    market,
    momentum,
    price,
    reversal,
    sector,
    trend,
    volatility,
    volume,
)
from tradewind.features.labels import LabelSettings, make_labels
from tradewind.features.registry import REGISTRY, Feature, FeatureContext, Group, Registry
from tradewind.features.selection import FeatureReport, FeatureSelector, SelectionSettings
from tradewind.features.slices import RowSlices, row_slices
from tradewind.features.table import FeatureMatrix, compute_features

__all__ = [
    "REGISTRY",
    "Feature",
    "FeatureContext",
    "FeatureMatrix",
    "FeatureReport",
    "FeatureSelector",
    "Group",
    "LabelSettings",
    "Registry",
    "RowSlices",
    "SelectionSettings",
    "calendar",
    "compute_features",
    "fear_greed",
    "make_labels",
    "market",
    "momentum",
    "price",
    "reversal",
    "row_slices",
    "sector",
    "trend",
    "volatility",
    "volume",
]
