"""The ledger of a model's name: its decisions in order, verified one by one, and what follows from them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from tradewind.core import InputError, TradewindError, UsageError
from tradewind.core.files import atomic_path
from tradewind.registry.decision import Act, Decision, Stage
from tradewind.registry.people import People, Person, verified
from tradewind.registry.rules import SERVED, Rule, rule_of

CLOCK_SLACK = timedelta(minutes=5)
"""How far another machine's clock may be ahead of this one's."""
LONGEST_OVERRIDE = timedelta(days=30)
RESTORE = "restore the registry's folder from a copy; nothing of this model is served until then"


@dataclass(frozen=True, kw_only=True)
class VersionState:
    """Where one version stands, and who brought it there."""

    version: int
    stage: Stage
    author: str
    validator: str | None
    model_sha256: str
    record_sha256: str

    def barred(self, rule: Rule) -> dict[str, str]:
        """Return who may not act under ``rule``, and as what they are barred."""
        people = {"author": self.author, "validator": self.validator}
        return {name: part for part in rule.apart if (name := people[part]) is not None}


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """What is to be decided, before it is dated, chained and signed."""

    act: Act = Act.move
    version: int
    end: Stage | None = None
    reason: str
    details: Mapping[str, str | None] = field(default_factory=dict)
    model_sha256: str = ""
    record_sha256: str = ""


class Ledger:
    """Decisions about one name. Reading and writing pass through the same checks, so that what a person may not decide
    is refused when it is decided, and again each time it is read, however it came into the file.
    """

    def __init__(self, name: str, people: People, path: Path) -> None:
        self.name, self.people, self.path = name, people, path
        self.decisions: tuple[Decision, ...] = ()
        self.versions: dict[int, VersionState] = {}
        self.challenger: int | None = None
        self.previous_champion: int | None = None
        self._override: Decision | None = None
        self._fallback: Decision | None = None

    @classmethod
    def read(cls, name: str, people: People, path: Path, *, now: datetime) -> Ledger:
        """Read and verify the ledger at ``path``; one that is absent is empty.

        Raises
        ------
        InputError : it was changed, forged, reordered, or holds a decision that nobody was free to make.
        """
        ledger = cls(name, people, path)
        try:
            lines = path.read_text(encoding="utf-8").split("\n")  # splitlines would cut a reason at U+2028
        except FileNotFoundError:
            return ledger
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read ({error})", file=path, fix=RESTORE) from error
        if not lines[-1]:
            lines.pop()
        for row, line in enumerate(lines, start=1):
            try:
                ledger.add(Decision.from_dict(json.loads(line)), now=now)
            except (TradewindError, ValueError, TypeError) as error:
                problem = error.problem if isinstance(error, InputError) else f"is no decision ({error})"
                raise InputError(f"the ledger is not sound: {problem}", file=path, row=row, fix=RESTORE) from error
        return ledger

    def write(self) -> None:
        """Write the ledger, whole or not at all, and on the disk when this returns."""
        with atomic_path(self.path) as draft, draft.open("w", encoding="utf-8") as target:
            for decision in self.decisions:
                target.write(json.dumps(decision.to_dict(), ensure_ascii=False, sort_keys=True) + "\n")
            target.flush()
            os.fsync(target.fileno())

    @property
    def head(self) -> str:
        """Hash of the last decision, empty where there is none."""
        return self.decisions[-1].hash if self.decisions else ""

    @property
    def champion(self) -> int | None:
        """The version at stage champion."""
        return next((v.version for v in self.versions.values() if v.stage is Stage.champion), None)

    def override(self, now: datetime) -> Decision | None:
        """Return the override in force at ``now``."""
        return _in_force(self._override, now)

    def fallback(self, now: datetime) -> Decision | None:
        """Return the fallback in force at ``now``."""
        return _in_force(self._fallback, now)

    def state(self, version: int) -> VersionState:
        """Return the state of ``version``; UsageError where there is none."""
        try:
            return self.versions[version]
        except KeyError:
            known = ", ".join(map(str, self.versions)) or "none"
            raise UsageError(
                f"{self.name} has no version {version}", fix=f"choose from its versions ({known})"
            ) from None

    def decide(self, new: NewDecision, by: Person, now: datetime) -> Decision:
        """Date, chain and sign ``new``, check that it is permitted, add it and return it.

        Raises
        ------
        UsageError : ``by`` may not decide this, or the version is not where it must be.
        InputError : ``by`` signs with a key that is not the enrolled one.
        """
        state = self.versions.get(new.version)
        start = state.stage if state else None
        rule = rule_of(new.act, start, new.end)
        entry = self.people.of(by.name)
        roles = set(entry.roles) if entry else set()
        role = next((r for r in sorted(rule.roles) if r in roles), "") if rule else ""
        draft = Decision(
            seq=len(self.decisions) + 1,
            model=self.name,
            version=new.version,
            act=str(new.act),
            at=now.isoformat(),
            by=by.name,
            role=role,
            from_stage=start if new.act is Act.move else None,
            to_stage=new.end,
            reason=_encodable(new.reason.strip()),
            details=dict(new.details),
            model_sha256=new.model_sha256 or (state.model_sha256 if state else ""),
            record_sha256=new.record_sha256 or (state.record_sha256 if state else ""),
            people=self.people.head,
            previous=self.head,
        )
        decision = draft.signed(by)
        self.add(decision, now=now)
        return decision

    def add(self, decision: Decision, *, now: datetime) -> None:
        """Verify ``decision`` as the next one and let it count.

        Raises
        ------
        UsageError : it is not permitted.
        InputError : it does not follow the decision before it, is not signed by whom it says, or is not sound.
        """
        self._check_chain(decision, now)
        self._check_person(decision)
        rule = self._check_rule(decision)
        self._check_subject(decision, rule)
        self._apply(decision)
        self.decisions = (*self.decisions, decision)

    def _check_chain(self, decision: Decision, now: datetime) -> None:
        last = self.decisions[-1] if self.decisions else None
        if decision.model != self.name or decision.seq != len(self.decisions) + 1 or decision.previous != self.head:
            raise InputError("it does not follow the decision before it: one was changed, removed or moved")
        moment = decision.moment
        if moment.tzinfo is None or moment > now + CLOCK_SLACK:
            raise InputError(f"it is dated {decision.at}, after the present", fix="set the clock right")
        if last is not None and moment < last.moment:
            raise InputError(
                f"it is dated {decision.at}, before the decision it follows ({last.at})", fix="set the clock right"
            )

    def _check_person(self, decision: Decision) -> None:
        known = self.people.heads.get(decision.people)
        least = self.people.heads[self.decisions[-1].people] if self.decisions else 0
        if known is None or known < least:
            raise InputError("the people file it was made under is another: an entry was removed or replaced")
        later = self.people.entries[known:]
        if later and decision.moment > later[0].moment + CLOCK_SLACK:
            raise InputError("the people file it was made under was out of date by then")
        entry = self.people.of(decision.by, known=known)
        if entry is None or not entry.roles:
            raise UsageError(
                f"{decision.by} is not enrolled", fix="let an admin enrol them with `tradewind models people`"
            )
        if not verified(entry.key, decision.message, decision.signature):
            raise InputError(
                f"it does not bear the signature of {decision.by}",
                fix="sign with the key whose public part is in the people file",
            )
        if decision.role and decision.role not in entry.roles:
            raise InputError(f"{decision.by} is no {decision.role}")

    def _check_rule(self, decision: Decision) -> Rule:
        state = self.versions.get(decision.version)
        start = state.stage if state else None
        end = None if decision.to_stage is None else Stage(decision.to_stage)
        rule = rule_of(decision.act, start, end)
        if rule is None or (decision.act == Act.move and decision.from_stage != start):
            what = f"moved to {end}" if end else f"the subject of '{decision.act}'"
            raise UsageError(
                f"{self.name}/{decision.version} is {start or 'not registered'} and cannot be {what}",
                fix="see `tradewind models rules` for the order of stages",
            )
        if decision.role not in rule.roles:
            raise UsageError(
                f"{decision.by} may not decide this: it takes the role {' or '.join(sorted(rule.roles))}",
                fix="let somebody with that role decide (`tradewind models people` lists them)",
            )
        barred = state.barred(rule) if state else {}
        if decision.act == Act.fallback and decision.details.get("target") != str(decision.version):
            barred = {}  # a baseline in the place of one's own model
        if decision.by in barred:
            raise UsageError(
                f"{decision.by} is the {barred[decision.by]} of {self.name}/{decision.version} and may not decide this",
                fix="let somebody else decide: it takes a second pair of eyes",
            )
        if not decision.reason:
            raise UsageError("the reason is empty", fix="say in a sentence why, with --reason")
        return rule

    def _check_subject(self, decision: Decision, rule: Rule) -> None:
        check_order(decision)
        state = self.versions.get(decision.version)
        if state is None:
            if decision.act == Act.move and not (decision.version > max(self.versions, default=0)):
                raise InputError(f"version {decision.version} is out of order")
            return
        if decision.model_sha256 != state.model_sha256:
            raise InputError("it is about other files than those that were registered")
        if decision.act != Act.amend and decision.record_sha256 != state.record_sha256:
            raise InputError("it is about another record than the one that was registered")
        if rule.end is Stage.champion and self.champion is not None:
            raise UsageError(
                f"{self.name}/{self.champion} is the champion already", fix="let it be replaced, or stand it down first"
            )

    def _apply(self, decision: Decision) -> None:
        if decision.act == Act.move:
            self._move(decision)
        elif decision.act == Act.amend:
            state = self.versions[decision.version]
            self.versions[decision.version] = replace(state, record_sha256=decision.record_sha256)
        elif decision.act == Act.challenge:
            self.challenger = decision.version
        elif decision.act == Act.override:
            self._override = decision
        elif decision.act == Act.fallback:
            self._fallback = decision
        else:
            self._override = self._fallback = None

    def _move(self, decision: Decision) -> None:
        version, end = decision.version, Stage(str(decision.to_stage))
        if decision.from_stage is None:
            self.versions[version] = VersionState(
                version=version,
                stage=end,
                author=decision.by,
                validator=None,
                model_sha256=decision.model_sha256,
                record_sha256=decision.record_sha256,
            )
            return
        state = self.versions[version]
        validator = {Stage.validated: decision.by, Stage.draft: None}.get(end, state.validator)
        self.versions[version] = replace(state, stage=end, validator=validator)
        if decision.from_stage == Stage.champion:
            self.previous_champion = version
        if version == self.challenger and end is not Stage.approved:
            self.challenger = None
        if end not in SERVED and self._override is not None and self._override.version == version:
            self._override = None  # what is not approved cannot stay pinned


def _in_force(order: Decision | None, now: datetime) -> Decision | None:
    if order is None:
        return None
    until = order.details.get("until")
    return order if until is None or now < datetime.fromisoformat(until) else None


def check_order(decision: Decision) -> None:
    """Refuse an override without a near end, and a fallback to something else than the version it is about.

    Raises
    ------
    InputError : what the order asks for is not what such an order can be.
    """
    details = decision.details
    if decision.act == Act.override:
        if not isinstance(details.get("until"), str):
            raise InputError("an override has no end")
        until = datetime.fromisoformat(details["until"])
        if until.tzinfo is None or not decision.moment < until <= decision.moment + LONGEST_OVERRIDE:
            raise InputError(f"an override cannot last until {until.isoformat()}")
    elif "until" in details:
        raise InputError("only an override has an end")
    if decision.act == Act.fallback:
        target = details.get("target")
        named = target is None or (isinstance(target, str) and target.strip() == target != "")
        fits = (target is None) == (decision.version == 0) and (not _numeric(target) or target == str(decision.version))
        if not (named and fits):
            raise InputError(f"a fallback to {target!r} is not about version {decision.version}")


def _numeric(text: object) -> bool:
    return isinstance(text, str) and text.isdecimal()


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError("holds what is no text", field="reason", fix="give the reason in UTF-8") from None
    return text


def history_of(decisions: Iterable[Decision], version: int | None) -> tuple[Decision, ...]:
    """Return the decisions about ``version`` (all without one), those about the whole name among them."""
    return tuple(d for d in decisions if version is None or d.version in {0, version})
