"""From triggers to one decision: what is called for, and what holds it back, so that no storm of retrainings comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from tradewind.core import Settings, Severity
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.retraining.triggers import (
    CalendarSettings,
    CalendarTrigger,
    DriftSettings,
    DriftTrigger,
    HandTrigger,
    PastRun,
    PerformanceSettings,
    PerformanceTrigger,
    Trigger,
    TriggerFired,
    TriggerState,
)

MONTH, QUARTER = timedelta(days=30), timedelta(days=91)
GRAVE = frozenset({Severity.ERROR, Severity.CRITICAL})


class PolicySettings(Settings):
    """What holds retrainings back.

    ``gap_days`` : from the beginning of one to the next. ``backoff`` : that gap grows by this factor for each
    challenger in a row that lost, to ``longest_gap_days`` at most. ``per_month``, ``per_quarter`` : most that triggers
    begin in any 30 and 91 days; those that people asked for count. ``quality_days`` : how long a grave finding about
    the data stands where nobody closes the incident. ``cooldown_days`` : after a rollback. A person's request waits for
    no gap, budget or cool-down; never while another goes on, never on bad data.
    """

    gap_days: float = Field(default=14.0, ge=0.0)
    backoff: float = Field(default=2.0, ge=1.0)
    longest_gap_days: float = Field(default=84.0, ge=0.0)
    per_month: int = Field(default=2, ge=1)
    per_quarter: int = Field(default=4, ge=1)
    quality_days: float = Field(default=3.0, ge=0.0)
    cooldown_days: float = Field(default=7.0, ge=0.0)
    performance: PerformanceSettings = PerformanceSettings()
    drift: DriftSettings = DriftSettings()
    calendar: CalendarSettings | None = CalendarSettings()


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the policy says: ``go`` where something fired and nothing holds it back; both sides in words."""

    at: datetime
    fired: tuple[TriggerFired, ...]
    held_back: tuple[str, ...]

    @property
    def go(self) -> bool:
        """Whether to retrain now."""
        return bool(self.fired) and not self.held_back

    @property
    def words(self) -> str:
        """The decision in a sentence or two."""
        if not self.fired:
            return "nothing calls for a retraining"
        why = "; ".join(f"{one.trigger}: {one.reason}" for one in self.fired)
        return f"retrain ({why})" if self.go else f"called for ({why}), held back: {'; '.join(self.held_back)}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "at": self.at.isoformat(),
            "go": self.go,
            "fired": [one.to_dict() for one in self.fired],
            "held_back": list(self.held_back),
            "words": self.words,
        }


class RetrainingPolicy:
    """Asks the triggers and weighs what they want against what was done lately."""

    def __init__(self, settings: PolicySettings | None = None, triggers: Sequence[Trigger] | None = None) -> None:
        self.settings = s = settings or PolicySettings()
        usual: list[Trigger] = [HandTrigger(), PerformanceTrigger(s.performance), DriftTrigger(s.drift)]
        if s.calendar is not None:
            usual.append(CalendarTrigger(s.calendar))
        self.triggers: tuple[Trigger, ...] = tuple(usual if triggers is None else triggers)

    def decide(self, state: TriggerState) -> Decision:
        """Return what is to be done at ``state.now``; the same state gives the same decision."""
        fired = tuple(found for trigger in self.triggers if (found := trigger.consider(state)) is not None)
        if not fired:
            return Decision(at=state.now, fired=(), held_back=())
        held = [*self._always(state)]
        if not any(one.trigger == HandTrigger.name for one in fired):
            held += self._paced(state)
        return Decision(at=state.now, fired=fired, held_back=tuple(held))

    def _always(self, state: TriggerState) -> Iterator[str]:
        """Yield what holds back even a person's request."""
        yield from (f"run {run.run} of {run.started:%Y-%m-%d} goes on" for run in state.runs if not run.finished)
        bad = open_quality_findings(state.findings, state.now, timedelta(days=self.settings.quality_days))
        if bad:
            kinds = ", ".join(sorted({one.kind for one in bad}))
            yield f"the data are in doubt ({kinds}): retraining would learn the fault; mend the data first"

    def _paced(self, state: TriggerState) -> Iterator[str]:
        s, now = self.settings, state.now
        gap = self.gap(state.runs)
        if state.last_started is not None and now - state.last_started < gap:
            yield f"the last began {(now - state.last_started).days} days ago, the gap is {gap.days} days"
        for span, most in ((MONTH, s.per_month), (QUARTER, s.per_quarter)):
            count = sum(now - run.started < span for run in state.runs)
            if count >= most:
                yield f"{count} began within {span.days} days, {most} may"
        if state.rolled_back is not None and now - state.rolled_back < timedelta(days=s.cooldown_days):
            yield f"a rollback was ordered on {state.rolled_back:%Y-%m-%d}, {s.cooldown_days:g} days are let pass"

    def gap(self, runs: Sequence[PastRun]) -> timedelta:
        """Return how long to wait after the last of ``runs``: longer for each challenger in a row that lost."""
        s, lost = self.settings, 0
        for run in reversed(runs):
            if run.won is not False:
                break
            lost += 1
        longest = max(s.gap_days, s.longest_gap_days)
        return timedelta(days=min(s.gap_days * s.backoff ** min(lost, 64), longest))


def open_quality_findings(findings: Sequence[Finding], now: datetime, standing: timedelta) -> list[Finding]:
    """Return the grave findings about the data that still stand at ``now``.

    A finding stands for ``standing`` after it was last told, unless a later one of the same subject and kind says
    ``evidence["resolved"]``.
    """
    newest: dict[str, Finding] = {}
    for one in findings:
        if one.area is Area.DATA_QUALITY and one.known_at <= now:
            newest[one.fingerprint] = one
    return [
        one
        for one in newest.values()
        if one.severity in GRAVE and not one.evidence.get("resolved") and now - one.known_at <= standing
    ]
