"""Operations of the queue: what waits, who has it, and taking or giving several cases at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request

from tradewind.core.clock import SystemClock
from tradewind.core.errors import UsageError
from tradewind.registry.people import People, Role
from tradewind.surveillance.cases.records import iso
from tradewind.web.views.surveillance.desk import AtDesk, row_of, told
from tradewind.web.views.surveillance.desk_shapes import (
    CaseAssignment,
    CaseBulk,
    CaseNames,
    CaseQueue,
    CaseRefusal,
    DeskPerson,
    DeskStatistics,
)
from tradewind.web.views.surveillance.figures import desk_statistics

router = APIRouter()
MOST = 5_000


@router.get("/cases")
def list_cases(desk: AtDesk, closed: bool = False) -> CaseQueue:
    """Return the open cases, and with `closed` those that are closed too, in the order in which to take them."""
    now = SystemClock().now()
    with desk.reading() as store:
        found = store.queue(closed=closed)
        roles, problem = desk.roles(store)
        people = store.people()
    return CaseQueue(
        now=iso(now),
        cases=[row_of(case, now) for case in found[:MOST]],
        total=len(found),
        people=on_desk(people),
        acting_as=desk.user.person if roles else None,
        acting_roles=roles,
        acting_problem=problem,
    )


@router.post("/cases/take")
def take_cases(desk: AtDesk, wanted: CaseNames, request: Request) -> CaseBulk:
    """Take up cases for the person behind the log-in; each is signed on its own, and one refusal stops no other."""
    with desk.acting() as (store, person):
        made = _each(wanted.cases, lambda case: store.take(case, person))
    told(request, made.done)
    return made


@router.post("/cases/assign")
def assign_cases(desk: AtDesk, wanted: CaseAssignment, request: Request) -> CaseBulk:
    """Give cases to an analyst; a supervisor may."""
    with desk.acting() as (store, person):
        made = _each(wanted.cases, lambda case: store.assign(case, wanted.analyst, person))
    told(request, made.done)
    return made


@router.get("/statistics")
def show_desk_statistics(desk: AtDesk) -> DeskStatistics:
    """Return how the desk works: by tier, by scheme and by person, from all cases and acts."""
    with desk.reading() as store:
        return desk_statistics(store, on_desk(store.people()))


def on_desk(people: People) -> list[DeskPerson]:
    """Return who is enrolled to work on cases."""
    found = []
    for name in people.names():
        entry = people.of(name)
        roles = [role for role in entry.roles if role in (Role.analyst, Role.supervisor)] if entry else []
        if roles:
            found.append(DeskPerson(name=name, roles=roles))
    return found


def _each(cases: Sequence[str], act: Callable[[str], object]) -> CaseBulk:
    done: list[str] = []
    refused: list[CaseRefusal] = []
    for case in dict.fromkeys(cases):
        try:
            act(case)
            done.append(case)
        except UsageError as error:
            refused.append(CaseRefusal(case=case, why=error.problem, fix=error.fix))
    return CaseBulk(done=done, refused=refused)
