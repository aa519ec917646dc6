"""House rules as code: each check with what was looked at; nothing passes without evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tradewind.governance.cards.checklist import Checklist
from tradewind.governance.pages.numbers import count, counted, day, instant, moment
from tradewind.governance.reports.entry import SERVED, ModelEntry
from tradewind.governance.reports.policy import Policy


class Status(StrEnum):
    """What a check came to."""

    passed = "PASS"
    failed = "FAIL"
    not_assessed = "NOT ASSESSED"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule, what it came to, and the evidence for that.

    Raises
    ------
    ValueError : it passes or fails without evidence.
    """

    name: str
    rule: str
    status: Status
    evidence: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a judgement without evidence."""
        if not self.evidence:
            raise ValueError(f"check {self.name!r} is {self.status} without evidence")

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"name": self.name, "rule": self.rule, "status": str(self.status), "evidence": list(self.evidence)}


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """Answers of one version in the audit log: ``times`` are their moments (UTC), ``rows`` their numbers."""

    model: str
    version: str
    times: tuple[datetime, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class LogFacts:
    """What the audit log shows.

    Attributes
    ----------
    verified : whether verification found nothing; ``rows`` checked; ``findings`` in words.
    encrypted : whether bodies are encrypted; ``keys_since`` when the present key was taken, None where not known.
    first : moment of the oldest row that is left, None in an empty log.
    prunings : body of every retention row, with its moment under ``at``.
    served : answers by version; ``unnamed`` answers that name no model and version.
    decided : signatures of the registry's decisions that the log holds.
    """

    verified: bool
    rows: int
    findings: tuple[str, ...] = ()
    encrypted: bool = False
    keys_since: datetime | None = None
    first: datetime | None = None
    prunings: tuple[Mapping[str, Any], ...] = ()
    served: tuple[ServedModel, ...] = ()
    unnamed: int = 0
    decided: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ComplianceFacts:
    """Everything the checks look at; what is None was not given, and its checks are not assessed.

    ``cards`` : the checklist of each version's card by ``NAME/VERSION``.
    """

    entries: Sequence[ModelEntry]
    log: LogFacts | None = None
    cards: Mapping[str, Checklist] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)

    @property
    def active(self) -> list[ModelEntry]:
        """Versions that may answer."""
        return [entry for entry in self.entries if entry.stage in SERVED]


def compliance_checks(facts: ComplianceFacts, at: datetime) -> tuple[Check, ...]:
    """Return every check as of ``at``."""
    return (
        served_are_approved(facts),
        four_eyes(facts),
        registry_sound(facts),
        decisions_logged(facts),
        log_verified(facts),
        cards_complete(facts),
        validations_fresh(facts, at),
        keys_fresh(facts, at),
        retention_kept(facts),
        fairness_present(facts),
    )


def _judge(
    name: str, rule: str, good: Sequence[str], bad: Sequence[str], nothing: str, *, doubt: Sequence[str] = ()
) -> Check:
    """Return a check that fails with any ``bad`` line, passes with ``good`` ones alone, else is not assessed.

    ``doubt`` : what could not be looked at; with one such line nothing passes.
    """
    if bad:
        return Check(name=name, rule=rule, status=Status.failed, evidence=(*bad, *doubt, *good))
    if doubt:
        return Check(name=name, rule=rule, status=Status.not_assessed, evidence=(*doubt, *good))
    if good:
        return Check(name=name, rule=rule, status=Status.passed, evidence=tuple(good))
    return Check(name=name, rule=rule, status=Status.not_assessed, evidence=(nothing,))


def served_are_approved(facts: ComplianceFacts) -> Check:
    """Every answer in the log was given by a version that stood at approved or champion at that moment."""
    name, rule = "Served models approved", "Every logged answer came from a version approved at that moment."
    if facts.log is None:
        return _judge(name, rule, (), (), "no audit log was given")
    by_reference = {entry.reference: entry for entry in facts.entries}
    good: list[str] = []
    bad: list[str] = []
    for one in facts.log.served:
        name_, _, baseline = one.model.partition(":")  # a baseline that a fallback puts in the model's place
        reference, entry = f"{one.model}/{one.version}", by_reference.get(f"{name_}/{one.version}")
        if entry is None:
            bad.append(f"{reference}: {counted(len(one.times), 'answer')}, and the registry does not hold it")
            continue
        wrong = [row for row, moment in zip(one.rows, one.times, strict=True) if entry.stage_at(moment) not in SERVED]
        if wrong:
            stage = entry.stage_at(one.times[one.rows.index(wrong[0])])
            bad.append(
                f"{reference}: {count(len(wrong))} of {counted(len(one.times), 'answer')} while not approved, "
                f"the first in audit row #{wrong[0]} at stage {stage}"
            )
        else:
            whose = f" (the fallback {baseline} of {entry.reference})" if baseline else ""
            good.append(f"{reference}: {counted(len(one.times), 'answer')}, all while approved{whose}")
    if facts.log.unnamed:
        bad.append(f"{count(facts.log.unnamed)} answers name no model and version")
    return _judge(name, rule, good, bad, "the audit log holds no answer", doubt=_unproven(facts.log))


def _unproven(log: LogFacts) -> list[str]:
    return [] if log.verified else ["the audit log does not verify, so what it says proves nothing"]


def four_eyes(facts: ComplianceFacts) -> Check:
    """Author, validator and approver of every version that may answer are three people."""
    name, rule = "Four eyes", "Author, validator and approver of a version that may answer are different people."
    good: list[str] = []
    bad: list[str] = []
    for entry in facts.active:
        by = {stage: _decider(entry, stage) for stage in ("validated", "approved")}
        people = {"author": entry.author, "validator": by["validated"], "approver": by["approved"]}
        missing = [part for part, person in people.items() if not person]
        said = ", ".join(f"{part} {person or 'nobody'}" for part, person in people.items())
        if missing:
            bad.append(f"{entry.reference}: no {' and no '.join(missing)} on record ({said})")
        elif len(set(people.values())) < len(people):
            bad.append(f"{entry.reference}: one person acted twice ({said})")
        else:
            good.append(f"{entry.reference}: {said}")
    return _judge(name, rule, good, bad, "no version may answer, so there is no approval to look at")


def _decider(entry: ModelEntry, stage: str) -> str:
    """Return who last brought ``entry`` up to ``stage``, "" where nobody did."""
    moves = [one for one in entry.history if one.get("to_stage") == stage and one.get("from_stage") != "champion"]
    return str(moves[-1].get("by") or "") if moves else ""


def registry_sound(facts: ComplianceFacts) -> Check:
    """Every decision of the registry bears a signature, and the registry's own verification found no fault."""
    name, rule = "Decisions signed", "Every decision bears a valid signature and follows the one before it."
    doubt: list[str] = []
    good: list[str] = []
    bad: list[str] = []
    for entry in facts.entries:
        unsigned = sum(not one.get("signature") for one in entry.history)
        if unsigned:
            bad.append(f"{entry.reference}: {count(unsigned)} of {counted(len(entry.history), 'decision')} not signed")
        elif entry.history and entry.verified:
            good.append(f"{entry.reference}: {counted(len(entry.history), 'decision')}, every signature verified")
        elif entry.history:
            doubt.append(f"{entry.reference}: signatures of {counted(len(entry.history), 'decision')} not verified")
        else:
            bad.append(f"{entry.reference}: is registered, and no decision about it is on record")
    return _judge(name, rule, good, bad, "no decision was verified", doubt=doubt)


def decisions_logged(facts: ComplianceFacts) -> Check:
    """Every decision of the registry is in the audit log too."""
    name, rule = "Decisions logged", "Every decision of the registry is in the audit log, with the same signature."
    if facts.log is None:
        return _judge(name, rule, (), (), "no audit log was given")
    good: list[str] = []
    bad: list[str] = []
    for entry in facts.entries:
        absent = [one for one in entry.history if one.get("signature") not in facts.log.decided]
        if absent:
            what = absent[0].get("to_stage") or absent[0].get("act")
            said = f"{count(len(absent))} of {counted(len(entry.history), 'decision')} not in the log"
            bad.append(f"{entry.reference}: {said}, the first of {day(absent[0].get('at'))} ({what})")
        elif entry.history:
            good.append(f"{entry.reference}: {counted(len(entry.history), 'decision')}, all in the log")
    return _judge(name, rule, good, bad, "the registry holds no decision", doubt=_unproven(facts.log))


def log_verified(facts: ComplianceFacts) -> Check:
    """The audit log's chain, seals and signatures verify."""
    name, rule = "Audit log verified", "No row of the audit log was changed, removed, added or moved."
    log = facts.log
    if log is None:
        return _judge(name, rule, (), (), "no audit log was given")
    if not log.verified:
        found = list(log.findings) or ["verification failed and names no finding"]
        return _judge(name, rule, (), found, "")
    good = [f"{count(log.rows)} rows verified, nothing found"] if log.rows else []
    return _judge(name, rule, good, (), "the audit log is empty")


def cards_complete(facts: ComplianceFacts) -> Check:
    """Every version that may answer has a model card that passes its checklist."""
    name, rule = "Model cards complete", "The card of every version that may answer passes its checklist."
    good: list[str] = []
    bad: list[str] = []
    for entry in facts.active:
        found = facts.cards.get(entry.reference)
        if found is None:
            bad.append(f"{entry.reference}: there is no card")
        elif found.complete:
            good.append(f"{entry.reference}: complete, {count(found.checked)} fields checked")
        else:
            bad.append(f"{entry.reference}: lacks {', '.join(gap.requirement.path for gap in found.failing)}")
    return _judge(name, rule, good, bad, "no version may answer")


def validations_fresh(facts: ComplianceFacts, at: datetime) -> Check:
    """Every version that may answer was validated within the policy's days."""
    limit = facts.policy.validation_days
    name, rule = "Validations fresh", f"Versions that may answer were validated within {limit} days."
    good: list[str] = []
    bad: list[str] = []
    for entry in facts.active:
        validated = entry.reached("validated")
        if validated is None:
            bad.append(f"{entry.reference}: was never validated")
            continue
        age = (instant(at) - validated).days
        line = f"{entry.reference}: validated {day(validated)}, {count(age)} days ago"
        (bad if age > limit else good).append(line)
    return _judge(name, rule, good, bad, "no version may answer")


def keys_fresh(facts: ComplianceFacts, at: datetime) -> Check:
    """The key that encrypts the audit log is not older than the policy allows."""
    limit = facts.policy.key_days
    name, rule = "Keys rotated", f"The audit log's key is not older than {limit} days."
    log = facts.log
    if log is None:
        return _judge(name, rule, (), (), "no audit log was given")
    if not log.encrypted:
        return _judge(name, rule, (), (), "the audit log is not encrypted, so there is no key to rotate")
    if log.keys_since is None:
        return _judge(name, rule, (), (), "the log does not say since when its key is used")
    age = instant(at) - instant(log.keys_since)
    line = f"the key is used since {day(log.keys_since)}, {count(age.days)} days"
    late = age > timedelta(days=limit)
    return _judge(name, rule, () if late else (line,), (line,) if late else (), "")


def retention_kept(facts: ComplianceFacts) -> Check:
    """No row of the log was removed before the policy's age."""
    limit = facts.policy.keep_days
    name, rule = "Retention kept", f"No audit row was removed before it was {limit} days old."
    log = facts.log
    if log is None:
        return _judge(name, rule, (), (), "no audit log was given")
    if not log.verified:
        return _judge(name, rule, (), (), "the log does not verify, so what it says of removals proves nothing")
    if log.first is None:
        return _judge(name, rule, (), (), "the audit log is empty")
    good: list[str] = []
    bad: list[str] = []
    for one in log.prunings:
        before = one.get("before")
        if before is None:
            bad.append(f"a removal on {day(one['at'])} does not say up to when")
            continue
        age = instant(one["at"]) - instant(before)
        line = f"removal on {day(one['at'])}: rows before {day(before)}, at least {count(age.days)} days old"
        (bad if age < timedelta(days=limit) else good).append(line)
    if not log.prunings:
        good.append(f"nothing was ever removed; the verified log reaches back to {moment(log.first)}")
    return _judge(name, rule, good, bad, "")


def fairness_present(facts: ComplianceFacts) -> Check:
    """Every version that may answer, of a tier that the policy names, has a fairness report."""
    tiers = facts.policy.fairness_tiers
    name, rule = "Fairness reported", "Versions that may answer have a fairness report on record."
    good: list[str] = []
    bad: list[str] = []
    for entry in facts.active:
        if entry.notes.tier not in tiers:
            continue
        found = entry.record.get("fairness") or (entry.record.get("metrics") or {}).get("parity")
        (good if found else bad).append(f"{entry.reference}: {'a report is on record' if found else 'no report'}")
    return _judge(name, rule, good, bad, "no version that may answer is of a tier that needs one")
