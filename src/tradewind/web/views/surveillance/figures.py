"""Figures of the desk: what is open, how long it takes, how often alerts prove right, and who carries how much."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradewind.core.clock import SystemClock
from tradewind.surveillance.alert import RESPONSE_MINUTES, Tier
from tradewind.surveillance.cases import Case, CaseStore, Outcome
from tradewind.surveillance.cases.statistics import CaseFigures, figures, people_figures
from tradewind.web.views.surveillance.desk_shapes import DeskFigures, DeskLoad, DeskPerson, DeskStatistics


def desk_statistics(store: CaseStore, people: Sequence[DeskPerson]) -> DeskStatistics:
    """Return the figures of all cases in ``store``; ``people`` are listed even where they have done nothing."""
    cases = store.queue(closed=True)
    whole = [_figures(one, cases) for one in figures(store)]
    order = [tier.value for tier in Tier]
    tiers = [_figures(one, [c for c in cases if c.tier.value == one.name]) for one in figures(store, by="tier")]
    schemes = [
        _figures(one, [c for c in cases if one.name in {s.value for s in c.schemes}])
        for one in figures(store, by="scheme")
    ]
    return DeskStatistics(
        all=whole[0] if cases else None,
        tiers=sorted(tiers, key=lambda one: order.index(one.name)),
        schemes=sorted(schemes, key=lambda one: (-one.cases, one.name)),
        people=_load(store, cases, people),
        response_minutes={tier.value: minutes for tier, minutes in RESPONSE_MINUTES.items()},
    )


def _figures(one: CaseFigures, cases: Sequence[Case]) -> DeskFigures:
    from tradewind.evaluation.significance import wilson_interval

    now = SystemClock().now()
    true = sum(case.outcome is Outcome.ESCALATED for case in cases)
    judged = true + sum(case.outcome is Outcome.FALSE_ALARM for case in cases)
    share = wilson_interval(true, judged)
    return DeskFigures(
        name=one.name,
        cases=one.cases,
        open=one.cases - one.closed,
        closed=one.closed,
        overdue=sum(case.overdue(now) for case in cases),
        late_share=known(one.late),
        to_take_up=known(one.to_take_up),
        to_take_up_p90=known(one.to_take_up_p90),
        to_close=known(one.to_close),
        to_close_p90=known(one.to_close_p90),
        judged=judged,
        precision=known(share.value),
        precision_low=known(share.lower),
        precision_high=known(share.upper),
        false_alarm_share=known(one.false_alarms),
        escalated_share=known(one.escalated),
    )


def _load(store: CaseStore, cases: Sequence[Case], people: Sequence[DeskPerson]) -> list[DeskLoad]:
    did = {one.name: one for one in people_figures(store)}
    roles = {one.name: one.roles for one in people}
    found = []
    for name in sorted({*did, *roles, *(case.assignee for case in cases if case.open and case.assignee)}):
        theirs = [case for case in cases if case.open and case.assignee == name]
        acts = did.get(name)
        found.append(
            DeskLoad(
                name=name,
                roles=roles.get(name, []),
                open=len(theirs),
                by_tier={tier.value: sum(case.tier is tier for case in theirs) for tier in Tier},
                taken=0 if acts is None else acts.taken,
                proposed=0 if acts is None else acts.proposed,
                confirmed=0 if acts is None else acts.confirmed,
                rejected=0 if acts is None else acts.rejected,
                agreement=None if acts is None else known(acts.agreement),
                judged=0 if acts is None else acts.judged,
                to_propose=None if acts is None else known(acts.to_propose),
            )
        )
    return found


def known(value: float) -> float | None:
    """Return a number, None where it is none."""
    return value if math.isfinite(value) else None
