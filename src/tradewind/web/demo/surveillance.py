"""Cases to look around in: a simulated market with every scheme planted in it, what was found, and people at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tradewind.core import Progress
from tradewind.core.clock import SystemClock
from tradewind.governance.audit import AuditLog, KeyRing, place_of
from tradewind.registry.people import Person
from tradewind.registry.place import files_folder, registry_place
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.cases import Case, CaseStore, Outcome
from tradewind.surveillance.events import write_events
from tradewind.surveillance.learning import bundled_model
from tradewind.surveillance.live.demo import demo_market
from tradewind.surveillance.live.run import RunPlan, run
from tradewind.surveillance.live.sources import EventFiles
from tradewind.surveillance.pipeline import SurveillanceSettings
from tradewind.surveillance.truth import Planted
from tradewind.web.demo.compliance import people_of
from tradewind.web.views.surveillance.recorded import recorded
from tradewind.web.workspace import Workspace

SEED = 2_024
EVENTS = 150_000
STRICTNESS = -1.5
"""Bars lower than usual, so that the queue holds doubtful cases too."""


def furnish(workspace: Workspace, progress: Progress) -> None:
    """Fill the workspace with recorded events, cases, and people with keys; what is there already is left alone.

    Cases are opened and worked on as of the last two days, by people whose keys lie in the workspace.
    """
    if workspace.cases.exists():
        return
    progress.update("surveillance", 0, 4)  # the market
    market = demo_market(SEED, EVENTS)
    path = write_events(market.events, workspace.events / "market.parquet")
    progress.update("surveillance", 1, 4)  # what is found in it
    plan = RunPlan(
        files=EventFiles.of(path),
        model=bundled_model(),
        sessions=market.sessions,
        settings=SurveillanceSettings(strictness=STRICTNESS),
        truth=market.truth,
    )
    result = run(plan, workspace.home / "surveillance" / "run")
    progress.update("surveillance", 2, 4)  # cases, and people at work
    people = people_of(workspace)
    _work(workspace, people, result.alerts, market.truth)
    progress.update("surveillance", 3, 4)  # the events, laid out for the replay
    recorded(workspace.events, workspace.home / "cache" / "surveillance")
    progress.update("surveillance", 4, 4)


@dataclass
class _Moving:
    """A clock that is set forward by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def _work(workspace: Workspace, people: dict[str, Person], alerts: Sequence[Alert], truth: Sequence[Planted]) -> None:
    """Let alerts arrive over two days, and people take, propose, confirm and send back as they do."""
    now = SystemClock().now().astimezone(UTC)
    clock = _Moving(now - timedelta(hours=46))
    registry = files_folder(registry_place(workspace.registry)) / "people.toml"
    place = place_of(workspace.audit)
    log = None if place is None else AuditLog.open(place, key=KeyRing.of_environment())
    try:
        with CaseStore(workspace.cases, people=registry, log=log, clock=clock) as store:
            ordered = sorted(alerts, key=lambda alert: alert.known_at)
            waves = [ordered[: len(ordered) // 2], ordered[len(ordered) // 2 : -2], ordered[-2:]]
            for wave, hours in zip(waves, (46.0, 7.0, 0.15), strict=True):
                clock.at = now - timedelta(hours=hours)
                opened = store.ingest(wave, "demo").opened
                if hours > 40:
                    _settle(store, clock, people, [store.get(case) for case in opened], truth)
                elif hours > 1:
                    _begin(store, clock, people, [store.get(case) for case in opened])
    finally:
        if log is not None:
            log.close()


def _settle(
    store: CaseStore, clock: _Moving, people: dict[str, Person], cases: Sequence[Case], truth: Sequence[Planted]
) -> None:
    """Close most cases of the first day, one after a decision was sent back; leave one proposed."""
    analysts = [people["surveillance"], people["second-analyst"]]
    supervisor = people["admin"]
    for number, case in enumerate(cases):
        analyst = analysts[number % 2]
        clock.at += timedelta(minutes=6 + 9 * number)
        store.take(case.id, analyst)
        if number == 1:
            store.note(case.id, "Asked the desk for the orders of that day and the algorithm's log.", analyst)
        clock.at += timedelta(minutes=40 + 25 * number)
        true = _planted(store, case, truth)
        outcome = Outcome.ESCALATED if true else Outcome.FALSE_ALARM
        reason = (
            "The orders were taken back each time the other side had traded; no lawful reason was given."
            if true
            else "Both sides were quoted throughout; the orders were taken back as the price moved, as a maker does."
        )
        store.propose(case.id, outcome, analyst, reason)
        if number == len(cases) - 1 and len(cases) > 1:
            continue
        clock.at += timedelta(minutes=30)
        if number == 0:
            store.reject(case.id, supervisor, "Which cycles show it? Name two with their times.")
            clock.at += timedelta(minutes=35)
            store.propose(case.id, outcome, analyst, f"{reason} See the first and the last cycle of the chain.")
            clock.at += timedelta(minutes=20)
        store.confirm(case.id, supervisor, "Agreed.")


def _begin(store: CaseStore, clock: _Moving, people: dict[str, Person], cases: Sequence[Case]) -> None:
    """Take up one case of the second day and assign another; the rest waits."""
    if cases:
        clock.at += timedelta(minutes=12)
        store.take(cases[0].id, people["surveillance"])
        store.note(cases[0].id, "Same account as in an earlier case? Check the related ones.", people["surveillance"])
    if len(cases) > 1:
        store.assign(cases[1].id, "second-analyst", people["admin"])


def _planted(store: CaseStore, case: Case, truth: Sequence[Planted]) -> bool:
    """Return whether an episode was planted where the case says."""
    return any(
        set(one.accounts) & set(alert.accounts)
        and one.symbol == alert.symbol
        and one.start <= alert.end
        and alert.start <= one.end
        for alert in store.alerts(case.id)
        for one in truth
    )
