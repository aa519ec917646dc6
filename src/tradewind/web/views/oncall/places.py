"""Where the monitor and the jobs keep what the on-call view shows, and how what people do is written down."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.governance.audit import AuditLog, KeyRing, place_of
from tradewind.monitoring.alerts import AlertStore
from tradewind.monitoring.journal import Journal
from tradewind.web.problems import absent
from tradewind.web.workspace import Workspace

if TYPE_CHECKING:
    from tradewind.monitoring.jobs import JobStore
    from tradewind.monitoring.retraining import RetrainingSettings, RunStore
    from tradewind.monitoring.running import MonitorFile

MONITOR = "tradewind monitor run --log .tradewind/serving/log --deployment .tradewind/serving/deployment.json"


def monitor_file(place: Workspace) -> MonitorFile:
    """Return the settings of the monitor: ``monitor.toml`` beside its journal, else the defaults."""
    from tradewind.monitoring.running import MonitorFile

    path = place.journal.parent / "monitor.toml"
    return MonitorFile.from_toml(path) if path.exists() else MonitorFile()


def retraining_settings(place: Workspace) -> RetrainingSettings:
    """Return the settings of retraining: ``retraining.toml`` in the home, else the defaults."""
    from tradewind.monitoring.retraining import RetrainingSettings

    path = place.home / "retraining.toml"
    return RetrainingSettings.from_toml(path) if path.exists() else RetrainingSettings()


def journal_of(place: Workspace) -> Journal:
    """Return the monitor's journal.

    Raises
    ------
    Problem : there is none (404).
    """
    if not place.journal.is_dir():
        raise absent("journal of a monitor", f"{place.journal} is missing.", f"{MONITOR} --journal {place.journal}")
    return Journal(place.journal)


def alerts_of(place: Workspace) -> AlertStore:
    """Return the store of alerts.

    Raises
    ------
    Problem : there is none (404).
    """
    if not place.alerts.exists():
        raise absent("store of alerts", f"{place.alerts} is missing.", f"{MONITOR} --store {place.alerts}")
    return AlertStore(place.alerts, create=False)


def jobs_file(place: Workspace) -> Path:
    """Return the file of jobs: ``jobs.db`` beside the journal."""
    return place.journal.parent / "jobs.db"


def jobs_of(place: Workspace) -> JobStore:
    """Return the store of jobs.

    Raises
    ------
    Problem : there is none (404).
    """
    from tradewind.monitoring.jobs import JobStore

    path = jobs_file(place)
    if not path.exists():
        raise absent("store of jobs", f"{path} is missing.", f"{MONITOR} --settings monitor.toml, with a table [jobs]")
    return JobStore(path)


def retrainings_of(place: Workspace) -> RunStore:
    """Return the runs of retraining; an empty store where there are none."""
    from tradewind.monitoring.retraining import RunStore

    return RunStore(place.home / "retraining")


def written_down(place: Workspace, kind: str, body: Mapping[str, Any]) -> None:
    """Tell the audit log of what a person did, unless ``TRADEWIND_AUDIT`` turns it off.

    Raises
    ------
    OutputError : it could not be written.
    """
    where = None if os.environ.get("TRADEWIND_AUDIT", "").lower() == "off" else place_of(place.audit)
    if where is not None:
        with AuditLog.open(where, key=KeyRing.of_environment()) as log:
            log.append(kind, body)


def number(value: float | None) -> float | None:
    """Return ``value`` as JSON can hold it: None where it is no finite number."""
    return None if value is None or not math.isfinite(value) else float(value)
