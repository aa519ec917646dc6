"""From a schedule file to the reports that are due by it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tradewind.core.clock import SystemClock
from tradewind.governance.files import read_toml
from tradewind.governance.reports.gathering import QuarterRequest, Sources, compliance_of, inventory_of, quarterly_of
from tradewind.governance.reports.quarter import Quarter
from tradewind.governance.schedule import ReportSchedule, ScheduledReport, Scheduler


def read_schedule(config: Path) -> ReportSchedule:
    """Return the schedule in ``config``; its relative paths are taken from the folder of the file.

    Raises
    ------
    InputError : the file is absent or is no schedule.
    """
    schedule = read_toml(config, ReportSchedule, what="a schedule of reports")
    home = config.absolute().parent
    places = schedule.sources
    paths: dict[str, str | Path] = {
        name: home / value for name, value in places.model_dump().items() if isinstance(value, Path)
    }
    for name in ("registry", "audit"):
        value = getattr(places, name)
        if value and "://" not in value and value != "off":
            paths[name] = str(home / value)
    return schedule.model_copy(update={"out": home / schedule.out, "sources": places.model_copy(update=paths)})


def scheduler_of(schedule: ReportSchedule) -> Scheduler:
    """Return the scheduler that makes the reports of ``schedule`` when they are due."""
    return Scheduler(schedule, lambda report, due, folder: _make(schedule, report, due, folder))


def _make(schedule: ReportSchedule, report: ScheduledReport, due: datetime, folder: Path) -> tuple[Path, ...]:
    sources, at = Sources(**schedule.sources.model_dump()), SystemClock().now()
    if report.kind == "quarterly":
        quarter = Quarter.of(due.astimezone(schedule.zone).date()).previous
        made = quarterly_of(sources, QuarterRequest(quarter=quarter), at)
    else:
        made = (inventory_of if report.kind == "inventory" else compliance_of)(sources, at)
    return made.write(folder, pdf=report.pdf)
