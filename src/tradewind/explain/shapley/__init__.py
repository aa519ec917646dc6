"""Shapley values of forecasts: exact for trees and lines, by gradients for nets, joined for the ensemble."""

from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.brute import brute_shapley
from tradewind.explain.shapley.linear import linear_shap
from tradewind.explain.shapley.trees import TreeShap, tree_shap

__all__ = ["Background", "TreeShap", "brute_shapley", "linear_shap", "tree_shap"]
