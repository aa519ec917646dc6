"""Operations of one case: what is known of it, and what people do to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fastapi import APIRouter, Request

from tradewind.core.clock import SystemClock
from tradewind.core.errors import UsageError
from tradewind.registry.people import Person
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.cases import RULES, Act, Case, CaseStore, Doing, Outcome
from tradewind.surveillance.cases.records import iso
from tradewind.surveillance.cases.rules import check
from tradewind.surveillance.cases.words import what
from tradewind.web.views.surveillance.case_shapes import (
    CaseAct,
    CaseAlert,
    CaseAttachment,
    CaseFault,
    CaseMay,
    CaseNote,
    CaseOrder,
    CaseOutcome,
    CaseProposal,
    CaseVerification,
    SurveilCase,
)
from tradewind.web.views.surveillance.desk import AtDesk, Desk, moment, row_of, told
from tradewind.web.views.surveillance.queue_api import on_desk

router = APIRouter()
BY_PEOPLE = (Doing.TAKE, Doing.ASSIGN, Doing.NOTE, Doing.PROPOSE, Doing.CONFIRM, Doing.REJECT)
MEANINGS: Mapping[Outcome, str] = {
    Outcome.NO_ISSUE: "It happened as the alerts say, and there is a lawful reason for it.",
    Outcome.FALSE_ALARM: "The alerts are wrong.",
    Outcome.INCONCLUSIVE: "It cannot be told.",
    Outcome.ESCALATED: "It is suspicious: a report (STOR) is filed, or the authority told.",
}
_SAID = {"reason": "so", "text": "so", "outcome": Outcome.INCONCLUSIVE.value, "analyst": "anybody"}


@router.get("/cases/{case}")
def show_case(desk: AtDesk, case: str) -> SurveilCase:
    """Return a case with its alerts, its history, and what you may do to it now."""
    with desk.reading() as store:
        return whole_case(desk, store, store.get(case))


@router.post("/cases/{case}/acts")
def act_on_case(desk: AtDesk, case: str, order: CaseOrder, request: Request) -> SurveilCase:
    """Do something to a case, signed with the key of the person behind the log-in; the store enforces the rules."""
    with desk.acting() as (store, person):
        made = _done(store, case, order, person)
        answer = whole_case(desk, store, made)
    told(request, [made.id])
    return answer


@router.get("/verification")
def verify_cases(desk: AtDesk) -> CaseVerification:
    """Do every act of the store again and hold it against signatures, cases, alerts and the audit log."""
    with desk.proving() as (store, log):
        faults, acts = store.verify(), len(store.history())
    return CaseVerification(
        at=iso(SystemClock().now()),
        sound=not faults,
        acts=acts,
        audit_log=log,
        faults=[CaseFault(case=one.case or None, act=one.act or None, what=one.what) for one in faults],
    )


def whole_case(desk: Desk, store: CaseStore, case: Case) -> SurveilCase:
    """Return everything the page of a case shows besides its evidence."""
    now = SystemClock().now()
    roles, problem = desk.roles(store)
    waiting = case.proposal
    return SurveilCase(
        now=iso(now),
        row=row_of(case, now),
        accounts=list(case.accounts),
        alerts=[_alert(alert) for alert in store.alerts(case.id)],
        notes=[CaseNote(by=note.by, at=note.at, text=note.text) for note in case.notes],
        attachments=[
            CaseAttachment(name=Path(one.path).name, sha256=one.sha256, size=one.size, by=one.by, at=one.at)
            for one in case.attachments
        ],
        proposal=None
        if waiting is None
        else CaseProposal(
            outcome=waiting.outcome.value,
            by=waiting.by,
            at=waiting.at,
            reason=waiting.reason,
            exceptions=list(waiting.exceptions),
        ),
        proposers=list(case.proposers),
        confirmed_by=case.confirmed_by or None,
        follows=list(case.follows),
        related=list(case.related),
        runs=list(case.runs),
        acts=[_act(act) for act in store.history(case.id)],
        may=[_may(case, doing, desk.user.person, roles, problem) for doing in BY_PEOPLE],
        outcomes=[CaseOutcome(value=one.value, meaning=meaning) for one, meaning in MEANINGS.items()],
        people=on_desk(store.people()),
        acting_as=desk.user.person if roles else None,
        acting_problem=problem,
    )


def _done(store: CaseStore, case: str, order: CaseOrder, person: Person) -> Case:
    if order.doing == Doing.TAKE:
        return store.take(case, person)
    if order.doing == Doing.ASSIGN:
        return store.assign(case, order.analyst, person)
    if order.doing == Doing.NOTE:
        return store.note(case, order.text, person)
    if order.doing == Doing.PROPOSE:
        return store.propose(case, order.outcome, person, order.reason, exceptions=order.exceptions)
    if order.doing == Doing.CONFIRM:
        return store.confirm(case, person, order.reason)
    if order.doing == Doing.REJECT:
        return store.reject(case, person, order.reason)
    raise UsageError(f"{order.doing!r} is nothing that is done here", fix=f"choose from {', '.join(BY_PEOPLE)}")


def _may(case: Case, doing: Doing, person: str | None, roles: Sequence[str], problem: str | None) -> CaseMay:
    rule = RULES[doing]
    why = problem
    if why is None and not set(rule.roles) & set(roles):
        why = f"It takes the role {' or '.join(sorted(rule.roles))}; {person} is {' and '.join(roles)}."
    if why is None:
        try:
            check(case, doing, {**_SAID, "exceptions": ()}, person or "")
        except UsageError as error:
            why = str(error)
    return CaseMay(doing=doing.value, allowed=why is None, why=why, rule=rule.words)


def _alert(alert: Alert) -> CaseAlert:
    return CaseAlert(
        id=alert.id,
        scheme=alert.scheme.value,
        variant=alert.variant or None,
        symbol=alert.symbol,
        accounts=list(alert.accounts),
        start=moment(alert.start),
        end=moment(alert.end),
        known_at=moment(alert.known_at),
        seconds=(alert.end - alert.start) / 1e9,
        score=alert.score,
        tier=alert.tier.value,
        revision=alert.revision,
    )


def _act(act: Act) -> CaseAct:
    return CaseAct(
        n=act.n,
        at=act.at,
        by=act.by,
        role=act.role or None,
        doing=act.doing.value,
        what=what(act),
        why=act.reason or None,
        signed=bool(act.signature),
        hash=act.hash,
    )
