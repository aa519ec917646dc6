"""Selection of features inside a fold: relevance, redundancy, stability, recursive elimination."""

from tradewind.features.selection.selector import FeatureReport, FeatureSelector, SelectionSettings

__all__ = ["FeatureReport", "FeatureSelector", "SelectionSettings"]
