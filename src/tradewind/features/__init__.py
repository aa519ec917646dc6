"""Point-in-time features, labels, text scoring and selection."""

from tradewind.features import (  # each declares its features on the registry
    calendar,
    fear_greed,
    market,
    momentum,
    price,
    reversal,
    sector,
    sentiment,
    trend,
    volatility,
    volume,
)
from tradewind.features.labels import LabelSettings, make_labels
from tradewind.features.registry import REGISTRY, Feature, FeatureContext, Group, Registry
from tradewind.features.selection import FeatureReport, FeatureSelector, SelectionSettings
from tradewind.features.slices import RowSlices, row_slices
from tradewind.features.table import FeatureMatrix, compute_features
from tradewind.features.text import (
    FinBERTScorer,
    LexiconScorer,
    MiniLMEmbedder,
    TextEmbedder,
    TextHead,
    TextHeadSettings,
    TextScorer,
)

__all__ = [
    "REGISTRY",
    "Feature",
    "FeatureContext",
    "FeatureMatrix",
    "FeatureReport",
    "FeatureSelector",
    "FinBERTScorer",
    "Group",
    "LabelSettings",
    "LexiconScorer",
    "MiniLMEmbedder",
    "Registry",
    "RowSlices",
    "SelectionSettings",
    "TextEmbedder",
    "TextHead",
    "TextHeadSettings",
    "TextScorer",
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
    "sentiment",
    "trend",
    "volatility",
    "volume",
]
