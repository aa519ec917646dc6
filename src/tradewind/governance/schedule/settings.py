"""The schedule file: which reports are due when, and where they are made from."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from tradewind.core import Settings

Every = Literal["daily", "weekly", "monthly", "quarterly"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class ScheduledReport(Settings):
    """One report that is due again and again.

    Attributes
    ----------
    name : its folder and its state; letters, digits, ``-`` and ``_``.
    kind : which report.
    every : how often; ``on`` the weekday of a weekly one, ``day`` the day of a monthly or quarterly one (of the
        quarter's first month; the month's last day where it is shorter), ``at`` the time of day.
    start : days before it are not due.
    catch_up : what happens to dates that passed while nothing ran: ``latest`` makes the last of them alone, ``each``
        all of them. Without it a quarterly performance report makes each, since each has its own quarter.
    pdf : make the PDF too.
    """

    name: str
    kind: Literal["inventory", "quarterly", "compliance"]
    every: Every
    on: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    day: int = Field(default=1, ge=1, le=31)
    at: time = time(6, 0)
    start: date | None = None
    catch_up: Literal["latest", "each"] | None = None
    pdf: bool = False

    @field_validator("name", mode="after")
    @classmethod
    def _usable(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value):
            raise ValueError(f"{value!r} cannot be a folder's name: use letters, digits, '-' and '_'")
        return value

    @field_validator("at", mode="after")
    @classmethod
    def _bare(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise ValueError("the time of day has a zone; the zone of all reports is 'timezone'")
        return value

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.kind == "quarterly" and self.every != "quarterly":
            raise ValueError("the quarterly performance report is due every quarter: every = 'quarterly'")
        return self

    @property
    def makes_each(self) -> bool:
        """Whether every date that was missed is made up."""
        return (self.catch_up or ("each" if self.kind == "quarterly" else "latest")) == "each"


class ReportPlaces(Settings):
    """Where reports are made from; relative paths count from the schedule file's folder."""

    registry: str | None = None
    audit: str | None = None
    notes: Path | None = None
    incidents: Path | None = None
    policy: Path | None = None
    prices: Path | None = None
    universe: Path | None = None


class ReportSchedule(Settings):
    """The whole file. ``retry_minutes`` after a report that failed it is tried again."""

    out: Path = Path("reports")
    timezone: str = "UTC"
    retry_minutes: float = Field(default=15.0, gt=0)
    sources: ReportPlaces = ReportPlaces()
    reports: tuple[ScheduledReport, ...] = Field(min_length=1)

    @field_validator("timezone", mode="after")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write one as Europe/London") from error
        return value

    @model_validator(mode="after")
    def _one_name_each(self) -> Self:
        names = [report.name for report in self.reports]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two reports are named {twice[0]!r}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the times of day."""
        return ZoneInfo(self.timezone)
