"""Shapley values of forecasts: exact for trees and lines, by gradients for nets, joined for the ensemble."""

from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.brute import brute_shapley

__all__ = ["Background", "brute_shapley"]
