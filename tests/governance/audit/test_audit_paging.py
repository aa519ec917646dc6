"""The log page by page, and what follows an earlier verification."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tradewind.governance.audit import AuditLog, Filter, Receipt


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a log of 40 predictions and 4 decisions."""
    with AuditLog.open(tmp_path / "audit.db") as log:
        log.append_many(
            ("decision", {"model": "demo", "by": "Ada", "reason": f'Nr {i} "quoted"'})
            if i % 11 == 10
            else ("prediction", {"model": "demo", "symbol": f"S{i % 4}", "caller": "desk"})
            for i in range(44)
        )
    return tmp_path / "audit.db"


def test_pages_follow_one_another_without_gap(place: Path):
    log, seen, below = AuditLog.open(place, readonly=True), [], None
    while True:
        page = log.page(Filter(below=below), size=7)
        seen += [entry.seq for entry in page.entries]
        if page.below is None:
            break
        below = page.below
    assert seen == list(range(44, -1, -1))


def test_text_is_found_in_either_case_and_with_quotes(place: Path):
    log = AuditLog.open(place, readonly=True)
    assert [e.seq for e in log.page(Filter(text="ADA")).entries] == [44, 33, 22, 11]
    assert [e.seq for e in log.page(Filter(text='nr 21 "quoted"')).entries] == [22]
    assert log.query(text="nr 21")[0].seq == 22


def test_conditions_meet(place: Path):
    log = AuditLog.open(place, readonly=True)
    first = log.entry(1)
    assert first is not None
    assert log.entry(99) is None
    assert len(log.page(Filter(kind="prediction", symbol="S1", model="demo", caller="desk")).entries) == 10
    assert log.page(Filter(until=first.at)).entries[0].seq == 0
    assert log.page(Filter(since="2999-01-01")).entries == ()


def test_a_hurried_page_says_where_to_go_on(place: Path):
    with AuditLog.open(place) as log:
        log.append_many(("prediction", {"symbol": "S0"}) for _ in range(1200))
        page = log.page(Filter(text="nr 10"), seconds=0.0)
        assert page.hurried
        assert page.entries == ()
        assert page.below is not None
        rest = log.page(Filter(text="nr 10", below=page.below))
        assert [entry.seq for entry in rest.entries] == [11]


def test_what_follows_a_verification_is_verified_alone(place: Path):
    with AuditLog.open(place) as log:
        whole = log.verify()
        assert whole.ok
        assert whole.head is not None
        log.append("decision", {"by": "ada"})
        found = log.verify(since=Receipt(*whole.head))
        assert found.ok
        assert found.rows == 1
        assert found.head == (45, log.entry(45).hash)
        assert log.verify(since=Receipt(*found.head)).ok


def test_a_change_after_the_checkpoint_is_found(place: Path):
    with AuditLog.open(place) as log:
        receipt = Receipt(*log.verify().head)
        log.append_many(("decision", {"by": "ada"}) for _ in range(3))
    _tamper(place, "UPDATE audit_entries SET body = CAST('{}' AS BLOB) WHERE seq = 46")
    found = AuditLog.open(place, readonly=True).verify(since=receipt)
    assert [one.seq for one in found.findings if one.fault == "changed"] == [46]


def test_another_entry_at_the_checkpoint_is_found(place: Path):
    log = AuditLog.open(place, readonly=True)
    found = log.verify(since=Receipt(44, "0" * 64))
    assert [one.fault for one in found.findings] == ["receipt"]


def test_a_cut_end_is_found(place: Path):
    with AuditLog.open(place) as log:
        receipt = Receipt(*log.verify().head)
        log.append("decision", {"by": "ada"})
    _tamper(place, "DELETE FROM audit_entries WHERE seq = 45")
    faults = {one.fault for one in AuditLog.open(place, readonly=True).verify(since=receipt).findings}
    assert "truncated" in faults


def _tamper(place: Path, sql: str) -> None:
    with sqlite3.connect(place) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(sql)
    db.close()
