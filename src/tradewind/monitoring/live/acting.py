"""What a running monitor does by itself: it takes a promotion back where the champion fails, and tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tradewind.core import Severity, TradewindError
from tradewind.core.clock import Clock, SystemClock
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.journal import Action, Journal
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.retraining.rollback import Rollback, RollbackGuard
from tradewind.monitoring.slices import Slice

ORDER, REMARK, FAILED = "rollback", "rollback_remark", "rollback_failed"


@dataclass(frozen=True, kw_only=True)
class Done:
    """What was done with a slice: ``actions`` for the journal, ``findings`` for people."""

    actions: Sequence[Action] = ()
    findings: Sequence[Finding] = ()


class Duty(Protocol):
    """Acts on a slice and what was found in it."""

    def act(self, one: Slice, found: Sequence[Finding]) -> Done:
        """Return what was done."""
        ...


class RollbackDuty:
    """Shows fresh slices to the guard of a promotion, and tells of its orders and remarks.

    A slice whose bars closed more than ``fresh`` ago is passed over: the versions of the past are not the champion of
    today, and an order on their account would take back the wrong one. A remark that was kept already is not repeated,
    over restarts too. Where the registry cannot be read or refuses, people are told, and the monitor goes on.
    """

    def __init__(self, guard: RollbackGuard, journal: Journal, *, fresh: timedelta, clock: Clock | None = None) -> None:
        self._guard, self._fresh, self._clock = guard, fresh, clock or SystemClock()
        remarks = [one for one in journal.actions() if one.kind in {ORDER, REMARK, FAILED}]
        self._said = str(remarks[-1].details.get("words", "")) if remarks else ""

    def act(self, one: Slice, found: Sequence[Finding]) -> Done:
        """Return the order or the remark of the guard, once."""
        now = self._clock.now()
        if now - one.known_at > self._fresh:
            return Done()
        try:
            made = self._guard.observe(one, found)
        except TradewindError as error:
            return self._told(FAILED, f"the guard of the promotion cannot act: {error}", one)
        if made is not None:
            return self._ordered(made, one)
        return self._told(REMARK, self._guard.remark, one) if self._guard.remark else Done()

    def _ordered(self, made: Rollback, one: Slice) -> Done:
        self._said = made.reason
        action = Action(kind=ORDER, at=self._clock.now(), details={**made.to_dict(), "words": made.reason})
        version = f"{made.model}/{made.version}"
        words = f"{made.reason}; version {made.target} is served instead, until a person resumes"
        return Done(actions=(action,), findings=(_finding("rolled_back", Severity.CRITICAL, words, one, version),))

    def _told(self, kind: str, words: str, one: Slice) -> Done:
        severity = Severity.ERROR if kind == FAILED else Severity.WARNING
        findings = (_finding(kind, severity, words, one, ""),)
        if words == self._said:
            return Done(findings=findings if kind == FAILED else ())
        self._said = words
        return Done(actions=(Action(kind=kind, at=self._clock.now(), details={"words": words}),), findings=findings)


def _finding(kind: str, severity: Severity, words: str, one: Slice, version: str) -> Finding:
    return Finding(
        kind=kind,
        area=Area.VERSION,
        severity=severity,
        message=words,
        time=bar_time(one),
        known_at=one.known_at,
        subject={"version": version} if version else {},
    )
