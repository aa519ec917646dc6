"""Global importance: what a model rests on over many rows, how surely, and whether that changes."""

from tradewind.explain.importance.drift import ImportanceDrift, PartDrift, importance_drift
from tradewind.explain.importance.groups import correlated_groups, rank_correlation
from tradewind.explain.importance.permutation import (
    GroupImportance,
    OutOfSample,
    PermutationImportance,
    permutation_importance,
)
from tradewind.explain.importance.report import GlobalImportance
from tradewind.explain.importance.settings import ImportanceSettings
from tradewind.explain.importance.shapley import Part, ShapImportance, shap_importance
from tradewind.explain.importance.stability import Stability, stability

__all__ = [
    "GlobalImportance",
    "GroupImportance",
    "ImportanceDrift",
    "ImportanceSettings",
    "OutOfSample",
    "Part",
    "PartDrift",
    "PermutationImportance",
    "ShapImportance",
    "Stability",
    "correlated_groups",
    "importance_drift",
    "permutation_importance",
    "rank_correlation",
    "shap_importance",
    "stability",
]
