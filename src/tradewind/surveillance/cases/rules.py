"""The way of a case as one table: what may be done, from where, by whom, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.core.errors import UsageError
from tradewind.registry.people import Role
from tradewind.surveillance.cases.records import Case, CaseState, Doing, Outcome

S = CaseState
OPEN_STATES = frozenset({S.NEW, S.ASSIGNED, S.IN_REVIEW, S.PROPOSED})
BOTH = frozenset({Role.analyst, Role.supervisor})
EVIDENCE_FIELDS = frozenset(
    {"alerts", "runs", "title", "schemes", "symbols", "accounts", "tier", "score", "respond_by", "first", "last"}
    | {"state", "proposal"}
)


@dataclass(frozen=True, kw_only=True)
class CaseRule:
    """One thing that may be done.

    Attributes
    ----------
    start : states before it; None stands for a case that is not there yet.
    end : state after it; None where it stays, except that new evidence sends a proposed case back to review.
    roles : who may do it, one of them is enough; empty: what arriving alerts do.
    changes : fields it may change; None for all.
    words : the rule in a sentence.
    """

    doing: Doing
    start: frozenset[CaseState | None]
    end: CaseState | None = None
    roles: frozenset[Role] = frozenset()
    changes: frozenset[str] | None = None
    words: str


def _rule(doing: Doing, start: set[CaseState | None] | frozenset[CaseState], words: str, **more: Any) -> CaseRule:
    changes = more.pop("changes", None)
    names = None if changes is None else frozenset(changes.split() if isinstance(changes, str) else changes)
    return CaseRule(doing=doing, start=frozenset(start), words=words, changes=names, **more)


RULES: Mapping[Doing, CaseRule] = {
    rule.doing: rule
    for rule in (
        _rule(Doing.OPEN, {None}, "An alert that belongs to no open case opens one.", end=S.NEW),
        _rule(Doing.EXTEND, OPEN_STATES, "An alert joins the case it belongs to.", changes=EVIDENCE_FIELDS),
        _rule(Doing.REVISE, {*S}, "An alert of the case is told anew.", changes=EVIDENCE_FIELDS),
        _rule(
            Doing.ASSIGN,
            {S.NEW, S.ASSIGNED, S.IN_REVIEW},
            "A supervisor gives the case to an analyst.",
            end=S.ASSIGNED,
            roles=frozenset({Role.supervisor}),
            changes="assignee state",
        ),
        _rule(
            Doing.TAKE,
            {S.NEW, S.ASSIGNED},
            "An analyst takes up a case that is free, or his own.",
            end=S.IN_REVIEW,
            roles=BOTH,
            changes="assignee taken_at state",
        ),
        _rule(Doing.NOTE, {*S}, "Anybody on the desk writes something down.", roles=BOTH, changes="notes"),
        _rule(Doing.ATTACH, OPEN_STATES, "Anybody on the desk attaches a file.", roles=BOTH, changes="attachments"),
        _rule(
            Doing.PROPOSE,
            {S.IN_REVIEW},
            "Who has the case proposes how to close it, and says why.",
            end=S.PROPOSED,
            roles=BOTH,
            changes="proposal proposers state",
        ),
        _rule(
            Doing.CONFIRM,
            {S.PROPOSED},
            "A supervisor who never proposed a decision on the case, and does not have it, closes it.",
            end=S.CLOSED,
            roles=frozenset({Role.supervisor}),
            changes="outcome confirmed_by closed_at state",
        ),
        _rule(
            Doing.REJECT,
            {S.PROPOSED},
            "Such a supervisor sends it back instead, and says why.",
            end=S.IN_REVIEW,
            roles=frozenset({Role.supervisor}),
            changes="proposal state",
        ),
    )
}


def check(case: Case, doing: Doing, order: Mapping[str, Any], by: str) -> None:
    """Refuse what a person may not do to ``case`` as it is.

    Raises
    ------
    UsageError : the state does not permit it; another has the case; it takes a second person; a reason is missing.
    """
    rule = RULES[doing]
    if doing is Doing.TAKE and case.state is not S.CLOSED and case.assignee not in ("", by):
        raise UsageError(f"case {case.id} is with {case.assignee}", fix="take another, or let a supervisor assign it")
    if case.state not in rule.start:
        raise UsageError(
            f"case {case.id} is {case.state.replace('_', ' ')}: {doing} is not possible", fix=_next(case.state)
        )
    if doing is Doing.PROPOSE and case.assignee != by:
        raise UsageError(f"case {case.id} is with {case.assignee}, not with {by}", fix="take it first")
    if doing in (Doing.CONFIRM, Doing.REJECT) and by in {*case.proposers, case.assignee}:
        part = "has proposed a decision on" if by in case.proposers else "has"
        raise UsageError(
            f"{by} {part} case {case.id} and may not {doing} it: it takes a second pair of eyes",
            fix="let another supervisor decide",
        )
    for name, needed in (("reason", (Doing.PROPOSE, Doing.REJECT)), ("text", (Doing.NOTE,))):
        if doing in needed and not str(order.get(name, "")).strip():
            raise UsageError(f"the {name} is empty", fix="say it in a sentence")
    if doing is Doing.PROPOSE:
        _check_proposal(case, order)


def _check_proposal(case: Case, order: Mapping[str, Any]) -> None:
    if order.get("outcome") not in set(Outcome):
        raise UsageError(f"{order.get('outcome')!r} is no outcome", fix=f"choose from {', '.join(Outcome)}")
    unknown = [name for name in order.get("exceptions", ()) if name not in case.alerts]
    if unknown:
        raise UsageError(f"case {case.id} has no alert {unknown[0]}", fix="name alerts that `show` lists")


def effect(case: Case, doing: Doing, order: Mapping[str, Any], by: str, at: str) -> dict[str, Any]:
    """Return the fields of ``case`` that what a person does changes, as plain values."""
    end = RULES[doing].end
    after: dict[str, Any] = {} if end is None else {"state": end.value}
    if doing is Doing.ASSIGN:
        after["assignee"] = order["analyst"]
    elif doing is Doing.TAKE:
        after |= {"assignee": by, "taken_at": case.taken_at or at}
    elif doing is Doing.NOTE:
        after["notes"] = [{"by": by, "at": at, "text": order["text"]}]
    elif doing is Doing.ATTACH:
        after["attachments"] = [{"by": by, "at": at, **{name: order[name] for name in ("path", "sha256", "size")}}]
    elif doing is Doing.PROPOSE:
        said = {"outcome": order["outcome"], "reason": order["reason"], "exceptions": list(order["exceptions"])}
        after |= {"proposal": {"by": by, "at": at, **said}, "proposers": sorted({*case.proposers, by})}
    elif doing is Doing.CONFIRM:
        assert case.proposal is not None  # the state says so
        after |= {"outcome": case.proposal.outcome.value, "confirmed_by": by, "closed_at": at}
    elif doing is Doing.REJECT:
        after["proposal"] = None
    return after


def _next(state: CaseState) -> str:
    return {
        S.NEW: "take it first",
        S.ASSIGNED: "let the one it is assigned to take it first",
        S.IN_REVIEW: "it waits for a proposal",
        S.PROPOSED: "it waits for a supervisor to confirm or reject",
        S.CLOSED: "a closed case stays closed; new alerts open one that follows it",
    }[state]


def rules_table() -> list[dict[str, str]]:
    """Return the rules as rows of text."""
    return [
        {
            "act": rule.doing.value,
            "from": ", ".join(s.value for s in S if s in rule.start) or "-",
            "to": rule.end.value if rule.end else "(same)",
            "who": ", ".join(r.value for r in Role if r in rule.roles) or "arriving alerts",
            "meaning": rule.words,
        }
        for rule in RULES.values()
    ]
