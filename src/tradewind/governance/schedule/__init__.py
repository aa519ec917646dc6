"""Reports that are made when they are due."""

from tradewind.governance.schedule.due import due, next_due
from tradewind.governance.schedule.scheduler import MakeReport, Scheduler, Tick
from tradewind.governance.schedule.settings import ReportPlaces, ReportSchedule, ScheduledReport
from tradewind.governance.schedule.state import ReportState

__all__ = [
    "MakeReport",
    "ReportPlaces",
    "ReportSchedule",
    "ReportState",
    "ScheduledReport",
    "Scheduler",
    "Tick",
    "due",
    "next_due",
]
