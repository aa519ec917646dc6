"""What a trigger is shown, and what it says: nothing in it is later than the moment it is asked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from tradewind.core import UsageError
from tradewind.core.plain import finite
from tradewind.monitoring.finding import Finding


@dataclass(frozen=True, kw_only=True)
class WeeklyPerformance:
    """How the champion did in one calendar week.

    Attributes
    ----------
    start : Monday of the week, midnight UTC, aware: when the first forecasts of it were made.
    known_at : when the last label of the week was known (UTC, aware).
    value : the metric (accuracy as a share, or information coefficient); larger is better.
    expected : what was measured out of sample when the version was approved.
    deviation : usual standard deviation of a week's value around ``expected``; NaN where it is not known.
    rows : labelled forecasts.
    """

    start: datetime
    known_at: datetime
    value: float
    expected: float
    deviation: float = float("nan")
    rows: int


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """An earlier retraining: when it began, whether it goes on, whether its challenger won, who asked for it.

    ``won`` is None while that is open. ``kind`` : ``full`` or ``incremental``.
    """

    run: str
    started: datetime
    finished: bool
    won: bool | None
    trigger: str
    kind: str = "full"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A person's wish to retrain, and why; ``kind`` is what is asked for, None leaves it to the plan."""

    person: str
    reason: str
    at: datetime
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class TriggerState:
    """Everything known at ``now``; what was known later is left out when it is built.

    Attributes
    ----------
    now : the moment of the decision (UTC, aware).
    weeks : of the present champion, oldest first.
    findings : of the watchers, oldest first.
    importance : share of the model that rests on each feature; empty: every feature counts the same. Features that
        are not named do not count.
    features : number of features of the model, used where ``importance`` is empty.
    runs : earlier retrainings, oldest first.
    request : a person's wish.
    rolled_back : when the last rollback was ordered.
    """

    now: datetime
    weeks: Sequence[WeeklyPerformance] = ()
    findings: Sequence[Finding] = ()
    importance: Mapping[str, float] = field(default_factory=dict)
    features: int = 0
    runs: Sequence[PastRun] = ()
    request: Request | None = None
    rolled_back: datetime | None = None

    def __post_init__(self) -> None:
        """Leave out what was not known at ``now``, and order the rest."""
        if self.now.tzinfo is None:
            raise UsageError("the moment has no time zone", field="now", fix="give an aware datetime, UTC")
        now, keep = self.now, object.__setattr__
        keep(self, "weeks", tuple(sorted((w for w in self.weeks if w.known_at <= now), key=lambda w: w.start)))
        keep(self, "findings", tuple(sorted((f for f in self.findings if f.known_at <= now), key=_order)))
        keep(self, "runs", tuple(sorted((r for r in self.runs if r.started <= now), key=lambda r: r.started)))
        if self.request is not None and self.request.at > now:
            keep(self, "request", None)
        if self.rolled_back is not None and self.rolled_back > now:
            keep(self, "rolled_back", None)

    @property
    def last_started(self) -> datetime | None:
        """When the last retraining began; what was seen before it has been answered and does not count again."""
        return self.runs[-1].started if self.runs else None

    def at(self, now: datetime) -> TriggerState:
        """Return the state as it was at an earlier moment."""
        return replace(self, now=now)


def _order(finding: Finding) -> tuple[datetime, datetime, str, str]:
    return finding.known_at, finding.time, finding.kind, finding.about


@dataclass(frozen=True, kw_only=True)
class TriggerFired:
    """A trigger's wish: its name, why in a sentence, when, and the figures it rests on (JSON-ready)."""

    trigger: str
    reason: str
    at: datetime
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain: dict[str, Any] = finite({**asdict(self), "at": self.at.isoformat()})
        return plain

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> TriggerFired:
        """Read what :meth:`to_dict` wrote."""
        return cls(**{**row, "at": datetime.fromisoformat(row["at"])})


@runtime_checkable
class Trigger(Protocol):
    """Says whether a retraining is called for; the same state gives the same answer."""

    name: str

    def consider(self, state: TriggerState) -> TriggerFired | None:
        """Return the wish to retrain, None where nothing calls for it."""
        ...
