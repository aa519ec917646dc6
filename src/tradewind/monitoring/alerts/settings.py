"""How alerts are kept, and who is told what, how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from tradewind.core import Settings, Severity
from tradewind.monitoring.alerts.places import EmailSettings, LogSettings, WebhookSettings
from tradewind.monitoring.alerts.rules import GROUPING, INHIBITION, GroupingRule, InhibitionRule
from tradewind.monitoring.finding import Area

GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}
"""Rank of each severity; the graver, the higher."""
REPEAT_HOURS = {Severity.INFO: 168.0, Severity.WARNING: 72.0, Severity.ERROR: 24.0, Severity.CRITICAL: 4.0}


class Receiver(Settings):
    """Somebody who is told.

    Attributes
    ----------
    name : unique; what steps of the chain refer to.
    channel : ``webhook``, ``email`` or ``log``; the table of that name says how.
    least : incidents below this severity are not told here.
    areas : pages of the play-book that are told here; empty: all.
    per_hour : most notifications in any 60 minutes, summaries among them; at least 3. A quarter (at least one) is kept
        for what is critical and one for the summary of what was held back.
    resolved : whether the end of an incident is told too.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    channel: Literal["webhook", "email", "log"] = "log"
    least: Severity = Severity.WARNING
    areas: tuple[Area, ...] = ()
    per_hour: int = Field(default=20, ge=3)
    resolved: bool = True
    webhook: WebhookSettings | None = None
    email: EmailSettings | None = None
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _told_how(self) -> Self:
        if self.channel != "log" and getattr(self, self.channel) is None:
            raise ValueError(f"receiver {self.name!r} is told by {self.channel}: add a table '{self.channel}' to it")
        return self


class Step(Settings):
    """One step of the escalation: ``receivers`` are told when nobody acknowledged ``after_minutes`` after the first.

    ``least``: incidents below this severity do not come so far.
    """

    after_minutes: float = Field(default=0.0, ge=0)
    receivers: tuple[str, ...] = Field(min_length=1)
    least: Severity = Severity.INFO


class AlertSettings(Settings):
    """Everything that decides what is told.

    Attributes
    ----------
    receivers, chain : who is told; the first step of the chain at once, the next when nobody acknowledged.
    grouping : the first rule that matches decides. ``inhibition`` : all count.
    resolve_after_hours : an alert not seen for so long is resolved; the default outlasts a long weekend of daily bars.
    resolve_after_hours_of : the same for a kind or an area, where it differs: drift is looked at every few sessions.
    flap_hours : an alert seen again so soon after it was resolved is the same one; each time it then takes twice as
        long to be resolved, up to ``flap_longest`` times.
    repeat_hours : an incident that is open and not acknowledged is told again so often, by severity.
    summary_after_minutes : what the limit held back is gathered so long before its summary.
    longest_silence_days : no silence lasts longer.
    clock_tolerance_minutes : findings known further ahead than this are refused: they would be from the future.
    kept_days : resolved alerts and incidents are forgotten after so long.
    """

    receivers: tuple[Receiver, ...] = (Receiver(name="log"),)
    chain: tuple[Step, ...] = (Step(receivers=("log",)),)
    grouping: tuple[GroupingRule, ...] = GROUPING
    inhibition: tuple[InhibitionRule, ...] = INHIBITION
    resolve_after_hours: float = Field(default=96.0, gt=0)
    resolve_after_hours_of: dict[str, float] = Field(default_factory=lambda: {"drift": 264.0})
    flap_hours: float = Field(default=240.0, ge=0)
    flap_longest: int = Field(default=8, ge=1)
    repeat_hours: dict[Severity, float] = Field(default_factory=lambda: dict(REPEAT_HOURS))
    summary_after_minutes: float = Field(default=5.0, ge=0)
    longest_silence_days: float = Field(default=14.0, gt=0)
    clock_tolerance_minutes: float = Field(default=5.0, ge=0)
    kept_days: float = Field(default=90.0, gt=0)

    @field_validator("repeat_hours", mode="after")
    @classmethod
    def _every_severity(cls, value: dict[Severity, float]) -> dict[Severity, float]:
        absent = [severity.value for severity in Severity if severity not in value]
        if absent or min(value.values()) <= 0:
            raise ValueError(f"needs hours above 0 for every severity; {', '.join(absent) or 'one'} is missing or not")
        return value

    @model_validator(mode="after")
    def _chain_known(self) -> Self:
        names = [receiver.name for receiver in self.receivers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two receivers are named {twice[0]!r}")
        if not self.chain:
            raise ValueError("the chain needs a first step")
        strange = sorted({name for step in self.chain for name in step.receivers} - set(names))
        if strange:
            raise ValueError(f"the chain names {strange[0]!r}, who is no receiver; there are {', '.join(names)}")
        delays = [step.after_minutes for step in self.chain]
        if delays[0] != 0 or delays != sorted(delays):
            raise ValueError("the first step is at 0 minutes, and each later one no sooner than the one before")
        if not self.grouping or self.grouping[-1].match:
            raise ValueError("the last grouping rule must match every alert: leave its 'match' empty")
        return self

    def resolve_after(self, kind: str, area: Area, flaps: int) -> timedelta:
        """Return how long an alert that came back ``flaps`` times must not be seen to be resolved."""
        hours = self.resolve_after_hours_of.get(kind, self.resolve_after_hours_of.get(area, self.resolve_after_hours))
        return timedelta(hours=hours * min(2**flaps, self.flap_longest))

    def receiver(self, name: str) -> Receiver:
        """Return the receiver named ``name``; KeyError where there is none."""
        for receiver in self.receivers:
            if receiver.name == name:
                return receiver
        raise KeyError(name)
