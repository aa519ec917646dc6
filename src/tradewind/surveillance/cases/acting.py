"""Acts in the making: dated, chained, signed, and written together with the case they change."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from tradewind.core.errors import InputError, UsageError
from tradewind.registry.people import Enrolment, People, Person, Role
from tradewind.surveillance.cases.intake import TIERS, parties
from tradewind.surveillance.cases.records import SYSTEM, Act, Case, Doing, act_of, case_of, changed, iso
from tradewind.surveillance.cases.rules import RULES, check, effect

PREFIX = "C"


@dataclass(frozen=True, kw_only=True)
class Signing:
    """Who acts: the person with the key, and the people file as it is now."""

    person: Person
    people: People

    def entry(self, doing: Doing) -> tuple[Enrolment, str]:
        """Return the person's enrolment and the role in which he or she may act.

        Raises
        ------
        UsageError : the person is not enrolled, signs with another key, or has no role that may.
        """
        roles = RULES[doing].roles
        entry = self.people.of(self.person.name)
        if entry is None or not entry.roles:
            raise UsageError(
                f"{self.person.name} is not enrolled in {self.people.path}",
                fix="let an admin enrol them: `tradewind models people --add NAME --roles analyst`",
            )
        if entry.key != self.person.public:
            raise UsageError(
                f"{self.person.name} signs with another key than the enrolled one", fix="use the enrolled key"
            )
        able = [role for role in Role if role in roles and role in entry.roles]
        if not able:
            wanted = " or ".join(role for role in Role if role in roles)
            raise UsageError(
                f"{self.person.name} may not {doing}: it takes the role {wanted}",
                fix="let somebody with that role do it (`tradewind models people` lists them)",
            )
        return entry, able[0].value


class Acting:
    """What writes acts within one transaction.

    Parameters
    ----------
    db : connection inside a write transaction.
    store : the store's id. ``now`` : the time of all its acts; not before that of the act before.
    """

    def __init__(self, db: sqlite3.Connection, store: str, now: datetime) -> None:
        self._db, self._store = db, store
        last = db.execute("SELECT n, hash, body FROM acts ORDER BY n DESC LIMIT 1").fetchone()
        self._n: int = 0 if last is None else last[0]
        self._head: str = "" if last is None else last[1]
        self.at = iso(now) if last is None else max(iso(now), act_of(last[2]).at)

    def next_id(self) -> str:
        """Return the id of the next case."""
        return name_of(self._db.execute("SELECT coalesce(max(n), 0) + 1 FROM cases").fetchone()[0])

    def by_alerts(self, doing: Doing, case: Case | None, after: Mapping[str, Any]) -> Case:
        """Write what arriving alerts do to ``case``, None for a new one, of which ``after`` then is the whole."""
        before = {} if case is None else case.to_dict()
        return self._write(self._draft(doing, before, {}, after), before)

    def by_person(self, doing: Doing, case: Case, order: Mapping[str, Any], signing: Signing) -> Case:
        """Write what a person does to ``case``, if the rules permit it.

        Raises
        ------
        UsageError : they do not; see :func:`~tradewind.surveillance.cases.rules.check`.
        """
        who = signing.person.name
        check(case, doing, order, who)
        _, role = signing.entry(doing)
        before = case.to_dict()
        after = effect(case, doing, order, who, self.at)
        draft = replace(self._draft(doing, before, order, after), by=who, role=role, people=signing.people.head)
        return self._write(replace(draft, signature=signing.person.sign(draft.message)), before)

    def _draft(
        self, doing: Doing, before: Mapping[str, Any], order: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Act:
        told = {name for name in after if name in before and name not in ("notes", "attachments", "alerts")}
        return Act(
            n=self._n + 1,
            store=self._store,
            case=str(before["id"] if before else after["id"]),
            doing=doing,
            by=SYSTEM,
            role="",
            at=self.at,
            order=dict(order),
            before={name: before[name] for name in sorted(told)},
            after=dict(after),
            previous=self._head,
        )

    def _write(self, act: Act, before: Mapping[str, Any]) -> Case:
        case = case_of(changed(before, act.after))
        number = number_of(case.id)
        self._db.execute("INSERT INTO acts VALUES (?, ?, ?, ?, 0)", (act.n, number, msgspec.json.encode(act), act.hash))
        self._n, self._head = act.n, act.hash
        self._db.execute("INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?)", columns(case))
        if act.doing in (Doing.OPEN, Doing.EXTEND, Doing.REVISE):
            rows = [(party, number) for party in parties(case.accounts, case.symbols)]
            self._db.executemany("INSERT OR IGNORE INTO parties VALUES (?, ?)", rows)
        return case


def columns(case: Case) -> tuple[object, ...]:
    """Return a case as a row: what the queue asks for, and the whole."""
    body = msgspec.json.encode(case)
    return (
        number_of(case.id), case.state.value, TIERS.index(case.tier), case.assignee, case.respond_by, case.score, body
    )  # fmt: skip


def name_of(number: int) -> str:
    """Return the id of a case by its number: ``C000012``."""
    return f"{PREFIX}{number:06d}"


def number_of(name: str) -> int:
    """Return the number of a case by its id, or by the number alone; UsageError where it is none."""
    digits = name.strip().upper().removeprefix(PREFIX)
    if not (digits.isascii() and digits.isdecimal() and 0 < len(digits) < 19):
        raise UsageError(f"{name!r} is no case", fix="take an id from `tradewind surveil case list`")
    return int(digits)


def read_case(body: bytes, path: object) -> Case:
    """Return a stored case; InputError where it cannot be read."""
    try:
        return msgspec.json.decode(body, type=Case)
    except msgspec.MsgspecError as error:
        raise InputError(
            f"holds a case that cannot be read ({error})", file=str(path), fix="restore the file from a copy"
        ) from error
