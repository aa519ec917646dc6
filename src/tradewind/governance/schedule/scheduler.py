"""Makes reports when they are due, once each, however many schedulers there are and however often they restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from tradewind.core import InputError, OutputError, TradewindError
from tradewind.core.clock import Clock, SystemClock
from tradewind.governance.schedule.due import due, next_due
from tradewind.governance.schedule.settings import ReportSchedule, ScheduledReport
from tradewind.governance.schedule.state import ReportState

STATE = ".schedule"
CLOCK_STEP = timedelta(days=1)
"""A clock that is set back by less makes nothing wrong: what was made stays made, and the next run is near."""
LONGEST_WAIT = 60.0
"""Seconds between two looks at the clock: it may be set, and the machine may sleep."""

MakeReport = Callable[[ScheduledReport, datetime, Path], tuple[Path, ...]]
"""Makes a report that was due at a moment (UTC) into a folder, and returns its files."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What became of one report at one look at the clock.

    Attributes
    ----------
    outcome : ``made``; ``failed`` (tried again later); ``waiting`` (not due, or the time to try again has not come);
        ``busy`` (another scheduler is at it).
    due : moment of the run; of ``waiting`` the next one.
    """

    name: str
    outcome: Literal["made", "failed", "waiting", "busy"]
    due: str
    files: tuple[str, ...] = ()
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)


class Scheduler:
    """Keeps a schedule. ``make`` does the work; ``clock`` says what time it is.

    A report that cannot be made, for whatever reason, is told as failed and never stops the others. A run holds the
    report's lock from the look at its state until the state says that it is made, so two schedulers on one folder
    never make one twice. The lock is the system's: it falls with a process that dies, and the run that was cut is made
    again under the same names.
    """

    def __init__(self, schedule: ReportSchedule, make: MakeReport, *, clock: Clock | None = None) -> None:
        self.schedule, self._make, self._clock = schedule, make, clock or SystemClock()

    def tick(self) -> list[Tick]:
        """Make every report that is due, and say what became of each."""
        return [one for report in self.schedule.reports for one in self._tick(report)]

    def run(self, wait: Callable[[float], bool], tell: Callable[[Tick], None]) -> None:
        """Tick until ``wait(seconds)`` returns False; ``tell`` hears of every run."""
        while True:
            found = self.tick()
            for one in found:
                if one.outcome in {"made", "failed"}:
                    tell(one)
            if not wait(self._pause(found)):
                return

    def _pause(self, found: list[Tick]) -> float:
        now = self._clock.now()
        ahead = [(datetime.fromisoformat(one.due) - now).total_seconds() for one in found if one.outcome == "waiting"]
        return min(max(min(ahead, default=LONGEST_WAIT), 1.0), LONGEST_WAIT)

    def _tick(self, report: ScheduledReport) -> list[Tick]:
        folder = self.schedule.out / STATE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / f"{report.name}.lock", timeout=0):
                return self._locked(report, folder / f"{report.name}.json")
        except Timeout:
            return [Tick(name=report.name, outcome="busy", due=self._clock.now().isoformat())]
        except TradewindError as error:  # of its state: the other reports go on
            return [Tick(name=report.name, outcome="failed", due=self._clock.now().isoformat(), error=str(error))]
        except OSError as error:
            raise OutputError(
                f"cannot be used ({error.strerror or error})",
                file=folder,
                fix="give a folder you may write to as 'out'",
            ) from error

    def _locked(self, report: ScheduledReport, path: Path) -> list[Tick]:
        now, zone = self._clock.now(), self.schedule.zone
        state = ReportState.read(path)
        if state is None:
            begin = now if report.start is None else datetime.combine(report.start, report.at.min, tzinfo=zone)
            state = ReportState(since=min(begin - timedelta(microseconds=1), now))
            state.write(path)
        if state.since > now + CLOCK_STEP:
            raise InputError(
                f"says that all was made up to {state.since:%Y-%m-%d %H:%M} UTC, which is yet to come: the clock was "
                "wrong then, or is wrong now",
                file=path,
                fix="set the clock right; if it was wrong then, remove this file, and the schedule begins anew",
            )
        waiting = due(report, zone, state.since, now)
        if not waiting:
            return [self._later(report, next_due(report, zone, max(state.since, now)))]
        again = self._again(state, waiting[0] if report.makes_each else waiting[-1])
        if again is not None and again > now:
            return [self._later(report, again)]
        if not report.makes_each and len(waiting) > 1:
            state, waiting = state.skipped(waiting[:-1]), waiting[-1:]
        done = []
        for moment in waiting:
            state, tick = self._one(report, moment, state)
            state.write(path)
            done.append(tick)
            if tick.outcome == "failed":
                break
        return done

    def _again(self, state: ReportState, moment: datetime) -> datetime | None:
        """Return when the run of ``moment`` may be tried again, None where it did not fail."""
        if state.failed is None or state.failed["due"] != moment.isoformat():
            return None
        return datetime.fromisoformat(state.failed["tried"]) + timedelta(minutes=self.schedule.retry_minutes)

    def _one(self, report: ScheduledReport, moment: datetime, state: ReportState) -> tuple[ReportState, Tick]:
        day = moment.astimezone(self.schedule.zone).date()
        shown = moment.isoformat()
        try:
            files = self._make(report, moment, self.schedule.out / report.name / day.isoformat())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept, told and tried again
            words = str(error) if isinstance(error, TradewindError) else f"{type(error).__name__}: {error}"
            told = Tick(name=report.name, outcome="failed", due=shown, error=words)
            return state.unfinished(moment, self._clock.now(), words), told
        told = Tick(name=report.name, outcome="made", due=shown, files=tuple(map(str, files)))
        return state.finished(moment, self._clock.now(), files), told

    @staticmethod
    def _later(report: ScheduledReport, moment: datetime) -> Tick:
        return Tick(name=report.name, outcome="waiting", due=moment.isoformat())
