"""What the on-call view shows: a monitor that watched a simulated market, in which four things went wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tradewind.core import NoProgress, Progress
from tradewind.core.clock import FixedClock
from tradewind.core.files import write_text
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore, Courier, Notification
from tradewind.monitoring.composition import MonitorSettings, make_monitor, references_of
from tradewind.monitoring.drift import DriftSettings
from tradewind.monitoring.jobs import JobScheduler, JobStore
from tradewind.monitoring.journal import Action, Journal
from tradewind.monitoring.references import References
from tradewind.monitoring.replay import World
from tradewind.monitoring.running import Around, DriftJob, JobsSettings, jobs_of
from tradewind.web.demo.watched_world import recent_world, with_incidents
from tradewind.web.workspace import Workspace

SETTINGS = MonitorSettings(drift=DriftSettings(threads=1))


def furnish(workspace: Workspace, progress: Progress | None = None) -> None:
    """Fill journal, references, alerts, reports of drift and runs of jobs; done already where the journal is there.

    Raises
    ------
    OutputError : a file cannot be written.
    """
    if workspace.journal.is_dir():
        return
    told = progress or NoProgress()
    world = recent_world(told)
    watched(world, workspace, told)


class _Nobody:
    """Takes what people would have been told: nobody is on call for a simulated market."""

    def send(self, notification: Notification, now: datetime) -> None:
        """Take it."""


def watched(world: World, workspace: Workspace, progress: Progress) -> None:
    """Let a monitor watch ``world`` with its incidents, and keep what it would have kept."""
    stage, truths = with_incidents(world)
    progress.update("references of the monitor", 0, 1)
    about = {"model": "champion/2", "market": "simulated"}
    references = references_of(world.reference, world.train, world.outcomes, SETTINGS, about=about)
    references.save(workspace.references)
    monitor, journal = make_monitor(references, SETTINGS), Journal(workspace.journal)
    settings, store = AlertSettings(), AlertStore(workspace.alerts)
    manager = AlertManager(settings, store)
    days = world.stage.days
    slices = list(world.observed(stage).slices(days[world.settings.train_days]))
    replay = days[world.settings.replay_starts]
    for step, one in enumerate(slices):
        progress.update("sessions that are watched", step, len(slices))
        found = monitor.observe(one)
        told = found if one.time >= replay else ()
        journal.write(one, told)
        if one.time >= replay:
            manager.take(told, one.known_at)
    now = datetime.now(UTC)
    manager.take((), now)
    Courier(store.outbox, {"log": _Nobody()}).deliver("log", now, most=10_000)
    for truth in truths:
        at = slices[truth.first - world.settings.train_days].known_at
        journal.act(Action(kind="planted", at=at, details={"words": f"The demo planted this: {truth.words}."}))
    _jobs(workspace, journal, progress)


def _jobs(workspace: Workspace, journal: Journal, progress: Progress) -> None:
    """Let the drift job run for the last Monday, as a scheduler would have."""
    folder = workspace.journal.parent
    write_text(
        folder / "monitor.toml",
        f'[jobs]\nstore = "{folder / "jobs.db"}"\n\n[jobs.drift]\nout = "{workspace.drift}"\n\n'
        '[jobs.drift.when]\nevery = "weekly"\non = "monday"\n',
    )
    reference = References.load(workspace.references).drift
    store = JobStore(folder / "jobs.db")
    now = datetime.now(UTC)
    try:
        progress.update("report of drift", 0, 1)
        when = DriftJob.model_validate({"out": workspace.drift, "when": {"every": "weekly", "on": "monday"}})
        # a scheduler that begins plans from its first look on: one look a week ago, one now
        for at in (now - timedelta(days=7), now):
            clock = FixedClock(at)
            jobs = jobs_of(JobsSettings(drift=when), Around(journal=journal, drift=reference, clock=clock))
            JobScheduler(store, jobs, clock=clock).tick()
        progress.update("report of drift", 1, 1)
    finally:
        store.close()
