"""A job: what is to be done, when it is due, and what may be done when it goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from tradewind.core import Settings, TradewindError
from tradewind.governance.schedule import ScheduledReport, due, next_due


class Recurrence(Settings):
    """When a job is due by itself; the moments are those of scheduled reports.

    Attributes
    ----------
    every, on, day, at, start : as of :class:`~tradewind.governance.schedule.ScheduledReport`.
    timezone : zone of ``at``.
    """

    every: Literal["daily", "weekly", "monthly", "quarterly"]
    on: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    day: int = Field(default=1, ge=1, le=31)
    at: time = time(6, 0)
    start: date | None = None
    timezone: str = "UTC"

    @field_validator("timezone", mode="after")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write one as Europe/London") from error
        return value

    def due(self, after: datetime, now: datetime) -> list[datetime]:
        """Return the moments (UTC) after ``after`` and not after ``now``, in order."""
        return due(self._dates(), ZoneInfo(self.timezone), after, now)

    def next_due(self, after: datetime) -> datetime:
        """Return the first moment (UTC) after ``after``."""
        return next_due(self._dates(), ZoneInfo(self.timezone), after)

    def _dates(self) -> ScheduledReport:
        return ScheduledReport(
            name="job", kind="inventory", every=self.every, on=self.on, day=self.day, at=self.at, start=self.start
        )


class JobRules(Settings):
    """How runs of a job are made.

    Attributes
    ----------
    repeatable : whether a run that was cut, by a crash or its time limit, may be made again. One that may not is left
        ``abandoned`` for a person.
    catch_up : of several runs that wait, ``latest`` makes the newest and skips the others; ``each`` makes all.
    attempts : tries at one run that fails with an error, with pauses from ``first_pause`` seconds on, doubled each time
        up to ``longest_pause``.
    timeout : seconds that a try may take.
    minimum_gap : seconds between the starts of two runs, however many are triggered.
    lease : seconds without a sign of life after which a run counts as cut.
    alone : whether no two runs of the job are made at once.
    """

    repeatable: bool = False
    catch_up: Literal["latest", "each"] = "latest"
    attempts: int = Field(default=3, ge=1)
    first_pause: float = Field(default=60.0, ge=0)
    longest_pause: float = Field(default=3600.0, ge=0)
    timeout: float = Field(default=6 * 3600.0, gt=0)
    minimum_gap: float = Field(default=0.0, ge=0)
    lease: float = Field(default=60.0, gt=0)
    alone: bool = True

    def pause(self, attempts: int) -> float:
        """Return the seconds before the next try after ``attempts`` tries that failed."""
        return min(self.first_pause * 2.0 ** min(attempts - 1, 30), self.longest_pause)


class CancelledError(TradewindError):
    """The run is no longer ours: it took too long, was taken over, or the scheduler ends."""


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """What a run is told.

    Attributes
    ----------
    job, key : which run: the moment it was due, or ``trigger:ID``. The same key is never made twice to its end.
    due_at : when it was due or triggered (UTC). ``attempt`` : 1 for the first try.
    fence : grows with every claim of the run; what the run writes elsewhere can refuse a lower one than it has seen.
    payload : what the trigger gave.
    """

    job: str
    key: str
    due_at: datetime
    attempt: int
    fence: int
    payload: Mapping[str, Any] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def check(self) -> None:
        """CancelledError where the run must end: call it between steps, above all before one that has effects."""
        if self.stop.is_set():
            raise CancelledError(f"run {self.key} of {self.job} must end")


Work = Callable[[RunContext], Mapping[str, Any] | None]
"""Does the work of one run and returns what the history keeps of it, JSON-ready."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A named piece of work; without ``when`` it runs only when it is triggered."""

    name: str
    work: Work
    when: Recurrence | None = None
    rules: JobRules = field(default_factory=JobRules)
