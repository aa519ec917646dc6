"""The guard of a promotion: watches what is served, and orders the previous champion back, once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tradewind.core import InputError, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.files import read_json, write_json_file
from tradewind.core.plain import finite
from tradewind.evaluation.significance import wilson_interval
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.retraining.rollback.detector import Detector, GuardReference, Level
from tradewind.monitoring.retraining.rollback.hits import Hits
from tradewind.monitoring.retraining.rollback.settings import GuardSettings
from tradewind.monitoring.slices import ServiceSample, Slice
from tradewind.registry import ModelRegistry, Person

LONGEST = 500
"""Characters of a reason."""


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """An order that was given: of which version, to which, when (UTC, ISO), why, and how long it took in seconds."""

    model: str
    version: int
    target: str
    at: str
    cause: str
    reason: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """What is guarded: ``name`` in the registry, the ``operator`` who signs, and the file of the guard's state."""

    name: str
    operator: Person
    state: Path


def _nobody(_: str, __: Mapping[str, Any]) -> None:
    """Tell nobody."""


class RollbackGuard:
    """Takes a promotion back where the champion fails: see :class:`GuardSettings` for when.

    ``reference`` : what is expected; None takes it from the trial in the champion's record. ``tell`` : told
    ("rollback", facts) after an order, which the registry has told its own audit log of before it counted.

    The order is the registry's fallback to the previous champion, signed by the operator. It is given once: not while
    a fallback is in force, whoever ordered it, and not within the cool-down. The guard never resumes: a person does.
    Its state is on the disk, so a restart forgets neither the order nor the test nor what waits for its label. A slice
    tells of nothing later.
    """

    def __init__(
        self,
        registry: ModelRegistry,
        guarded: Guarded,
        settings: GuardSettings | None = None,
        *,
        reference: GuardReference | None = None,
        clock: Clock | None = None,
        tell: Callable[[str, Mapping[str, Any]], None] = _nobody,
    ) -> None:
        self.settings = settings or GuardSettings()
        self._registry, self._guarded = registry, guarded
        self._given, self._clock, self._tell = reference, clock or SystemClock(), tell
        self._version = 0
        self._detector: Detector | None = None
        self._level: Level | None = None
        self._hits = Hits("", self.settings.memory_days)
        self._ordered: datetime | None = None
        self.remark = ""
        """Why nothing is ordered although something is wrong, or why accuracy is not watched; empty otherwise."""
        self._restore()

    def observe(self, one: Slice, findings: Sequence[Finding] = ()) -> Rollback | None:
        """Take in a slice and what watchers found in it; return the order where one was given.

        Raises
        ------
        UsageError, InputError : the registry cannot be read, or refuses the order.
        """
        began = time.perf_counter()
        self.remark = ""
        if not self._follow(one):
            return None
        self._judge(one)
        found = self._trouble(one, findings)
        made = None if found is None else self._order(*found, began)
        self._write()
        return made

    def state(self) -> Mapping[str, Any]:
        """Return where the guard stands, JSON-ready."""
        told = {} if self._detector is None or self._level is None else {
            "accuracy": float(self._detector.recent(self._level)),
            "expected": self._detector.reference.accuracy,
            "log_evidence": float(self._detector.evidence(self._level)),
        }  # fmt: skip
        ordered = None if self._ordered is None else self._ordered.isoformat()
        return dict(finite({"version": self._version, "ordered": ordered, "remark": self.remark, **told}))

    def _follow(self, one: Slice) -> bool:
        """Begin anew with a new champion; return whether there is one."""
        name = self._guarded.name
        told = (one.champion or "").rpartition("/")
        version = int(told[2]) if told[0] == name and told[2].isdecimal() else self._registry.champion(name)
        if version is None:
            return False
        if version != self._version:
            self._version, self._level, self._detector = version, None, None
        if self._hits.version != f"{name}/{version}":
            self._hits = Hits(f"{name}/{version}", self.settings.memory_days)
        if self._detector is None:
            self._detector = self._expected(version)
        if self._detector is not None and self._level is None:
            self._level = self._detector.start()
        return True

    def _expected(self, version: int) -> Detector | None:
        if self._given is not None:
            return Detector(self._given, self.settings)
        try:
            reference = GuardReference.of_record(self._registry.record(self._guarded.name, version))
        except UsageError as error:
            self.remark = f"accuracy is not watched: {error.problem}"
            return None
        return Detector(reference, self.settings)

    def _judge(self, one: Slice) -> None:
        right, judged = self._hits.take(one)
        if self._detector is not None and self._level is not None and judged >= self.settings.rows:
            self._level = self._detector.update(self._level, right / judged, judged)

    def _trouble(self, one: Slice, findings: Sequence[Finding]) -> tuple[str, str] | None:
        """Return (cause, words) of what takes the promotion back; the gravest first."""
        name = self._guarded.name
        for finding in findings:
            version = finding.subject.get("version", "")
            if finding.kind in self.settings.kinds and (not version or version.rpartition("/")[0] in {name, ""}):
                return finding.kind, finding.message
        if one.service is not None and (words := self._errors(one.service)):
            return "error_rate", words
        if self._detector is not None and self._level is not None and float(self._detector.fallen(self._level)):
            return "accuracy_drop", self._detector.words(self._level)
        return None

    def _errors(self, sample: ServiceSample) -> str:
        if sample.requests < self.settings.requests:
            return ""
        low = wilson_interval(sample.errors, sample.requests, 0.99).lower
        if not low > self.settings.error_share:
            return ""
        return (
            f"{sample.errors} of {sample.requests} answers failed, {100 * self.settings.error_share:g} % may "
            f"(at least {100 * low:.1f} % with 99 % confidence)"
        )

    def _order(self, cause: str, words: str, began: float) -> Rollback | None:
        name, now = self._guarded.name, self._clock.now()
        if self._ordered is not None and now - self._ordered < timedelta(days=self.settings.cooldown_days):
            self.remark = f"{cause}: {words}; but a rollback was ordered on {self._ordered:%Y-%m-%d %H:%M} UTC"
            return None
        if self._registry.orders(name)["fallback"] is not None:
            self.remark = f"{cause}: {words}; but a fallback is in force"
            return None
        reason = f"{name}/{self._version} is taken back by itself, {cause}: {words}"[:LONGEST]
        try:
            made = self._registry.fallback(name, "previous", self._guarded.operator, reason)
        except UsageError as error:
            if "had no champion before" not in error.problem:
                raise
            self.remark = f"{cause}: {words}; but there is no champion to go back to"
            return None
        self._ordered = now
        if self._detector is not None:
            self._level = self._detector.start()
        rollback = Rollback(
            model=name,
            version=self._version,
            target=str(made.details["target"]),
            at=made.at,
            cause=cause,
            reason=reason,
            seconds=round(time.perf_counter() - began, 4),
        )
        self._tell("rollback", rollback.to_dict())
        return rollback

    def _write(self) -> None:
        level = None if self._level is None else self._level.to_dict()
        ordered = None if self._ordered is None else self._ordered.isoformat()
        content = {"version": self._version, "level": level, "ordered": ordered, "settings": self.settings.id}
        write_json_file(self._guarded.state, {**content, "waiting": self._hits.to_dict()})

    def _restore(self) -> None:
        """Take up the state of an earlier process; a test of other settings begins anew."""
        path = self._guarded.state
        if not path.exists():
            return
        row = read_json(path, what="the state that a rollback guard wrote")
        try:
            self._ordered = None if row["ordered"] is None else datetime.fromisoformat(row["ordered"])
            self._version = int(row["version"])
            if row["level"] is not None and row["settings"] == self.settings.id:
                self._level = Level.from_dict(row["level"])
            if "waiting" in row:
                self._hits = Hits.from_dict(row["waiting"], self.settings.memory_days)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"is no guard's state ({error})", file=path, fix="delete it to begin anew") from error
