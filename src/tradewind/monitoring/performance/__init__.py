"""Performance of served forecasts: against what was promised, before labels, against a challenger, and in money."""

from tradewind.monitoring.performance.business import BusinessWatcher
from tradewind.monitoring.performance.business_expectation import BusinessExpectation
from tradewind.monitoring.performance.compare import CompareSettings, Comparison, Difference, compare_versions
from tradewind.monitoring.performance.estimate import Estimate, design_effect, expected_performance, weighted_accuracy
from tradewind.monitoring.performance.expectation import Expectation, Promise
from tradewind.monitoring.performance.expected import EstimateReference, ExpectedAccuracyWatcher
from tradewind.monitoring.performance.join import JoinedRows, LabelJoin
from tradewind.monitoring.performance.settings import (
    BusinessSettings,
    EstimateSettings,
    PerformanceSettings,
    SettlingSettings,
)
from tradewind.monitoring.performance.watcher import PerformanceWatcher

__all__ = [
    "BusinessExpectation",
    "BusinessSettings",
    "BusinessWatcher",
    "CompareSettings",
    "Comparison",
    "Difference",
    "Estimate",
    "EstimateReference",
    "EstimateSettings",
    "Expectation",
    "ExpectedAccuracyWatcher",
    "JoinedRows",
    "LabelJoin",
    "PerformanceSettings",
    "PerformanceWatcher",
    "Promise",
    "SettlingSettings",
    "compare_versions",
    "design_effect",
    "expected_performance",
    "weighted_accuracy",
]
