"""Operations of approval: what waits for whom, and the signed decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from tradewind.core import UsageError
from tradewind.governance.reports import ModelEntry
from tradewind.registry import RULES, Act, Decision, ModelRecord, People, Rule, Stage
from tradewind.registry.gates import GATES
from tradewind.registry.reader import RegistryReader
from tradewind.registry.rules import table
from tradewind.web.access import User
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import Problem
from tradewind.web.signing import budgets_of, has_key, keys_of, signer_of
from tradewind.web.views.compliance.models_api import entry_in, signed
from tradewind.web.views.compliance.models_shapes import SignedDecision
from tradewind.web.views.compliance.places import deciding
from tradewind.web.views.compliance.registered import registered
from tradewind.web.workspace import Workspace

router = APIRouter()
Decided = Literal["validate", "approve", "promote", "challenge", "demote", "reject", "retire"]

_ACTS: dict[Decided, tuple[Act, Stage | None, frozenset[Stage]]] = {
    "validate": (Act.move, Stage.validated, frozenset({Stage.draft})),
    "approve": (Act.move, Stage.approved, frozenset({Stage.validated})),
    "promote": (Act.move, Stage.champion, frozenset({Stage.approved})),
    "challenge": (Act.challenge, None, frozenset({Stage.approved})),
    "demote": (Act.move, Stage.approved, frozenset({Stage.champion})),
    "reject": (Act.move, Stage.draft, frozenset({Stage.validated, Stage.approved})),
    "retire": (Act.move, Stage.retired, frozenset({Stage.draft, Stage.validated, Stage.approved, Stage.champion})),
}
_ONWARD: frozenset[Decided] = frozenset({"validate", "approve", "promote"})


class PossibleAct(BaseModel):
    """Something that can be decided about a version."""

    act: Decided
    onward: bool = Field(description="It brings the version on its way to be served.")
    roles: list[str]
    people: list[str] = Field(description="Who may decide it: they have the role and did not act before.")
    barred: dict[str, str] = Field(description="Who may not, and as what they acted before.")
    lacks: list[str] = Field(description="What the rules ask for and the version lacks.")
    rule: str
    mine: bool = Field(description="Whether the person behind this log-in may decide it, and can sign.")
    why_not: str = Field(description="Why they may not; empty where they may.")


class WaitingVersion(BaseModel):
    """A version and what can be decided about it."""

    reference: str
    name: str
    version: int
    stage: str
    champion: bool
    since: datetime = Field(description="When it came to its stage.")
    last: SignedDecision
    seen: int = Field(description="Decisions about its name so far; send it back with a decision.")
    acts: list[PossibleAct]


class RegistryPerson(BaseModel):
    """Somebody who may decide about models."""

    name: str
    roles: list[str]
    since: datetime
    enrolled_by: str
    key_here: bool = Field(description="Whether their private key lies on the machine of the dashboard.")


class Approvals(BaseModel):
    """The queue of approvals, and who signs."""

    signs_as: str | None
    can_sign: bool
    why_not: str = Field(description="Why this log-in cannot sign; empty where it can.")
    keys: str = Field(description="Folder of private keys.")
    people: list[RegistryPerson]
    waiting: list[WaitingVersion]
    rules: list[dict[str, str]]


class NewApproval(BaseModel):
    """A decision about a version."""

    act: Decided
    reason: str = Field(min_length=1, max_length=4000, description="Why; it is kept for good.")
    seen: int = Field(description="Decisions that the page had seen, as the queue told.")


@router.get("/approvals")
def approvals(place: Place, user: CurrentUser) -> Approvals:
    """What waits for whom, by the rules of the registry."""
    found, people = registered(place), RegistryReader(place.registry).people()
    waiting = [
        _waiting(place, entry, found.history[entry.name], people, user)
        for entry in found.entries
        if entry.stage != Stage.retired
    ]
    why_not = _cannot_sign(place, user, people)
    return Approvals(
        signs_as=user.person,
        can_sign=not why_not,
        why_not=why_not,
        keys=str(keys_of(place)),
        people=[
            RegistryPerson(
                name=one["name"],
                roles=one["roles"],
                since=datetime.fromisoformat(one["since"]),
                enrolled_by=one["enrolled_by"],
                key_here=has_key(place, one["name"]),
            )
            for one in people.to_dicts()
        ],
        waiting=waiting,
        rules=table(),
    )


@router.post("/models/{name}/{version}/decisions", status_code=201)
def decide_about_model(
    request: Request, place: Place, user: CurrentUser, name: str, version: int, body: NewApproval
) -> SignedDecision:
    """Decide about a version; the registry holds the decision to its rules, and the person behind the log-in signs.

    The audit log is told before it counts.
    """
    entry_in(place, name, version)
    person = signer_of(place, user)
    registry = deciding(place)
    act, to, start = _ACTS[body.act]
    _unchanged(registry, name, body.seen)
    stage = registry.stage(name, version)
    if stage not in start:
        raise UsageError(f"{name}/{version} is {stage}", fix=f"{body.act} takes a version that is {_either(start)}")
    try:
        if act is Act.move and to is not None:
            made = registry.move(name, version, to, person, body.reason)
        else:
            made = registry.challenge(name, version, person, body.reason)
    except UsageError:
        _unchanged(registry, name, body.seen)  # refused because somebody was quicker: say that instead
        raise
    request.app.state.live.tell("models", {"model": f"{name}/{version}", "decision": made.words()})
    return signed(made, registry.people())


def _unchanged(registry: RegistryReader, name: str, seen: int) -> None:
    history = registry.history(name)
    if len(history) == seen:
        return
    last = history[-1]
    raise Problem(
        409,
        "Somebody decided about this model meanwhile",
        f"{last.model}/{last.version}: {last.words()}, by {last.by}: {last.reason}. Nothing of yours was signed.",
        fix="look at the queue again, then decide",
    )


def _either(stages: frozenset[Stage]) -> str:
    return " or ".join(stage for stage in Stage if stage in stages)


def _waiting(
    place: Workspace, entry: ModelEntry, history: tuple[Decision, ...], people: People, user: User
) -> WaitingVersion:
    own = [one for one in history if one.version == int(entry.version)]
    moves = [one for one in own if one.to_stage == entry.stage]
    stage = Stage(entry.stage)
    return WaitingVersion(
        reference=entry.reference,
        name=entry.name,
        version=int(entry.version),
        stage=entry.stage,
        champion="champion" in entry.aliases,
        since=moves[-1].moment,
        last=signed(own[-1], people),
        seen=len(history),
        acts=[_possible(place, act, entry, people, user) for act, (_, _, start) in _ACTS.items() if stage in start],
    )


def _possible(place: Workspace, act: Decided, entry: ModelEntry, people: People, user: User) -> PossibleAct:
    kind, to, _ = _ACTS[act]
    rule = next(one for one in RULES if one.act == kind and one.end == to and Stage(entry.stage) in one.start)
    barred = _barred(rule, entry)
    may = [
        name
        for name in people.names()
        if name not in barred and (held := people.of(name)) is not None and set(held.roles) & rule.roles
    ]
    record = ModelRecord.from_dict(entry.record)
    limits = budgets_of(place)
    lacks = [words for need in rule.needs for words in GATES[need](record, limits)]
    why_not = _why_not(place, rule, barred, may, people, user) or ("; ".join(lacks) if lacks else "")
    return PossibleAct(
        act=act,
        onward=act in _ONWARD,
        roles=sorted(rule.roles),
        people=may,
        barred=barred,
        lacks=lacks,
        rule=rule.words,
        mine=not why_not,
        why_not=why_not,
    )


def _barred(rule: Rule, entry: ModelEntry) -> dict[str, str]:
    """Return who acted before and may not act again, and as what."""
    validator = None
    for one in entry.history:
        if one["to_stage"] == Stage.validated:
            validator = str(one["by"])
        elif one["to_stage"] == Stage.draft:
            validator = None
    people = {"author": entry.author, "validator": validator}
    return {name: part for part in rule.apart if (name := people[part]) is not None}


def _why_not(place: Workspace, rule: Rule, barred: dict[str, str], may: list[str], people: People, user: User) -> str:
    cannot = _cannot_sign(place, user, people)
    if cannot:
        return cannot
    if user.person in barred:
        return f"{user.person} is its {barred[user.person]}: it takes a second pair of eyes"
    if user.person not in may:
        return f"it takes the role {' or '.join(sorted(rule.roles))}, which {user.person} does not have"
    return ""


def _cannot_sign(place: Workspace, user: User, people: People) -> str:
    if user.person is None:
        return f"nobody's key belongs to {user.name} (tradewind dashboard users add {user.name} --person NAME)"
    if user.person not in people.names():
        return f"{user.person} is not enrolled (tradewind models people add {user.person} --roles validator)"
    if not has_key(place, user.person):
        return f"the key of {user.person} is not in {keys_of(place)} (tradewind models keygen --person {user.person})"
    return ""
