"""Compliance: every rule can pass, fail and be unassessed, and never passes without evidence."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind.governance.audit import AuditLog
from tradewind.governance.cards import CardSources, check_card
from tradewind.governance.pages import to_html
from tradewind.governance.reports import (
    Check,
    ComplianceFacts,
    LogFacts,
    ModelEntry,
    Policy,
    ServedModel,
    Status,
    card_sources,
    compliance,
    compliance_checks,
    log_facts,
)

CHAMPION_SINCE = datetime(2026, 9, 4, 10, tzinfo=UTC)


def served(at: datetime, version: str = "3", model: str = "momentum") -> ServedModel:
    return ServedModel(model=model, version=version, times=(at, at + timedelta(days=1)), rows=(7, 8))


@pytest.fixture
def facts(entry: ModelEntry, now: datetime) -> ComplianceFacts:
    """Return facts with which every check passes."""
    log = LogFacts(
        verified=True,
        rows=1000,
        encrypted=True,
        keys_since=now - timedelta(days=10),
        first=now - timedelta(days=60),
        prunings=({"at": now.isoformat(), "before": (now - timedelta(days=3000)).isoformat()},),
        served=(served(CHAMPION_SINCE),),
        decided=frozenset(one["signature"] for one in entry.history),
    )
    return ComplianceFacts(entries=(entry,), log=log, cards={entry.reference: check_card(card_sources(entry))})


def statuses(facts: ComplianceFacts, now: datetime) -> dict[str, Status]:
    return {check.name: check.status for check in compliance_checks(facts, now)}


def test_everything_in_order_passes(facts: ComplianceFacts, now: datetime):
    found = statuses(facts, now)
    assert set(found.values()) == {Status.passed}
    assert len(found) == 10
    report = compliance(facts, at=now)
    assert report.data["status"] == "PASS"
    assert all(check["evidence"] for check in report.data["checks"])
    page = to_html(report.document)
    for words in ("1,000 rows verified", "author ada, validator vera, approver paul", "2 answers, all while approved"):
        assert words in page


def test_nothing_given_is_not_assessed_and_never_passes(now: datetime):
    found = compliance_checks(ComplianceFacts(entries=()), now)
    assert {check.status for check in found} == {Status.not_assessed}
    assert all(check.evidence for check in found)
    assert compliance(ComplianceFacts(entries=()), at=now).data["status"] == "NOT ASSESSED"


def test_a_judgement_without_evidence_cannot_be_made():
    for status in Status:
        with pytest.raises(ValueError, match="without evidence"):
            Check(name="x", rule="y", status=status, evidence=())


def changed(facts: ComplianceFacts, **log: Any) -> ComplianceFacts:
    assert facts.log is not None
    return dataclasses.replace(facts, log=dataclasses.replace(facts.log, **log))


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"served": (served(CHAMPION_SINCE - timedelta(days=2)),)}, "Served models approved"),  # only validated then
        ({"served": (served(CHAMPION_SINCE, version="9"),)}, "Served models approved"),
        ({"served": (served(CHAMPION_SINCE, model="other"),)}, "Served models approved"),
        ({"unnamed": 1}, "Served models approved"),
        ({"decided": frozenset()}, "Decisions logged"),
        ({"keys_since": datetime(2025, 1, 1, tzinfo=UTC)}, "Keys rotated"),
        ({"prunings": ({"at": "2026-11-01T00:00:00Z", "before": "2026-10-01T00:00:00Z"},)}, "Retention kept"),
        ({"prunings": ({"at": "2026-11-01T00:00:00Z"},)}, "Retention kept"),
    ],
)
def test_each_fault_of_the_log_fails_its_check_alone(
    facts: ComplianceFacts, now: datetime, changes: dict[str, Any], check: str
):
    found = statuses(changed(facts, **changes), now)
    assert [name for name, status in found.items() if status is Status.failed] == [check]
    report = compliance(changed(facts, **changes), at=now)
    assert report.data["status"] == "FAIL"


def test_a_log_that_does_not_verify_fails_and_proves_nothing(facts: ComplianceFacts, now: datetime):
    found = statuses(changed(facts, verified=False, findings=("changed: row 5",)), now)
    assert found["Audit log verified"] is Status.failed
    for name in ("Retention kept", "Served models approved", "Decisions logged"):
        assert found[name] is Status.not_assessed


def test_answers_of_an_ordered_fallback_count_for_their_version(facts: ComplianceFacts, now: datetime):
    fallback = (served(CHAMPION_SINCE), served(CHAMPION_SINCE, model="momentum:reversal"))
    check = compliance_checks(changed(facts, served=fallback), now)[0]
    assert check.status is Status.passed
    assert "the fallback reversal of momentum/3" in check.evidence[1]
    early = (served(CHAMPION_SINCE - timedelta(days=2), model="momentum:reversal"),)
    assert compliance_checks(changed(facts, served=early), now)[0].status is Status.failed


def test_one_version_that_was_not_looked_at_keeps_the_check_from_passing(facts: ComplianceFacts, now: datetime):
    entry = facts.entries[0]
    other = dataclasses.replace(entry, record={**entry.record, "version": 4}, verified=False)
    both = dataclasses.replace(facts, entries=(entry, other))
    assert statuses(both, now)["Decisions signed"] is Status.not_assessed
    bare = dataclasses.replace(facts, entries=(entry, dataclasses.replace(other, history=(), verified=True)))
    assert statuses(bare, now)["Decisions signed"] is Status.failed


def with_entry(facts: ComplianceFacts, **changes: Any) -> ComplianceFacts:
    return dataclasses.replace(facts, entries=(dataclasses.replace(facts.entries[0], **changes),))


def by(entry: ModelEntry, stage: str, person: str) -> tuple[dict[str, Any], ...]:
    return tuple({**one, "by": person} if one["to_stage"] == stage else dict(one) for one in entry.history)


def test_each_fault_of_the_registry_fails_its_check(facts: ComplianceFacts, now: datetime):
    entry = facts.entries[0]
    for person, stage in (("ada", "validated"), ("ada", "approved"), ("vera", "approved")):
        found = statuses(with_entry(facts, history=by(entry, stage, person)), now)
        assert found["Four eyes"] is Status.failed
    unsigned = tuple({**one, "signature": ""} for one in entry.history)
    assert statuses(with_entry(facts, history=unsigned), now)["Decisions signed"] is Status.failed
    assert statuses(with_entry(facts, verified=False), now)["Decisions signed"] is Status.not_assessed
    unfair = {key: value for key, value in entry.record.items() if key != "fairness"}
    assert statuses(with_entry(facts, record=unfair), now)["Fairness reported"] is Status.failed
    only_high = dataclasses.replace(with_entry(facts, record=unfair), policy=Policy(fairness_tiers=("high",)))
    assert statuses(only_high, now)["Fairness reported"] is Status.not_assessed
    late = compliance_checks(facts, now + timedelta(days=400))
    assert {check.name: check.status for check in late}["Validations fresh"] is Status.failed


def test_a_card_with_a_gap_fails_and_names_it(facts: ComplianceFacts, sources: CardSources, now: datetime):
    gap = check_card(dataclasses.replace(sources, notes=sources.notes.model_copy(update={"owner": ""})))
    found = compliance_checks(dataclasses.replace(facts, cards={"momentum/3": gap}), now)
    check = next(one for one in found if one.name == "Model cards complete")
    assert check.status is Status.failed
    assert "notes.owner" in check.evidence[0]
    none = statuses(dataclasses.replace(facts, cards={}), now)
    assert none["Model cards complete"] is Status.failed


def test_a_plain_log_has_no_key_to_rotate(facts: ComplianceFacts, now: datetime):
    assert statuses(changed(facts, encrypted=False), now)["Keys rotated"] is Status.not_assessed


def test_facts_come_from_a_real_log(entry: ModelEntry, tmp_path: Any, now: datetime):
    with AuditLog.open(tmp_path / "audit.db") as log:
        log.append("decision", entry.history[0])
        for version in ("3", "momentum/3"):
            log.prediction(
                time=now, symbol="AA", model="momentum", model_version=version, data_version="d", inputs={"x": 1.0},
                output={"probability": 0.6}, caller="desk",
            )  # fmt: skip
        log.append("prediction", {"symbol": "AA", "output": {"probability": 0.5}})
        found = log_facts(log)
    assert found.verified
    assert found.rows >= 4
    assert found.unnamed == 1
    assert found.decided == {entry.history[0]["signature"]}
    assert [(one.model, one.version, len(one.rows)) for one in found.served] == [("momentum", "3", 2)]
    assert not found.encrypted
    assert found.first is not None
