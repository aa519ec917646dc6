"""What the monitoring commands share: settings of the watchers, references of a model, kinds of incident by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.core import UsageError

if TYPE_CHECKING:
    from tradewind.monitoring.composition import MonitorSettings
    from tradewind.monitoring.replay import IncidentKind
    from tradewind.monitoring.replay.run import MakeMonitor


def monitor_settings(path: Path | None) -> MonitorSettings:
    """Return the settings of every watcher from the file of `tradewind monitor`; the defaults where there is none."""
    from tradewind.monitoring.running import MonitorFile

    return (MonitorFile() if path is None else MonitorFile.from_toml(path)).watchers


def world_monitor(settings: MonitorSettings) -> MakeMonitor:
    """Return what makes the monitor of a simulated world's champion."""
    from tradewind.monitoring.composition import make_monitor, references_of
    from tradewind.monitoring.monitor import Monitor
    from tradewind.monitoring.replay import World

    def make(world: World) -> Monitor:
        references = references_of(world.reference, world.train, world.outcomes, settings)
        return make_monitor(references, settings)

    return make


def incident(text: str) -> IncidentKind:
    """Return the kind of incident named ``text``; UsageError lists those there are."""
    from tradewind.monitoring.replay import IncidentKind

    try:
        return IncidentKind(text)
    except ValueError:
        known = ", ".join(IncidentKind)
        raise UsageError(f"there is no incident {text!r}", field="--kind", fix=f"choose among {known}") from None
