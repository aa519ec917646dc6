"""Performance of served forecasts: against what was promised, before labels, against a challenger, and in money."""

from tradewind.monitoring.performance.expectation import Expectation, Promise
from tradewind.monitoring.performance.join import JoinedRows, LabelJoin
from tradewind.monitoring.performance.settings import BusinessSettings, EstimateSettings, PerformanceSettings
from tradewind.monitoring.performance.watcher import PerformanceWatcher

__all__ = [
    "BusinessSettings",
    "EstimateSettings",
    "Expectation",
    "JoinedRows",
    "LabelJoin",
    "PerformanceSettings",
    "PerformanceWatcher",
    "Promise",
]
