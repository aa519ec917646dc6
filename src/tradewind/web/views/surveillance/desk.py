"""The store of cases as one request uses it, and who acts in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from tradewind.governance.audit import AuditLog, KeyRing, place_of
from tradewind.registry.people import Person, Role
from tradewind.registry.place import files_folder, registry_place
from tradewind.surveillance.cases import Case, CaseStore
from tradewind.web.access import User
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import absent
from tradewind.web.signing import has_key, signer_of
from tradewind.web.views.surveillance.desk_shapes import CaseRow
from tradewind.web.workspace import Workspace

SHOWN = 4
"""Accounts that a row of the queue names."""


class Desk:
    """The store of cases and the person behind a request.

    Reading opens the store alone; an act opens the audit log too, which hears of it.
    """

    def __init__(self, workspace: Workspace, user: User) -> None:
        self.workspace, self.user = workspace, user
        self._people = files_folder(registry_place(workspace.registry)) / "people.toml"

    @contextmanager
    def reading(self) -> Iterator[CaseStore]:
        """Yield the store.

        Raises
        ------
        Problem : there is none (404).
        """
        self._need()
        with CaseStore(self.workspace.cases, people=self._people, create=False) as store:
            yield store

    @contextmanager
    def acting(self) -> Iterator[tuple[CaseStore, Person]]:
        """Yield the store, which tells the audit log, and the person who signs.

        Raises
        ------
        Problem : there is no store (404), or nobody's key belongs to the log-in (403).
        """
        self._need()
        person = signer_of(self.workspace, self.user)
        place = place_of(self.workspace.audit)
        if place is None:
            with CaseStore(self.workspace.cases, people=self._people, create=False) as store:
                yield store, person
            return
        with (
            AuditLog.open(place, key=KeyRing.of_environment()) as log,
            CaseStore(self.workspace.cases, people=self._people, log=log, create=False) as store,
        ):
            yield store, person

    @contextmanager
    def proving(self) -> Iterator[tuple[CaseStore, bool]]:
        """Yield the store with the audit log to compare with, and whether there is such a log."""
        self._need()
        place = place_of(self.workspace.audit)
        there = place is not None and (place.remote or Path(place.database).exists())
        with ExitStack() as held:
            log = None
            if place is not None and there:
                log = held.enter_context(AuditLog.open(place, key=KeyRing.of_environment(), readonly=True))
            yield (
                held.enter_context(CaseStore(self.workspace.cases, people=self._people, log=log, create=False)),
                log is not None,
            )

    def roles(self, store: CaseStore) -> tuple[list[str], str | None]:
        """Return the enrolled roles in which the person may act on cases, and why there are none."""
        name = self.user.person
        if name is None:
            fix = f"tradewind dashboard users add {self.user.name} --person NAME"
            return [], f"No person is named for your log-in, so nothing can be signed. An administrator runs: {fix}"
        if not has_key(self.workspace, name):
            return [], f"The key of {name} is not on this machine, so nothing can be signed."
        entry = store.people().of(name)
        found = [] if entry is None else [role for role in entry.roles if role in (Role.analyst, Role.supervisor)]
        if not found:
            return [], (
                f"{name} is enrolled neither as analyst nor as supervisor. An admin runs: "
                f"tradewind models people --add {name} --roles analyst"
            )
        return found, None

    def _need(self) -> None:
        if not self.workspace.cases.is_file():
            raise absent(
                "case yet",
                f"Cases are kept in {self.workspace.cases}; none has been opened.",
                "tradewind surveil run --events FILE --out out/run, then "
                f"tradewind surveil case ingest out/run --cases {self.workspace.cases}",
            )


def desk_of(workspace: Place, user: CurrentUser) -> Desk:
    """Return the desk of a request."""
    return Desk(workspace, user)


AtDesk = Annotated[Desk, Depends(desk_of)]


def told(request: Request, cases: list[str]) -> None:
    """Tell every open page that cases changed."""
    request.app.state.live.tell("cases", {"cases": cases[:50]})


def moment(nanoseconds: int) -> str:
    """Return a time in nanoseconds as UTC, ISO, to the microsecond."""
    seconds, rest = divmod(int(nanoseconds), 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000).isoformat(timespec="microseconds")


def row_of(case: Case, now: datetime) -> CaseRow:
    """Return a case as the queue lists it."""
    waiting = case.proposal
    return CaseRow(
        id=case.id,
        title=case.title,
        tier=case.tier.value,
        state=case.state.value,
        score=case.score,
        schemes=[scheme.value for scheme in case.schemes],
        symbols=list(case.symbols),
        accounts=list(case.accounts[:SHOWN]),
        account_count=len(case.accounts),
        alert_count=len(case.alerts),
        first=moment(case.first),
        last=moment(case.last),
        opened_at=case.opened_at,
        respond_by=case.respond_by,
        taken_at=case.taken_at or None,
        assignee=case.assignee or None,
        overdue=case.overdue(now),
        proposed_by=None if waiting is None else waiting.by,
        proposed=None if waiting is None else waiting.outcome.value,
        outcome=None if case.outcome is None else case.outcome.value,
        closed_at=case.closed_at or None,
    )
