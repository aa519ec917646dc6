"""The approval workflow as one table: who may do what, and who may not do it after whom."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.registry.decision import Act, Stage
from tradewind.registry.people import Role

S, R = Stage, Role


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One permitted act.

    Attributes
    ----------
    start : stages of the version before it; None stands for a version that is new.
    end : stage after it; None where the act leaves the stage as it is.
    roles : who may decide it; one of them is enough.
    apart : people who may not, whatever their role: the ``author`` of the version, its last ``validator``.
    needs : what must hold besides, see :mod:`tradewind.registry.gates`.
    words : the rule in a sentence.
    """

    act: Act = Act.move
    start: frozenset[Stage | None]
    end: Stage | None = None
    roles: frozenset[Role]
    apart: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    words: str


def _rule(start: set[Stage | None], end: Stage | None, roles: set[Role], words: str, **more: object) -> Rule:
    return Rule(start=frozenset(start), end=end, roles=frozenset(roles), words=words, **more)  # type: ignore[arg-type]


SERVED: frozenset[Stage] = frozenset({S.approved, S.champion})
"""Stages whose versions can be served."""

RULES: tuple[Rule, ...] = (
    _rule({None}, S.draft, {R.author}, "The author registers a version and signs for it."),
    _rule(
        {S.draft},
        S.validated,
        {R.validator},
        "Somebody other than the author has examined it, and says in the reason what and how.",
        apart=("author",),
        needs=("record", "metrics", "budget"),
    ),
    _rule(
        {S.validated},
        S.approved,
        {R.approver},
        "A third person, neither author nor validator, takes responsibility.",
        apart=("author", "validator"),
        needs=("record", "metrics", "budget"),
    ),
    _rule({S.approved}, S.champion, {R.operator}, "It is served from now on; one champion a name.", apart=("author",)),
    _rule({S.champion}, S.approved, {R.operator}, "It is replaced or stood down, and may come back."),
    _rule({S.validated, S.approved}, S.draft, {R.validator, R.approver}, "It is rejected, and the reason says why."),
    _rule(
        {S.draft, S.validated, S.approved, S.champion},
        S.retired,
        {R.approver, R.operator, R.admin},
        "It is never served again.",
    ),
    _rule({S.draft}, None, {R.author}, "The author completes a draft's record.", act=Act.amend),
    _rule({S.approved}, None, {R.operator}, "It runs beside the champion and is compared.", act=Act.challenge),
    _rule(
        set(SERVED),
        None,
        {R.operator},
        "It is served in the champion's place for a limited time.",
        act=Act.override,
        apart=("author",),
    ),
    _rule(
        {None, *SERVED},
        None,
        {R.operator},
        "An approved version (not the decider's own) or a baseline is served, or nothing is, until it is resumed.",
        act=Act.fallback,
        apart=("author",),
    ),
    _rule({None, *S}, None, {R.operator}, "Override and fallback end; the champion is served.", act=Act.resume),
)


def rule_of(act: str, start: Stage | None, end: Stage | None) -> Rule | None:
    """Return the rule that permits ``act`` from ``start`` to ``end``, None where none does."""
    return next((rule for rule in RULES if rule.act == act and start in rule.start and rule.end == end), None)


def table() -> list[dict[str, str]]:
    """Return the rules as rows of text, for the documentation and for people."""
    return [
        {
            "act": str(rule.act),
            "from": ", ".join(stage for stage in S if stage in rule.start) or "new",
            "to": str(rule.end) if rule.end else "(same)",
            "who": ", ".join(role for role in R if role in rule.roles),
            "not": ", ".join(rule.apart) or "-",
            "needs": ", ".join(rule.needs) or "-",
            "meaning": rule.words,
        }
        for rule in RULES
    ]
