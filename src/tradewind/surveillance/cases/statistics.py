"""How the desk works: times, false alarms, and how often the second pair of eyes agrees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core.clock import Clock, SystemClock
from tradewind.surveillance.cases.records import Case, Doing, Outcome

if TYPE_CHECKING:
    from tradewind.surveillance.cases.store import CaseStore


@dataclass(frozen=True, kw_only=True)
class CaseFigures:
    """Figures of some cases.

    Attributes
    ----------
    name : what they have in common: a scheme, a tier, or ``all``.
    cases, closed : how many, and those of them that are closed.
    late : share that was taken up after the time it asks for, or still waits beyond it; NaN of none.
    to_take_up, to_close : median minutes from opening to the first taking up, and to closing; NaN of none.
    to_take_up_p90, to_close_p90 : minutes within which nine of ten were.
    false_alarms : share of closed cases that were false alarms, and ``escalated`` of those that were escalated.
    """

    name: str
    cases: int
    closed: int
    late: float
    to_take_up: float
    to_take_up_p90: float
    to_close: float
    to_close_p90: float
    false_alarms: float
    escalated: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class PersonFigures:
    """What one person did.

    Attributes
    ----------
    taken, proposed : cases taken up, and decisions proposed. confirmed, rejected : of these proposals, by others.
    agreement : share of the judged proposals that a second person confirmed; NaN of none.
    judged : proposals of others that this person confirmed or rejected. to_propose : median minutes from taking a case
        up to the proposal; NaN of none.
    """

    name: str
    taken: int
    proposed: int
    confirmed: int
    rejected: int
    agreement: float
    judged: int
    to_propose: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def figures(store: CaseStore, *, by: str = "all", clock: Clock | None = None) -> list[CaseFigures]:
    """Return figures of all cases, or ``by`` ``scheme`` or ``tier``; a case of several schemes counts for each."""
    now = (clock or SystemClock()).now()
    cases = store.queue(closed=True)
    groups: dict[str, list[Case]] = {}
    for case in cases:
        for name in _names(case, by):
            groups.setdefault(name, []).append(case)
    return [_figures(name, group, now) for name, group in groups.items()]


def _names(case: Case, by: str) -> Iterable[str]:
    if by == "scheme":
        return [scheme.value for scheme in case.schemes]
    return [case.tier.value if by == "tier" else "all"]


def _figures(name: str, cases: Sequence[Case], now: datetime) -> CaseFigures:
    closed = [case for case in cases if not case.open]
    late = [case.taken_at > case.respond_by if case.taken_at else case.overdue(now) for case in cases]
    taken = [_minutes(case.opened_at, case.taken_at) for case in cases if case.taken_at]
    ended = [_minutes(case.opened_at, case.closed_at) for case in closed]
    return CaseFigures(
        name=name,
        cases=len(cases),
        closed=len(closed),
        late=_share(sum(late), len(cases)),
        to_take_up=_quantile(taken, 0.5),
        to_take_up_p90=_quantile(taken, 0.9),
        to_close=_quantile(ended, 0.5),
        to_close_p90=_quantile(ended, 0.9),
        false_alarms=_share(sum(case.outcome is Outcome.FALSE_ALARM for case in closed), len(closed)),
        escalated=_share(sum(case.outcome is Outcome.ESCALATED for case in closed), len(closed)),
    )


def people_figures(store: CaseStore) -> list[PersonFigures]:
    """Return what each person did, by name."""
    counts: dict[str, dict[str, int]] = {}
    waits: dict[str, list[float]] = {}
    taken_at: dict[str, str] = {}
    proposer: dict[str, str] = {}

    def count(name: str, what: str) -> None:
        of = counts.setdefault(name, dict.fromkeys(("taken", "proposed", "confirmed", "rejected", "judged"), 0))
        of[what] += 1

    for act in store.history():
        if act.doing is Doing.TAKE:
            count(act.by, "taken")
            taken_at[act.case] = act.at
        elif act.doing is Doing.PROPOSE:
            count(act.by, "proposed")
            proposer[act.case] = act.by
            waits.setdefault(act.by, []).append(_minutes(taken_at[act.case], act.at))
        elif act.doing in (Doing.CONFIRM, Doing.REJECT):
            count(act.by, "judged")
            count(proposer[act.case], "confirmed" if act.doing is Doing.CONFIRM else "rejected")
    return [
        PersonFigures(
            name=name,
            **counts[name],
            agreement=_share(counts[name]["confirmed"], counts[name]["confirmed"] + counts[name]["rejected"]),
            to_propose=_quantile(waits.get(name, []), 0.5),
        )
        for name in sorted(counts)
    ]


def _minutes(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 60


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _quantile(values: Sequence[float], at: float) -> float:
    return float(np.quantile(values, at)) if values else float("nan")
