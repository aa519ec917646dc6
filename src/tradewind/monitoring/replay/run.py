"""One replay: a world with or without an incident goes by, slice after slice, before monitor, alerts and diagnosis."""

from __future__ import annotations

import time as wall
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core.plain import finite
from tradewind.monitoring.alerts import AlertManager, AlertSettings
from tradewind.monitoring.diagnosis import Diagnosis, Evidence, diagnose
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.monitor import Monitor
from tradewind.monitoring.replay.incidents import INCIDENTS, IncidentKind, Truth
from tradewind.monitoring.replay.settings import TELLING, ReplaySettings
from tradewind.monitoring.replay.world import World
from tradewind.monitoring.slices import Slice

MakeMonitor = Callable[[World], Monitor]
NO_FAULT = "no_fault"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A time at which somebody was told: ``session`` counts from the world's first, ``kinds`` are its alerts'."""

    session: int
    kinds: tuple[str, ...]
    about: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Blame:
    """What the diagnosis put first: its kind, subject and share of belief, and whether that was right."""

    kind: str
    subject: str
    score: float
    right: bool
    right_subject: bool
    second: str


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of one replay.

    Attributes
    ----------
    seed : of the world and of the incident. ``truth`` : what was planted, None in a clean world.
    sessions : how many were scored. ``alarms`` : all, in order. ``false_alarms`` : those not of the incident's time.
    detected : session of the first alarm in the incident's time that tells of its kind, None where there was none.
    blame : what was diagnosed a few sessions after the first alarm in the incident's time, or after a later one where
        no fault was found before; None where there was no alarm to diagnose.
    findings : how many, by kind. ``seconds`` : wall time of the monitor, alerts and diagnosis.
    """

    seed: int
    truth: Truth | None
    sessions: int
    alarms: tuple[Alarm, ...]
    false_alarms: int
    detected: int | None
    blame: Blame | None
    findings: dict[str, int]
    seconds: float

    @property
    def delay(self) -> int | None:
        """Sessions from the incident's first to its detection; None where it was not detected."""
        return None if self.detected is None or self.truth is None else self.detected - self.truth.first

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        row: dict[str, Any] = finite({**asdict(self), "delay": self.delay})
        return row


def replay(
    world: World, kind: IncidentKind | None, make: MakeMonitor, settings: ReplaySettings, number: int = 0
) -> Replayed:
    """Replay ``world`` with an incident of ``kind`` (None: clean), the ``number``-th of its kind there.

    The monitor sees the judged sessions too, to know what is usual; only the sessions after them are scored. The
    diagnosis is asked as a person on call would: some sessions after the first alarm, of the sessions up to then; and
    after the next one, where it found no fault.
    """
    rng = np.random.default_rng(
        (world.settings.seed, number, 0 if kind is None else 1 + list(IncidentKind).index(kind))
    )
    starts, days = world.settings.replay_starts, world.stage.days
    stage, truth = world.stage, None
    if kind is not None:
        room = len(days) - starts
        first = starts + int(rng.integers(settings.quiet, max(room - settings.least_room, settings.quiet + 1)))
        stage, truth = INCIDENTS[kind].plant(stage, first, len(days) - first, rng)
    slices = list(world.observed(stage).slices(days[world.settings.train_days]))
    begun = wall.perf_counter()
    findings, alarms = _watch(slices, make(world), starts - world.settings.train_days, world.settings.train_days)
    alarm = None if truth is None else _first(alarms, truth, settings.after)
    inside = [one for one in alarms if truth is not None and truth.first <= one.session <= truth.last + settings.after]
    blame = None
    for one in inside:
        assert truth is not None
        blame = _blame(slices, findings, one.session - world.settings.train_days, truth, settings)
        if blame.kind != NO_FAULT:
            break
    return Replayed(
        seed=world.settings.seed,
        truth=truth,
        sessions=len(days) - starts,
        alarms=tuple(alarms),
        false_alarms=len(alarms) - len(inside),
        detected=None if alarm is None else alarm.session,
        blame=blame,
        findings=dict(Counter(one.kind for one in findings)),
        seconds=wall.perf_counter() - begun,
    )


def _watch(slices: Sequence[Slice], monitor: Monitor, skipped: int, offset: int) -> tuple[list[Finding], list[Alarm]]:
    """Return the findings of the scored slices, and when somebody was told of something new."""
    alerts = AlertManager(AlertSettings())
    findings: list[Finding] = []
    alarms: list[Alarm] = []
    for at, one in enumerate(slices):
        found = monitor.observe(one)
        if at < skipped:
            continue
        findings.extend(found)
        told = alerts.take(found, one.known_at)
        new = {i for note in told if note.reason in {"opened", "raised", "reopened"} for i in note.incidents}
        if new:
            with alerts.store.change() as state:
                members = [alert for alert in state.alerts.values() if alert.incident in new and alert.open]
            kinds = sorted({alert.kind for alert in members})
            abouts = sorted({alert.about for alert in members})[:10]
            alarms.append(Alarm(session=at + offset, kinds=tuple(kinds), about=tuple(abouts)))
    return findings, alarms


def _first(alarms: Sequence[Alarm], truth: Truth, after: int) -> Alarm | None:
    """Return the first alarm in the incident's time that tells of its kind."""
    return next(
        (
            one
            for one in alarms
            if truth.first <= one.session <= truth.last + after and TELLING[truth.kind] & set(one.kinds)
        ),
        None,
    )


def _blame(
    slices: Sequence[Slice], findings: Sequence[Finding], at: int, truth: Truth, settings: ReplaySettings
) -> Blame:
    end = min(at + settings.wait + 1, len(slices))
    begin = max(end - settings.period, settings.least_reference)
    period, reference = slices[begin:end], slices[max(begin - settings.reference, 0) : begin]
    diagnosis: Diagnosis = diagnose(Evidence(period=period, reference=reference, findings=findings))
    top, second = diagnosis.causes[0], diagnosis.causes[1]
    return Blame(
        kind=str(top.kind),
        subject=top.about,
        score=top.score,
        right=str(top.kind) == str(truth.kind),
        right_subject=_names(truth, dict(top.subject)),
        second=str(second.kind),
    )


def _names(truth: Truth, subject: dict[str, str]) -> bool:
    """Return whether ``subject`` names one of what is to blame; where nothing particular is, every subject is."""
    if not truth.subject:
        return True
    return any(
        key in subject and bool(set(value.split("|")) & set(subject[key].replace(", ", "|").split("|")))
        for key, value in truth.subject.items()
    )
