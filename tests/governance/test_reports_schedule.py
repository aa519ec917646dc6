"""The schedule: each report is made once for each date, never twice and never missed, whatever restarts."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import InputError
from tradewind.governance.files import read_toml
from tradewind.governance.schedule import ReportSchedule, ReportState, ScheduledReport, Scheduler, due, next_due

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    at: datetime = BEGAN

    def now(self) -> datetime:
        return self.at


@dataclass
class Maker:
    """Makes reports by writing down which; fails while told to."""

    clock: Hands
    made: list[tuple[str, datetime]] = field(default_factory=list)
    broken: bool = False

    def __call__(self, report: ScheduledReport, moment: datetime, folder: Path) -> tuple[Path, ...]:
        if self.broken:
            raise InputError("no prices")
        self.made.append((report.name, moment))
        return (folder / "report.html",)


def schedule(folder: Path, *reports: dict[str, object], zone: str = "UTC", retry: float = 15) -> ReportSchedule:
    return ReportSchedule.model_validate(
        {"out": folder, "timezone": zone, "retry_minutes": retry, "reports": list(reports)}
    )


reports = st.builds(
    ScheduledReport,
    name=st.just("one"),
    kind=st.just("inventory"),
    every=st.sampled_from(["daily", "weekly", "monthly", "quarterly"]),
    on=st.sampled_from(["monday", "wednesday", "sunday"]),
    day=st.integers(1, 31),
    at=st.times(),
    start=st.none() | st.dates(date(2025, 6, 1), date(2026, 9, 1)),
    catch_up=st.sampled_from([None, "latest", "each"]),
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


def by_hand(report: ScheduledReport, zone: ZoneInfo, after: datetime, now: datetime) -> list[datetime]:
    """Return the due moments day by day, in the simplest way."""
    found = []
    day = after.astimezone(zone).date() - timedelta(days=2)
    while day <= now.astimezone(zone).date() + timedelta(days=1):
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        wanted = {
            "daily": True,
            "weekly": day.strftime("%A").lower() == report.on,
            "monthly": day.day == min(report.day, last.day),
            "quarterly": day.month in {1, 4, 7, 10} and day.day == min(report.day, last.day),
        }[report.every]
        moment = datetime.combine(day, report.at, tzinfo=zone).astimezone(UTC)
        if wanted and after < moment <= now and (report.start is None or day >= report.start):
            found.append(moment)
        day += timedelta(days=1)
    return found


@pytest.mark.slow
@given(reports, st.sampled_from(ZONES), moments, st.integers(0, 500))
@settings(max_examples=80)
def test_due_moments_equal_a_count_by_hand(report: ScheduledReport, zone: str, after: datetime, days: int):
    now = after + timedelta(days=days)
    found = due(report, ZoneInfo(zone), after, now)
    assert found == by_hand(report, ZoneInfo(zone), after, now)
    assert found == sorted(set(found))
    following = next_due(report, ZoneInfo(zone), now)
    assert following > now
    assert due(report, ZoneInfo(zone), now, following) == [following]


@given(reports, st.sampled_from(ZONES), st.lists(st.integers(1, 60 * 24 * 50), min_size=1, max_size=20), st.data())
@settings(max_examples=30, deadline=None)
def test_never_twice_and_never_missed(tmp_path_factory, report: ScheduledReport, zone: str, steps: list[int], data):
    folder = tmp_path_factory.mktemp("out")
    clock = Hands()
    make = Maker(clock)
    plan = ReportSchedule(out=folder, timezone=zone, reports=(report,))
    scheduler = Scheduler(plan, make, clock=clock)
    scheduler.tick()
    first = len(make.made)  # a start in the past is made up at once
    for minutes in steps:
        before, clock.at = clock.at, clock.at + timedelta(minutes=minutes)
        if data.draw(st.booleans()):
            scheduler = Scheduler(plan, make, clock=clock)  # a restart forgets nothing
        known = len(make.made)
        scheduler.tick()
        scheduler.tick()
        expected = due(report, ZoneInfo(zone), before, clock.at)
        if not report.makes_each:
            expected = expected[-1:]
        assert [moment for _, moment in make.made[known:]] == expected
    assert max(Counter(make.made).values(), default=1) == 1
    state = ReportState.read(folder / ".schedule" / "one.json")
    assert state is not None
    begin = datetime.combine(report.start, time.min, ZoneInfo(zone)) if report.start and first else BEGAN
    settled = {datetime.fromisoformat(run["due"]) for run in state.made} | set(
        map(datetime.fromisoformat, state.passed_over)
    )
    assert settled == set(due(report, ZoneInfo(zone), min(begin, BEGAN) - timedelta(microseconds=1), clock.at))


def test_a_run_that_was_missed_is_made_up_once(tmp_path: Path):
    clock = Hands()
    make = Maker(clock)
    plan = schedule(
        tmp_path,
        {"name": "weekly", "kind": "inventory", "every": "weekly", "at": "06:00"},
        {"name": "quarters", "kind": "quarterly", "every": "quarterly", "day": 5},
    )
    Scheduler(plan, make, clock=clock).tick()
    assert make.made == [("weekly", datetime(2026, 1, 1, 6, tzinfo=UTC))][:0]
    clock.at = datetime(2026, 8, 1, tzinfo=UTC)  # nothing ran for seven months
    ticks = Scheduler(plan, make, clock=clock).tick()
    assert [name for name, _ in make.made] == ["weekly", "quarters", "quarters", "quarters"]
    assert make.made[0][1] == datetime(2026, 7, 27, 6, tzinfo=UTC)
    assert [moment.month for name, moment in make.made if name == "quarters"] == [1, 4, 7]
    assert {tick.outcome for tick in ticks} == {"made"}
    assert {tick.outcome for tick in Scheduler(plan, make, clock=clock).tick()} == {"waiting"}
    passed = ReportState.read(tmp_path / ".schedule" / "weekly.json")
    assert passed is not None
    assert len(passed.passed_over) == 29


def test_two_schedulers_make_one_report(tmp_path: Path):
    clock = Hands()
    plan = schedule(tmp_path, {"name": "day", "kind": "inventory", "every": "daily"})
    gate, made = threading.Barrier(8), []

    def make(report: ScheduledReport, moment: datetime, folder: Path) -> tuple[Path, ...]:
        made.append(moment)
        threading.Event().wait(0.05)
        return ()

    Scheduler(plan, make, clock=clock).tick()
    clock.at += timedelta(days=1)
    outcomes: list[str] = []

    def run() -> None:
        scheduler = Scheduler(plan, make, clock=clock)
        gate.wait()
        outcomes.extend(tick.outcome for tick in scheduler.tick())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert Counter(outcomes)["made"] == 1
    assert set(outcomes) <= {"made", "busy", "waiting"}


def test_a_lock_held_elsewhere_is_left_alone(tmp_path: Path):
    plan = schedule(tmp_path, {"name": "day", "kind": "inventory", "every": "daily"})
    (tmp_path / ".schedule").mkdir()
    with FileLock(tmp_path / ".schedule" / "day.lock"):
        assert [tick.outcome for tick in Scheduler(plan, Maker(Hands()), clock=Hands()).tick()] == ["busy"]


def test_a_failed_run_is_tried_again_after_a_while_and_then_counts_once(tmp_path: Path):
    clock = Hands()
    make = Maker(clock, broken=True)
    plan = schedule(tmp_path, {"name": "day", "kind": "inventory", "every": "daily", "at": "06:00"}, retry=30)
    scheduler = Scheduler(plan, make, clock=clock)
    scheduler.tick()
    clock.at += timedelta(hours=7)
    failed = scheduler.tick()[0]
    assert (failed.outcome, failed.error) == ("failed", "no prices.")
    assert scheduler.tick()[0].outcome == "waiting"
    make.broken = False
    clock.at += timedelta(minutes=29)
    assert Scheduler(plan, make, clock=clock).tick()[0].outcome == "waiting"
    clock.at += timedelta(minutes=1)
    assert scheduler.tick()[0].outcome == "made"
    assert scheduler.tick()[0].outcome == "waiting"
    assert make.made == [("day", datetime(2026, 1, 1, 6, tzinfo=UTC))]
    state = json.loads((tmp_path / ".schedule" / "day.json").read_text())
    assert state["failed"] is None
    assert state["made"][0]["files"] == [str(tmp_path / "day" / "2026-01-01" / "report.html")]


def test_a_run_that_was_cut_is_made_again(tmp_path: Path):
    clock = Hands()
    plan = schedule(tmp_path, {"name": "day", "kind": "inventory", "every": "daily", "at": "06:00"})
    make = Maker(clock)
    Scheduler(plan, make, clock=clock).tick()
    clock.at += timedelta(days=1)

    def cut(*_: object) -> tuple[Path, ...]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Scheduler(plan, cut, clock=clock).tick()
    assert [tick.outcome for tick in Scheduler(plan, make, clock=clock).tick()] == ["made"]


def test_a_clock_set_back_makes_nothing_twice(tmp_path: Path):
    clock = Hands()
    make = Maker(clock)
    plan = schedule(tmp_path, {"name": "day", "kind": "inventory", "every": "daily", "at": "06:00"})
    scheduler = Scheduler(plan, make, clock=clock)
    scheduler.tick()
    for hours in (7, 2, 26, 8, 31):
        clock.at = BEGAN + timedelta(hours=hours)
        scheduler.tick()
    assert make.made == [("day", datetime(2026, 1, day, 6, tzinfo=UTC)) for day in (1, 2)]


def test_the_loop_tells_waits_and_ends(tmp_path: Path):
    clock = Hands()
    make = Maker(clock)
    plan = schedule(tmp_path, {"name": "day", "kind": "inventory", "every": "daily", "at": "00:02"})
    told, waits = [], []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        clock.at += timedelta(seconds=seconds)
        return clock.at < BEGAN + timedelta(minutes=5)

    Scheduler(plan, make, clock=clock).run(wait, told.append)
    assert [tick.outcome for tick in told] == ["made"]
    assert make.made[0][1] == BEGAN + timedelta(minutes=2)
    assert max(waits) <= 60


def test_days_and_times_that_a_zone_lacks(tmp_path: Path):
    london = ZoneInfo("Europe/London")
    night = ScheduledReport(name="n", kind="inventory", every="daily", at=time(1, 30))
    spring = due(night, london, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert [moment.isoformat() for moment in spring] == ["2026-03-29T01:30:00+00:00", "2026-03-30T00:30:00+00:00"]
    autumn = due(night, london, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert [moment.isoformat() for moment in autumn] == ["2026-10-25T00:30:00+00:00"]
    end = ScheduledReport(name="n", kind="inventory", every="monthly", day=31)
    found = due(end, ZoneInfo("UTC"), datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    assert [(moment.month, moment.day) for moment in found] == [(2, 28), (3, 31), (4, 30)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reports = []", "reports"),
        ('[[reports]]\nname = "a"\nkind = "weather"\nevery = "daily"', r"reports.1.kind"),
        ('[[reports]]\nname = "a"\nkind = "inventory"\nevery = "yearly"', r"reports.1.every"),
        ('[[reports]]\nname = "../x"\nkind = "inventory"\nevery = "daily"', "cannot be a folder"),
        ('[[reports]]\nname = "a"\nkind = "quarterly"\nevery = "daily"', "every quarter"),
        ('[[reports]]\nname = "a"\nkind = "inventory"\nevery = "daily"\nat = "25:00"', r"reports.1.at"),
        ('[[reports]]\nname = "a"\nkind = "inventory"\nevery = "monthly"\nday = 32', r"reports.1.day"),
        ('timezone = "Mars/Base"\n[[reports]]\nname = "a"\nkind = "inventory"\nevery = "daily"', "no time zone"),
        ('colour = "red"\n[[reports]]\nname = "a"\nkind = "inventory"\nevery = "daily"', "colour"),
        ('[[reports]]\nname = "a"\nkind = "inventory"\nevery = "daily"\n' * 2, "two reports are named 'a'"),
    ],
)
def test_bad_schedules_are_refused(tmp_path: Path, text: str, words: str):
    path = tmp_path / "reports.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_toml(path, ReportSchedule, what="a schedule")


def test_a_damaged_state_is_named_and_stops_no_other_report(tmp_path: Path):
    clock = Hands()
    make = Maker(clock)
    every = {"kind": "inventory", "every": "daily", "at": "06:00"}
    plan = schedule(tmp_path, {"name": "bad", **every}, {"name": "good", **every})
    Scheduler(plan, make, clock=clock).tick()
    (tmp_path / ".schedule" / "bad.json").write_text("{}")
    clock.at += timedelta(hours=7)
    bad, good = Scheduler(plan, make, clock=clock).tick()
    assert (bad.outcome, good.outcome) == ("failed", "made")
    assert re.search(r"bad\.json: is no state of a report", bad.error)


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), PermissionError(13, "denied"), ValueError("x")])
def test_an_error_of_any_kind_is_kept_told_and_stops_no_other_report(tmp_path: Path, error: Exception):
    clock, made = Hands(), []
    every = {"kind": "inventory", "every": "daily", "at": "06:00"}
    plan = schedule(tmp_path, {"name": "bad", **every}, {"name": "good", **every})

    def make(report: ScheduledReport, moment: datetime, folder: Path) -> tuple[Path, ...]:
        if report.name == "bad":
            raise error
        made.append(moment)
        return ()

    Scheduler(plan, make, clock=clock).tick()
    clock.at += timedelta(hours=7)
    bad, good = Scheduler(plan, make, clock=clock).tick()
    assert (bad.outcome, good.outcome, len(made)) == ("failed", "made", 1)
    assert bad.error.startswith(type(error).__name__)
    state = ReportState.read(tmp_path / ".schedule" / "bad.json")
    assert state is not None
    assert state.failed is not None
    assert state.failed["error"] == bad.error


def test_a_clock_that_was_far_ahead_is_told_of(tmp_path: Path):
    clock = Hands()
    make = Maker(clock)
    plan = schedule(tmp_path, {"name": "day", "kind": "inventory", "every": "daily", "at": "06:00"})
    scheduler = Scheduler(plan, make, clock=clock)
    scheduler.tick()
    clock.at = BEGAN + timedelta(days=3650)
    assert scheduler.tick()[0].outcome == "made"
    clock.at = BEGAN + timedelta(days=2)
    found = scheduler.tick()[0]
    assert found.outcome == "failed"
    assert "clock" in found.error
    assert "day.json" in found.error


def test_a_day_that_a_zone_skips_is_not_due_twice():
    daily = ScheduledReport(name="n", kind="inventory", every="daily", at=time(6))
    apia = ZoneInfo("Pacific/Apia")  # went from the 29th to the 31st of December 2011
    found = due(daily, apia, datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 2, tzinfo=UTC))
    assert len(found) == len(set(found))
    assert [moment.astimezone(apia).day for moment in found] == [28, 29, 31, 1, 2]


def test_a_leap_day_is_a_month_end():
    end = ScheduledReport(name="n", kind="inventory", every="monthly", day=31)
    found = due(end, ZoneInfo("UTC"), datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC))
    assert [moment.day for moment in found] == [29]
