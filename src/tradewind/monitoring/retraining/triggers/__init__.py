"""What may ask for a retraining: lost performance, sustained drift, the calendar, a person; each a file of its own."""

from tradewind.monitoring.retraining.triggers.calendar import CalendarSettings, CalendarTrigger
from tradewind.monitoring.retraining.triggers.drift import DriftSettings, DriftTrigger
from tradewind.monitoring.retraining.triggers.hand import HandTrigger
from tradewind.monitoring.retraining.triggers.performance import PerformanceSettings, PerformanceTrigger
from tradewind.monitoring.retraining.triggers.state import (
    PastRun,
    Request,
    Trigger,
    TriggerFired,
    TriggerState,
    WeeklyPerformance,
)

__all__ = [
    "CalendarSettings",
    "CalendarTrigger",
    "DriftSettings",
    "DriftTrigger",
    "HandTrigger",
    "PastRun",
    "PerformanceSettings",
    "PerformanceTrigger",
    "Request",
    "Trigger",
    "TriggerFired",
    "TriggerState",
    "WeeklyPerformance",
]
