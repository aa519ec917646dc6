"""The contract of the scheduler, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tradewind.core import InputError, UsageError
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.jobs import (
    Job,
    JobRules,
    JobScheduler,
    JobStore,
    Recurrence,
    RunContext,
    command,
    job_findings,
)

MONDAY = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
NIGHTLY = Recurrence(every="daily", at=time(6, 0))


@dataclass
class Hand:
    """A clock that is set by hand, and a monotonic one beside it."""

    at: datetime = MONDAY
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def go(self, **gone: float) -> None:
        self.at += timedelta(**gone)
        self.seconds += timedelta(**gone).total_seconds()


@pytest.fixture
def hand() -> Hand:
    return Hand()


@contextmanager
def opened(place: str) -> Iterator[JobStore]:
    store = JobStore(place)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def store(job_place: str) -> Iterator[JobStore]:
    with opened(job_place) as one:
        yield one


def scheduler(store: JobStore, hand: Hand, *jobs: Job) -> JobScheduler:
    return JobScheduler(store, jobs, clock=hand, monotonic=hand.monotonic)


class Made:
    """Work that remembers the keys it was given."""

    def __init__(self, fails: int = 0) -> None:
        self.keys: list[str] = []
        self.fails = fails

    def __call__(self, context: RunContext) -> dict[str, str]:
        self.keys.append(context.key)
        if len(self.keys) <= self.fails:
            raise ValueError("not yet")
        return {"made": context.key}


@pytest.mark.slow
def test_a_job_is_made_once_at_each_moment_by_two_schedulers(store: JobStore, hand: Hand) -> None:
    made = Made()
    pair = [scheduler(store, hand, Job(name="drift", work=made, when=NIGHTLY)) for _ in range(2)]
    for _ in range(5 * 12):
        for one in pair:
            one.tick()
        hand.go(hours=2)
    assert made.keys == [f"2026-03-0{day}T06:00:00+00:00" for day in (2, 3, 4, 5, 6)]
    assert [run.state for run in store.runs("drift")] == ["done"] * 5
    assert store.runs("drift")[0].result == {"made": made.keys[-1]}


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "count"), [("latest", 1), ("each", 4)])
def test_what_was_missed_is_caught_up_by_rule(store: JobStore, hand: Hand, rule: str, count: int) -> None:
    made = Made()
    rules = JobRules.model_validate({"catch_up": rule})
    scheduler(store, hand, Job(name="drift", work=made, when=NIGHTLY, rules=rules)).tick()
    hand.go(days=4)
    scheduler(store, hand, Job(name="drift", work=made, when=NIGHTLY, rules=rules)).tick()  # after a restart
    assert len(made.keys) == count
    assert made.keys[-1] == "2026-03-05T06:00:00+00:00"
    assert sum(run.state == "skipped" for run in store.runs("drift")) == 4 - count


def test_the_clock_set_back_makes_nothing_twice(store: JobStore, hand: Hand) -> None:
    made = Made()
    one = scheduler(store, hand, Job(name="drift", work=made, when=NIGHTLY))
    one.tick()
    hand.go(hours=3)
    one.tick()
    hand.at -= timedelta(hours=6)
    for _ in range(8):
        hand.go(hours=1)
        one.tick()
        scheduler(store, hand, Job(name="drift", work=made, when=NIGHTLY)).tick()
    assert made.keys == ["2026-03-02T06:00:00+00:00"]


def test_a_clock_that_was_far_ahead_is_told(store: JobStore, hand: Hand) -> None:
    job = Job(name="drift", work=Made(), when=NIGHTLY)
    hand.at += timedelta(days=400)
    scheduler(store, hand, job).tick()
    hand.at -= timedelta(days=400)
    ticks = scheduler(store, hand, job).tick()
    assert [tick.outcome for tick in ticks] == ["refused"]
    assert "the clock was wrong" in ticks[0].error


def test_a_trigger_asks_once(store: JobStore, hand: Hand) -> None:
    made = Made()
    one = scheduler(store, hand, Job(name="retrain", work=made))
    assert one.trigger("retrain", "drift-2026-03", {"why": "psi"})
    assert not one.trigger("retrain", "drift-2026-03")
    one.tick()
    assert not one.trigger("retrain", "drift-2026-03")
    one.tick()
    assert made.keys == ["trigger:drift-2026-03"]
    with pytest.raises(UsageError, match="no job 'none'"):
        one.trigger("none", "x")


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["latest", "each"])
def test_triggers_make_no_storm(store: JobStore, hand: Hand, rule: str) -> None:
    made = Made()
    rules = JobRules.model_validate({"minimum_gap": 6 * 3600, "catch_up": rule})
    one = scheduler(store, hand, Job(name="retrain", work=made, rules=rules))
    starts = []
    for n in range(24 * 6):  # an oscillating drift asks every ten minutes for a day
        one.trigger("retrain", str(n))
        starts += [hand.at] * len(one.tick())
        hand.go(minutes=10)
    assert len(starts) == len(made.keys) == 4
    assert min(b - a for a, b in pairwise(starts)) >= timedelta(hours=6)


def test_a_failure_is_tried_again_with_growing_pauses_up_to_a_limit(store: JobStore, hand: Hand) -> None:
    rules = JobRules(attempts=3, first_pause=600, longest_pause=3600)
    made = Made(fails=2)
    one = scheduler(store, hand, Job(name="retrain", work=made, rules=rules))
    one.trigger("retrain", "a")
    outcomes = []
    for _ in range(8):
        outcomes.append([tick.outcome for tick in one.tick()])
        hand.go(minutes=5)
    assert outcomes == [["retry"], [], ["retry"], [], [], [], ["done"], []]
    hopeless = scheduler(store, hand, Job(name="retrain", work=Made(fails=99), rules=rules))
    hopeless.trigger("retrain", "b")
    told = []
    for _ in range(30):
        told += hopeless.tick()
        hand.go(minutes=5)
    assert [tick.outcome for tick in told] == ["retry", "retry", "failed"]
    assert told[-1].error == "ValueError: not yet"
    found = job_findings(told, hand.at)
    assert [finding.kind for finding in found] == ["job_failed"]
    assert Finding.from_dict(found[0].to_dict()).subject == {"source": "retrain"}


def test_a_pause_does_not_outlast_a_clock_that_was_ahead(store: JobStore, hand: Hand) -> None:
    one = scheduler(store, hand, Job(name="retrain", work=Made(fails=1), rules=JobRules(first_pause=60)))
    hand.at += timedelta(days=900)
    one.trigger("retrain", "a")
    one.tick()
    hand.at -= timedelta(days=900)
    assert [tick.outcome for tick in one.tick()] == ["done"]


def test_a_try_that_takes_too_long_is_ended(store: JobStore) -> None:
    def slow(context: RunContext) -> None:
        assert context.stop.wait(20)
        context.check()

    for repeatable, outcome in ((True, "retry"), (False, "abandoned")):
        rules = JobRules(timeout=0.1, lease=0.2, repeatable=repeatable)
        one = JobScheduler(store, [Job(name=f"slow-{outcome}", work=slow, rules=rules)])
        one.trigger(f"slow-{outcome}", "a")
        ticks = one.tick()
        assert [tick.outcome for tick in ticks] == [outcome]
        assert ticks[0].error == "took longer than 0.1 s, or its scheduler ended"
    assert job_findings(ticks, MONDAY)[0].kind == "job_abandoned"


def test_only_the_silence_of_an_owner_ends_its_claim(store: JobStore, hand: Hand) -> None:
    """Clocks that are set do not; a claim that was taken over cannot be ended by the owner before."""
    from tradewind.monitoring.jobs.claim import Observer, claim

    job = Job(name="retrain", work=Made(), rules=JobRules(lease=60, repeatable=True))
    dead = scheduler(store, hand, job)
    dead.trigger("retrain", "a")
    first = claim(store, job, "dead", hand.at)
    assert first is not None
    observer = Observer(store)
    assert observer.look("retrain", "me", 0.0, hand.at) == []
    assert observer.look("retrain", "me", 59.0, hand.at + timedelta(days=300)) == []
    assert store.beat(first)
    assert observer.look("retrain", "me", 61.0, hand.at) == []
    assert observer.look("retrain", "me", 120.0, hand.at) == []
    assert [run.state for run in observer.look("retrain", "me", 121.5, hand.at)] == ["waiting"]
    second = claim(store, job, "me", hand.at)
    assert second is not None
    assert (second.fence, second.attempts) == (2, 2)
    assert not store.beat(first)
    assert not store.end(first, hand.at, {"state": "done"})
    assert store.end(second, hand.at, {"state": "done"})


def test_a_run_that_may_not_be_repeated_waits_for_a_person(store: JobStore, hand: Hand) -> None:
    from tradewind.monitoring.jobs.claim import claim

    made = Made()
    job = Job(name="promote", work=made, rules=JobRules(lease=60))
    one = scheduler(store, hand, job)
    one.trigger("promote", "a")
    claim(store, job, "dead", hand.at)
    one.tick()
    hand.go(seconds=61)
    assert [tick.outcome for tick in one.tick()] == ["abandoned"]
    assert one.tick() == []
    with pytest.raises(InputError, match="no run 'trigger:b'"):
        store.settle("promote", "trigger:b", "olga", hand.at, again=True)
    store.settle("promote", "trigger:a", "olga", hand.at, again=True)
    assert [tick.outcome for tick in one.tick()] == ["done"]
    assert made.keys == ["trigger:a"]


def test_an_owner_that_lost_its_run_learns_it(store: JobStore) -> None:
    """A run that was taken over while it was made is not reported as done by the first."""
    begun = threading.Event()

    def work(context: RunContext) -> None:
        begun.set()
        assert context.stop.wait(20), "nobody told the work that its run was lost"

    one = JobScheduler(store, [Job(name="slow", work=work, rules=JobRules(lease=0.2))])
    one.trigger("slow", "a")
    ticks: list[str] = []
    thread = threading.Thread(target=lambda: ticks.extend(tick.outcome for tick in one.tick()))
    thread.start()
    assert begun.wait(10)
    run = store.runs("slow", ("running",))[0]
    assert store.end(run, MONDAY, {"state": "abandoned"})
    thread.join(20)
    assert ticks == ["lost"]


def test_a_job_that_cannot_run_stops_no_other(store: JobStore, hand: Hand) -> None:
    made = Made()
    one = scheduler(store, hand, Job(name="bad", work=Made(fails=9), when=NIGHTLY), Job(name="good", work=made))
    one.tick()
    hand.go(hours=2)
    one.trigger("good", "x")
    assert [(tick.job, tick.outcome) for tick in one.tick()] == [("bad", "retry"), ("good", "done")]


def test_a_job_that_takes_long_holds_up_no_other(store: JobStore) -> None:
    """And it is told to end when the scheduler does."""
    begun, made, told = threading.Event(), threading.Event(), list[tuple[str, str]]()

    def slow(context: RunContext) -> None:
        begun.set()
        assert context.stop.wait(30)
        context.check()

    jobs = [
        Job(name="slow", work=slow, rules=JobRules(lease=1.0, repeatable=True)),
        Job(name="fast", work=lambda _: made.set(), rules=JobRules(lease=0.3)),
    ]
    one = JobScheduler(store, jobs)
    one.trigger("slow", "a")

    def wait(_: float) -> bool:
        assert begun.wait(20)
        one.trigger("fast", "a")
        assert made.wait(20), "the slow job holds up the fast one"
        return False

    one.run(wait, lambda tick: told.append((tick.job, tick.outcome)))
    assert sorted(told) == [("fast", "done"), ("slow", "retry")]


def test_a_store_that_fails_is_told_and_used_again(tmp_path: Path, hand: Hand) -> None:
    place = tmp_path / "jobs.db"
    with opened(str(place)) as store:
        one = scheduler(store, hand, Job(name="a", work=Made()))
        one.trigger("a", "x")
        with sqlite3.connect(place) as other:
            other.execute("ALTER TABLE job_runs RENAME TO away")
        other.close()
        assert [tick.outcome for tick in one.tick()] == ["refused"]
        with sqlite3.connect(place) as other:
            other.execute("ALTER TABLE away RENAME TO job_runs")
        other.close()
        assert [tick.outcome for tick in one.tick()] == ["done"]


def test_an_end_that_the_store_did_not_take_is_written_later(tmp_path: Path, hand: Hand) -> None:
    place, made = tmp_path / "jobs.db", Made()

    def work(context: RunContext) -> dict[str, str]:
        if not made.keys:
            with sqlite3.connect(place) as other:
                other.execute("ALTER TABLE job_runs RENAME TO away")
            other.close()
        return made(context)

    with opened(str(place)) as store:
        one = scheduler(store, hand, Job(name="a", work=work))
        one.trigger("a", "x")
        assert [tick.outcome for tick in one.tick()] == ["refused"]
        with sqlite3.connect(place) as other:
            other.execute("ALTER TABLE away RENAME TO job_runs")
        other.close()
        one.trigger("a", "y")
        assert [(tick.key, tick.outcome) for tick in one.tick()] == [("trigger:x", "done"), ("trigger:y", "done")]
        assert made.keys == ["trigger:x", "trigger:y"]


def test_what_work_returns_or_says_never_stops_its_job(store: JobStore, hand: Hand) -> None:
    loop: dict[str, object] = {}
    loop["loop"] = loop

    def work(context: RunContext) -> dict[str, object]:
        if context.key == "trigger:words":
            raise ValueError("no file a\udcff\0")
        if context.key == "trigger:exit":
            raise SystemExit(3)
        return loop

    one = scheduler(store, hand, Job(name="a", work=work, rules=JobRules(attempts=1)))
    told = []
    for name in ("loop", "words", "exit"):
        one.trigger("a", name)
        told += [(tick.outcome, tick.error) for tick in one.tick()]
    assert told == [
        ("done", ""),
        ("failed", "ValueError: no file a? "),
        ("failed", "SystemExit: 3"),
    ]
    assert "no JSON" in str(store.runs("a", ("done",))[0].result)


def test_a_program_is_work(store: JobStore, hand: Hand) -> None:
    one = scheduler(
        store,
        hand,
        Job(name="says", work=command(["sh", "-c", "echo $TRADEWIND_JOB_KEY; test $TRADEWIND_JOB_FENCE = 1"])),
        Job(name="fails", work=command(["sh", "-c", "echo no disk; exit 3"]), rules=JobRules(attempts=1)),
    )
    one.trigger("says", "a")
    one.trigger("fails", "a")
    done, failed = one.tick()
    assert (done.outcome, done.result) == ("done", {"output": "trigger:a\n"})
    assert (failed.outcome, failed.error) == ("failed", "sh ended with 3: no disk")


def test_history_is_kept_and_forgotten_on_request(store: JobStore, hand: Hand) -> None:
    one = scheduler(store, hand, Job(name="a", work=Made()), Job(name="b", work=Made()))
    for n in range(3):
        one.trigger("a", str(n))
        one.trigger("b", str(n))
        one.tick()
        hand.go(days=1)
    assert [run.key for run in store.runs("a", limit=2)] == ["trigger:2", "trigger:1"]
    assert len(store.runs(states=("done",))) == 6
    assert store.runs("a")[0].to_dict()["started_at"] == "2026-03-04T05:00:00+00:00"
    assert store.forget(MONDAY + timedelta(hours=36)) == 4
    assert len(store.runs()) == 2


def test_places_that_cannot_be_used_are_named_without_secrets() -> None:
    with pytest.raises(UsageError, match="jobs cannot be kept at mysql://"):
        JobStore("mysql://u:hidden@h/db")
    with pytest.raises(InputError) as caught:
        JobStore("postgresql://u:hidden@127.0.0.1:1/db")
    assert "hidden" not in str(caught.value)
