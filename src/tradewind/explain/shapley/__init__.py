"""Shapley values of forecasts: exact for trees and lines, by gradients for nets, joined for the ensemble."""

from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.brute import brute_shapley
from tradewind.explain.shapley.explainer import Explainer, TimeAttribution
from tradewind.explain.shapley.linear import linear_shap
from tradewind.explain.shapley.members import member_explainer, member_shap
from tradewind.explain.shapley.nets import NetShap
from tradewind.explain.shapley.part import MemberShap
from tradewind.explain.shapley.sampled import SampledShap
from tradewind.explain.shapley.trees import TreeShap, tree_shap

__all__ = [
    "Background",
    "Explainer",
    "MemberShap",
    "NetShap",
    "SampledShap",
    "TimeAttribution",
    "TreeShap",
    "brute_shapley",
    "linear_shap",
    "member_explainer",
    "member_shap",
    "tree_shap",
]
