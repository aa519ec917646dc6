"""Proof that the cases are what people made of them: every act is done again, and held against what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.core.errors import TradewindError, UsageError
from tradewind.governance.audit import AuditLog
from tradewind.registry.people import People, verified
from tradewind.surveillance.cases.acting import columns, name_of
from tradewind.surveillance.cases.database import CaseDatabase
from tradewind.surveillance.cases.records import SYSTEM, Act, Case, CaseState, Doing, act_of, case_of, changed, digest
from tradewind.surveillance.cases.rules import RULES, check, effect
from tradewind.surveillance.cases.trail import logged

BY_ALERTS = (Doing.OPEN, Doing.EXTEND, Doing.REVISE)


@dataclass(frozen=True, kw_only=True)
class CaseFinding:
    """A sign that something is not as it was done.

    Attributes
    ----------
    case : id of the case, empty where it is none. act : number of the act, 0 where it is none.
    what : what was seen, in a sentence.
    """

    case: str = ""
    act: int = 0
    what: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"case": self.case, "act": self.act or None, "what": self.what}


def prove(database: CaseDatabase, people: People, log: AuditLog | None) -> tuple[CaseFinding, ...]:
    """Return what is wrong with the store, nothing where all is well.

    That is: acts that were changed, forged or are gone, that the rules did not permit, or that the audit log knows
    otherwise; cases and alerts that are not what the acts made of them.
    """
    replay = _Replay(database.id, people)
    findings = [*replay.acts(database)]
    findings += _cases(database, replay.cases)
    findings += _alerts(database, replay.cases)
    if log is not None:
        findings += _log(database, log, replay.hashes)
    return tuple(findings)


class _Replay:
    """Does all acts again, in order."""

    def __init__(self, store: str, people: People) -> None:
        self._store, self._people = store, people
        self.cases: dict[str, Case] = {}
        self.hashes: dict[int, str] = {}

    def acts(self, database: CaseDatabase) -> Iterator[CaseFinding]:
        head, at, expected, known = "", "", 1, 0
        for n, body, kept in database.rows("SELECT n, body, hash FROM acts ORDER BY n"):
            try:
                act = act_of(body)
            except (msgspec.MsgspecError, TypeError) as error:
                yield CaseFinding(act=n, what=f"the act cannot be read ({error})")
                expected = n + 1
                continue
            if n != expected:
                yield CaseFinding(act=expected, what=f"acts {expected} to {n - 1} are gone")
            if act.hash != kept or act.n != n or act.store != self._store:
                yield CaseFinding(case=act.case, act=n, what="the act was changed: it does not fit its hash")
            elif act.previous != head or act.at < at:
                yield CaseFinding(case=act.case, act=n, what="the act does not follow the one before it")
            enrolled = self._people.heads.get(act.people, 0)
            words = self._wrong(act, enrolled, known)
            if words:
                yield CaseFinding(case=act.case, act=n, what=words)
            head, at, expected, known = kept, act.at, n + 1, max(known, enrolled)
            self.hashes[n] = act.hash

    def _wrong(self, act: Act, enrolled: int, known: int) -> str:
        """Return why an act cannot have been done, empty where it can; it is done in any case."""
        before = self.cases.get(act.case)
        try:
            words = self._by_alerts(act, before) if act.doing in BY_ALERTS else self._by_person(act, before, enrolled)
            if not words and act.doing not in BY_ALERTS and enrolled < known:
                words = "the people file it was done under is another: an entry was removed or replaced"
            self.cases[act.case] = case_of(changed({} if before is None else before.to_dict(), act.after))
        except UsageError as error:
            return f"the rules do not permit it: {error.problem}"
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
            return f"the act makes no case ({error})"
        return words

    def _by_alerts(self, act: Act, before: Case | None) -> str:
        rule = RULES[act.doing]
        if act.by != SYSTEM or act.order:
            return "arriving alerts are not done by a person"
        if (None if before is None else before.state) not in rule.start:
            return f"alerts cannot {act.doing} a case that is {before.state if before else 'not there'}"
        if act.doing is Doing.OPEN:
            made = case_of(act.after)
            fresh = made.state is CaseState.NEW and not (
                made.assignee or made.proposal or made.outcome or made.proposers
            )
            return "" if fresh else "the case was not opened as a new one"
        assert before is not None
        if not act.after.keys() <= (rule.changes or frozenset()):
            return f"arriving alerts do not change {', '.join(sorted(act.after.keys() - (rule.changes or set())))}"
        sent_back = before.state is CaseState.PROPOSED and act.after.get("state") == CaseState.IN_REVIEW
        if ("state" in act.after or "proposal" in act.after) and not (sent_back and act.after["proposal"] is None):
            return "arriving alerts do not decide a case"
        if not before.open and act.after.keys() - {"alerts"}:
            return "arriving alerts do not change a closed case"
        return ""

    def _by_person(self, act: Act, before: Case | None, enrolled: int) -> str:
        entry = self._people.of(act.by, known=enrolled) if enrolled else None
        if entry is None:
            return f"{act.by} was not enrolled, or the people file is another"
        if not verified(entry.key, act.message, act.signature):
            return f"it does not bear the signature of {act.by}"
        if act.role not in entry.roles or act.role not in RULES[act.doing].roles:
            return f"{act.by} may not do it as {act.role or 'nobody'}"
        if before is None:
            return "there is no such case"
        check(before, act.doing, act.order, act.by)
        if effect(before, act.doing, act.order, act.by, act.at) != act.after:
            return "it changes other things than it may"
        return ""


def _cases(database: CaseDatabase, expected: dict[str, Case]) -> Iterator[CaseFinding]:
    stored = {name_of(row[0]): row for row in database.rows("SELECT * FROM cases")}
    for name in sorted(stored.keys() | expected.keys()):
        row, case = stored.get(name), expected.get(name)
        if row is None or case is None:
            yield CaseFinding(case=name, what="the case is gone" if row is None else "no act ever opened the case")
            continue
        try:
            found = msgspec.json.decode(row[-1], type=Case)
        except (msgspec.MsgspecError, TypeError) as error:
            yield CaseFinding(case=name, what=f"the case cannot be read ({error})")
            continue
        one, other = found.to_dict(), case.to_dict()
        for field in (field for field in one if one[field] != other[field]):
            yield CaseFinding(
                case=name, what=f"{field} was changed: it is {_short(one[field])}, by its acts {_short(other[field])}"
            )
        if one == other and tuple(row[:-1]) != columns(case)[:-1]:
            yield CaseFinding(case=name, what="the row the queue is read from was changed")


def _alerts(database: CaseDatabase, expected: dict[str, Case]) -> Iterator[CaseFinding]:
    wanted = {(name, alert): sha for name, case in expected.items() for alert, sha in case.alerts.items()}
    for alert, number, body in database.rows("SELECT id, n, body FROM alerts ORDER BY n, id"):
        sha = wanted.pop((name_of(number), alert), None)
        if sha != digest(body if isinstance(body, bytes) else str(body).encode()):
            words = "was changed" if sha else "belongs to no case"
            yield CaseFinding(case=name_of(number), what=f"alert {alert} {words}")
    for name, alert in wanted:
        yield CaseFinding(case=name, what=f"alert {alert} is gone")


def _log(database: CaseDatabase, log: AuditLog, hashes: dict[int, str]) -> Iterator[CaseFinding]:
    try:
        verification = log.verify()
        for finding in verification.findings:
            yield CaseFinding(what=f"the audit log is not sound ({finding.fault}): {finding.detail}")
        known = logged(log, database.id)
    except (TradewindError, msgspec.MsgspecError) as error:
        yield CaseFinding(what=f"the audit log cannot be read: {error}")
        return
    told = {n for (n,) in database.rows("SELECT n FROM acts WHERE told = 1")}
    first = 0 if verification.pruned is None else min(known, default=max(told, default=0) + 1)
    for n in sorted(n for n in told - known.keys() if n >= first):  # what retention removed is not missing
        yield CaseFinding(act=n, what="the audit log does not hold the act")
    for n, sha in sorted(known.items()):
        if n not in hashes:
            yield CaseFinding(act=n, what="the audit log holds an act that the store lacks")
        elif hashes[n] != sha:
            yield CaseFinding(act=n, what="the audit log holds another act")


def _short(value: Any) -> str:
    text = str(value) if value not in ("", None, []) else "nothing"
    return text if len(text) <= 60 else f"{text[:57]}..."
