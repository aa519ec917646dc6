"""The store of cases: alerts in, a queue for people, decisions by two of them out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tradewind.core.clock import Clock, SystemClock
from tradewind.core.errors import InputError, UsageError
from tradewind.governance.audit import AuditLog
from tradewind.registry.people import People, Person, Role
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.alerting.book import latest
from tradewind.surveillance.cases.acting import Acting, Signing, number_of, read_case
from tradewind.surveillance.cases.arrival import Arrival
from tradewind.surveillance.cases.database import CaseDatabase
from tradewind.surveillance.cases.intake import TIERS, Ingested, IntakeSettings, identified
from tradewind.surveillance.cases.records import Act, Case, CaseState, Doing, Outcome, act_of, alert_of
from tradewind.surveillance.cases.trail import tell
from tradewind.surveillance.hands import Hands

if TYPE_CHECKING:
    import polars as pl

    from tradewind.surveillance.cases.proof import CaseFinding

PEOPLE_FILE = "people.toml"


class CaseStore:
    """Cases in a SQLite file that several processes may use at once.

    What a method returns is on the disk. Every act is signed by the person whose key it is given, chained to the one
    before, and told to the audit log; an act that the log did not hear of, because there was none or the process died,
    is told by the next one that has a log.

    Parameters
    ----------
    path : the file; it is made, unless ``create`` is False.
    people : the people file (see :mod:`tradewind.registry.people`) with analysts and supervisors; by default
        ``people.toml`` beside ``path``. It is read anew for each act.
    log : the audit log, open for writing. settings : what belongs together. clock : says what is overdue.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        people: str | Path | None = None,
        log: AuditLog | None = None,
        settings: IntakeSettings | None = None,
        clock: Clock | None = None,
        create: bool = True,
    ) -> None:
        self._database = CaseDatabase(path, create=create)
        self.path = self._database.path
        self.people_path = self.path.parent / PEOPLE_FILE if people is None else Path(people)
        self.settings = settings or IntakeSettings()
        self._log, self._clock = log, clock or SystemClock()

    @property
    def id(self) -> str:
        """16 hex digits by which the audit log knows this store."""
        return self._database.id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the log stays open."""
        self._database.close()

    # -- alerts in -----------------------------------------------------------------------------------------------

    def ingest(self, alerts: Iterable[Alert], run: str = "", *, linked: Iterable[Collection[str]] = ()) -> Ingested:
        """Take in alerts, all or none: each joins the open case it belongs to, or opens one.

        An alert that is known changes nothing unless its revision is later or another ``run`` tells it differently. A
        closed case is not opened again: what goes beyond it opens a case that follows it.

        Parameters
        ----------
        run : name of what raised them. linked : groups of accounts known to be under one hand.
        """
        given = sorted(latest(map(identified, alerts)), key=lambda a: (a.known_at, a.symbol, a.scheme.value, a.id))
        self._tell()
        with self._database.transaction() as db:
            now = self._clock.now()
            arrival = Arrival(db, Acting(db, self.id, now), Hands(linked), self.settings, now)
            for alert in given:
                arrival.take(alert, run)
        self._tell()
        return arrival.outcome(len(given))

    # -- reading -------------------------------------------------------------------------------------------------

    def get(self, name: str) -> Case:
        """Return a case by its id, or its number.

        Raises
        ------
        UsageError : there is none.
        """
        found = self._database.rows("SELECT body FROM cases WHERE n = ?", (number_of(name),))
        if not found:
            raise UsageError(f"there is no case {name}", fix="take an id from `tradewind surveil case list`")
        return read_case(found[0][0], self.path)

    def queue(
        self,
        *,
        state: CaseState | str | None = None,
        tier: Tier | str | None = None,
        assignee: str | None = None,
        overdue: bool | None = None,
        closed: bool = False,
        limit: int | None = None,
    ) -> list[Case]:
        """Return the open cases, and with ``closed`` those that are closed too: the highest tier first, in it those
        that are overdue, then by score.

        All conditions hold; ``assignee`` ``""`` asks for cases that nobody has.

        Raises
        ------
        UsageError : there is no such state or tier.
        """
        parts, values = ["1 = 1"], list[object]()
        if state is not None:
            parts.append("state = ?")
            values.append(_one_of(CaseState, state, "state"))
        elif not closed:
            parts.append("state <> ?")
            values.append(CaseState.CLOSED.value)
        if tier is not None:
            parts.append("tier = ?")
            values.append(TIERS.index(Tier(_one_of(Tier, tier, "tier"))))
        if assignee is not None:
            parts.append("assignee = ?")
            values.append(assignee)
        now = self._clock.now()
        rows = self._database.rows(f"SELECT body FROM cases WHERE {' AND '.join(parts)}", values)
        cases = [read_case(body, self.path) for (body,) in rows]
        if overdue is not None:
            cases = [case for case in cases if case.overdue(now) is overdue]
        cases.sort(key=lambda c: (TIERS.index(c.tier), not c.overdue(now), -c.score, c.id))
        return cases[:limit]

    def alerts(self, name: str) -> tuple[Alert, ...]:
        """Return the alerts of a case, the latest revision of each, by first event."""
        rows = self._database.rows("SELECT body FROM alerts WHERE n = ?", (number_of(name),))
        return tuple(sorted((alert_of(body) for (body,) in rows), key=lambda a: (a.start, a.id)))

    def history(self, name: str | None = None) -> tuple[Act, ...]:
        """Return what was done to a case, or in the whole store, in order."""
        if name is None:
            rows = self._database.rows("SELECT body FROM acts ORDER BY n")
        else:
            rows = self._database.rows("SELECT body FROM acts WHERE c = ? ORDER BY n", (number_of(name),))
        return tuple(act_of(body) for (body,) in rows)

    def people(self) -> People:
        """Return the people file, verified."""
        return People.read(self.people_path)

    # -- people at work ------------------------------------------------------------------------------------------

    def assign(self, case: str, analyst: str, by: Person) -> Case:
        """Give a case to ``analyst``; a supervisor may. Raises as :meth:`take`, and where ``analyst`` is none."""
        entry = self.people().of(analyst)
        if entry is None or not {Role.analyst, Role.supervisor} & set(entry.roles):
            raise UsageError(f"{analyst} is no analyst", fix="let an admin enrol them with `tradewind models people`")
        return self._act(case, Doing.ASSIGN, {"analyst": analyst}, by)

    def take(self, case: str, by: Person) -> Case:
        """Take up a case that nobody has, or that is assigned to ``by``; of two who take it at once one is refused.

        Raises
        ------
        UsageError : the rules do not permit it (see :data:`~tradewind.surveillance.cases.rules.RULES`), or ``by`` is
            not enrolled in a role that may.
        """
        return self._act(case, Doing.TAKE, {}, by)

    def note(self, case: str, text: str, by: Person) -> Case:
        """Write something down on a case."""
        return self._act(case, Doing.NOTE, {"text": text.strip()}, by)

    def attach(self, case: str, file: str | Path, by: Person) -> Case:
        """Attach a file: its path, size and SHA-256 are kept, the file stays where it is.

        Raises
        ------
        InputError : the file cannot be read.
        """
        path = Path(file).absolute()
        try:
            with path.open("rb") as source:
                sha256, size = hashlib.file_digest(source, "sha256").hexdigest(), path.stat().st_size
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror})", file=path, fix="attach a file you may read"
            ) from error
        return self._act(case, Doing.ATTACH, {"path": str(path), "sha256": sha256, "size": size}, by)

    def propose(
        self, case: str, outcome: Outcome | str, by: Person, reason: str, *, exceptions: Collection[str] = ()
    ) -> Case:
        """Propose how to close a case; who has it may. ``exceptions`` : alerts the outcome does not speak of."""
        order = {"outcome": str(outcome), "reason": reason.strip(), "exceptions": sorted(exceptions)}
        return self._act(case, Doing.PROPOSE, order, by)

    def confirm(self, case: str, by: Person, reason: str = "") -> Case:
        """Close a case as proposed; a supervisor may who never proposed a decision on it and does not have it."""
        return self._act(case, Doing.CONFIRM, {"reason": reason.strip()}, by)

    def reject(self, case: str, by: Person, reason: str) -> Case:
        """Send a proposed case back to who has it; whoever may confirm may."""
        return self._act(case, Doing.REJECT, {"reason": reason.strip()}, by)

    # -- what follows --------------------------------------------------------------------------------------------

    def feedback(self) -> pl.DataFrame:
        """Return what closed cases say of their alerts; see :func:`~tradewind.surveillance.cases.feedback.feedback`."""
        from tradewind.surveillance.cases.feedback import feedback

        return feedback(self)

    def verify(self) -> tuple[CaseFinding, ...]:
        """Return what is not as it was done; see :func:`~tradewind.surveillance.cases.proof.prove`."""
        from tradewind.surveillance.cases.proof import prove

        return prove(self._database, self.people(), self._log)

    def _act(self, name: str, doing: Doing, order: Mapping[str, Any], by: Person) -> Case:
        number = number_of(name)
        signing = Signing(person=by, people=self.people())
        self._tell()
        with self._database.transaction() as db:
            found = db.execute("SELECT body FROM cases WHERE n = ?", (number,)).fetchone()
            if found is None:
                raise UsageError(f"there is no case {name}", fix="take an id from `tradewind surveil case list`")
            acting = Acting(db, self.id, self._clock.now())
            case = acting.by_person(doing, read_case(found[0], self.path), order, signing)
        self._tell()
        return case

    def _tell(self) -> None:
        if self._log is not None:
            tell(self._database, self._log)


def _one_of(kind: type[CaseState] | type[Tier], value: str, name: str) -> str:
    if value not in set(kind):
        raise UsageError(f"{value!r} is no {name}", field=name, fix=f"choose from {', '.join(kind)}")
    return str(value)
