"""Slices of a market as it is served: from the event log, the registry and the server's metrics."""

from tradewind.monitoring.live.acting import Done, Duty, RollbackDuty
from tradewind.monitoring.live.loop import LiveLoop, MonitorMetrics
from tradewind.monitoring.live.scrape import MetricsScraper, ScrapeError, sample_between
from tradewind.monitoring.live.source import Beside, LiveSettings, LiveSlices

__all__ = [
    "Beside",
    "Done",
    "Duty",
    "LiveLoop",
    "LiveSettings",
    "LiveSlices",
    "MetricsScraper",
    "MonitorMetrics",
    "RollbackDuty",
    "ScrapeError",
    "sample_between",
]
