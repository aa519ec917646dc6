"""Operations over jobs and retraining."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request

from tradewind.core.clock import SystemClock
from tradewind.monitoring.journal import Action, Journal
from tradewind.monitoring.slices import Slice
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.views.oncall.jobs_shapes import (
    DueJob,
    JournalAction,
    OncallJobRun,
    OncallJobs,
    OncallRetraining,
    OncallRetrainings,
    RetrainingBudget,
    RetrainingDecision,
    RetrainingStep,
    SettleJob,
)
from tradewind.web.views.oncall.places import (
    jobs_of,
    monitor_file,
    retraining_settings,
    retrainings_of,
    written_down,
)

if TYPE_CHECKING:
    from tradewind.monitoring.jobs.store import JobRun
    from tradewind.monitoring.retraining import RetrainingRun, RunStore
    from tradewind.monitoring.retraining.policy import PolicySettings

router = APIRouter()
FINDINGS = timedelta(days=120)
WAITING = ("abandoned", "failed")


@router.get("/jobs")
def oncall_jobs(place: Place, limit: Annotated[int, Query(ge=1, le=2000)] = 200) -> OncallJobs:
    """Runs of jobs, the newest first, and what is due."""
    store, now = jobs_of(place), SystemClock().now()
    try:
        runs, waiting = store.runs(limit=limit), len(store.runs(states=WAITING))
    finally:
        store.close()
    settings = monitor_file(place).jobs
    named = [("drift", settings.drift), ("retrain", settings.retrain)]
    due = [
        DueJob(job=name, every=one.when.every, next_due=one.when.next_due(now).isoformat())
        for name, one in named
        if one is not None
    ]
    return OncallJobs(
        runs=[_run(one) for one in runs], waiting=waiting, due=due, settings=str(place.journal.parent / "monitor.toml")
    )


@router.post("/jobs/settle")
def settle_job(request: Request, place: Place, user: CurrentUser, body: SettleJob) -> OncallJobRun:
    """Decide on a run that was abandoned or failed."""
    store, now = jobs_of(place), SystemClock().now()
    try:
        store.settle(body.job, body.key, user.name, now, again=body.again)
        after = next(one for one in store.runs(body.job) if one.key == body.key)
    finally:
        store.close()
    written_down(place, "job", {"act": "settle", "by": user.name, **body.model_dump()})
    request.app.state.live.tell("jobs", {"job": body.job})
    return _run(after)


@router.get("/retrainings")
def oncall_retrainings(place: Place) -> OncallRetrainings:
    """Retrainings of every model, what the policy lets begin, and what was done lately."""
    store, now = retrainings_of(place), SystemClock().now()
    policy = retraining_settings(place).policy
    names = sorted({path.parent.parent.name for path in store.root.glob("*/*/run.json")})
    runs = [run for name in names for run in store.runs(name)]
    runs.sort(key=lambda run: run.started, reverse=True)
    journal = Journal(place.journal) if place.journal.is_dir() else None
    actions = list(journal.actions()) if journal else []
    newest = _newest(journal) if journal else None
    watched = newest.champion.partition("/")[0] if newest is not None and newest.champion else None
    known = sorted({*names, watched}) if watched else names
    return OncallRetrainings(
        runs=[_retraining(run) for run in runs],
        budgets=[_budget(store, name, policy, now) for name in known],
        decision=_decision(store, journal, newest, policy, actions) if journal and newest is not None else None,
        actions=[
            JournalAction(kind=one.kind, at=one.at.isoformat(), words=_words(one.details))
            for one in reversed(actions[-100:])
        ],
    )


def _newest(journal: Journal) -> Slice | None:
    last = journal.last()
    return None if last is None else next(iter(journal.slices(last, last)), None)


def _decision(
    store: RunStore, journal: Journal, newest: Slice, policy: PolicySettings, actions: Sequence[Action]
) -> RetrainingDecision:
    """Return what the policy says when the newest slice was closed, of drift, the calendar and the data."""
    from tradewind.monitoring.retraining import RetrainingPolicy, TriggerState

    now = newest.known_at
    name = newest.champion.partition("/")[0] if newest.champion else ""
    orders = [one.at for one in actions if one.kind == "rollback"]
    state = TriggerState(
        now=now,
        findings=tuple(journal.findings(now - FINDINGS)),
        features=len(newest.names),
        runs=store.past(name, now) if name else (),
        rolled_back=orders[-1] if orders else None,
    )
    made = RetrainingPolicy(policy).decide(state)
    return RetrainingDecision(
        at=made.at.isoformat(),
        go=made.go,
        fired=[f"{one.trigger}: {one.reason}" for one in made.fired],
        held_back=list(made.held_back),
    )


def _run(one: JobRun) -> OncallJobRun:
    ended = one.ended_at or None
    took = (ended - one.started_at).total_seconds() if ended and one.started_at else None
    return OncallJobRun(
        job=one.job,
        key=one.key,
        state=one.state,
        due_at=one.due_at.isoformat(),
        started_at=one.started_at.isoformat() if one.started_at else None,
        ended_at=ended.isoformat() if ended else None,
        seconds=took,
        attempts=one.attempts,
        result=_words(one.result),
        error=one.error,
    )


def _retraining(run: RetrainingRun) -> OncallRetraining:
    return OncallRetraining(
        id=run.id,
        model=run.model,
        champion=run.champion,
        version=run.version,
        started=run.started,
        stand=str(run.stand).replace("_", " "),
        finished=run.finished,
        won=run.won,
        fired=[f"{one.trigger}: {one.reason}" for one in run.fired],
        steps=[
            RetrainingStep(stand=str(step.stand).replace("_", " "), at=step.at, by=step.by, words=step.words)
            for step in run.steps
        ],
    )


def _budget(store: RunStore, name: str, policy: PolicySettings, now: datetime) -> RetrainingBudget:
    from tradewind.monitoring.retraining import RetrainingPolicy
    from tradewind.monitoring.retraining.policy import MONTH, QUARTER

    past = store.past(name, now)
    gap = RetrainingPolicy(policy).gap(past)
    going = store.open_run(name, now)
    ends = [past[-1].started + gap] if past else []
    for span, most in ((MONTH, policy.per_month), (QUARTER, policy.per_quarter)):
        inside = [one.started for one in past if now - one.started < span]
        if len(inside) >= most:
            ends.append(inside[-most] + span)
    earliest = max(ends, default=now)
    return RetrainingBudget(
        model=name,
        month_used=sum(now - one.started < MONTH for one in past),
        month_most=policy.per_month,
        quarter_used=sum(now - one.started < QUARTER for one in past),
        quarter_most=policy.per_quarter,
        gap_days=gap / timedelta(days=1),
        earliest=earliest.astimezone(UTC).isoformat() if earliest > now else None,
        open_run=going.id if going else None,
    )


def _words(details: Mapping[str, Any]) -> str:
    if "words" in details:
        return str(details["words"])
    return ", ".join(
        f"{key} {value if isinstance(value, str) else json.dumps(value)}" for key, value in details.items()
    )
