"""What every store of the audit log must do: one suite over SQLite and a real PostgreSQL server."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tradewind.core import InputError, OutputError, UsageError
from tradewind.core.clock import FixedClock
from tradewind.governance.audit import AuditLog, AuditPlace, AuditSettings, KeyRing, Receipt

OLD = datetime(2015, 3, 2, tzinfo=UTC)
NEW = datetime(2026, 3, 2, tzinfo=UTC)


def test_what_is_appended_comes_back(audit_place: AuditPlace):
    with AuditLog.open(audit_place) as log:
        first = log.append("decision", {"model": "m1", "by": "Ada", "score": 0.5, "bad": float("nan")})
        rest = log.append_many([("prediction", {"symbol": s, "caller": "desk"}) for s in ("A", "B", "A")])
    assert (first.seq, [receipt.seq for receipt in rest]) == (1, [2, 3, 4])
    with AuditLog.open(audit_place) as log:
        entry = log.query(kind="decision")[0]
        assert entry.body == {"model": "m1", "by": "Ada", "score": 0.5, "bad": None}
        assert (entry.seq, entry.hash) == first
        assert [e.seq for e in log.query(symbol="A")] == [2, 4]
        assert [e.seq for e in log.query(symbol="A", newest=True, limit=1)] == [4]
        assert [e.seq for e in log.query(caller="desk", kind="prediction", limit=2)] == [2, 3]
        assert log.query(model="m1", symbol="A") == []
        assert log.query(since="2999-01-01") == []
        assert len(log.query(until="2999-01-01")) == 5
        result = log.verify(receipts=[first, *rest])
    assert result.ok, result.findings
    assert (result.rows, result.head) == (5, (4, rest[-1].hash))
    assert not AuditLog.open(audit_place, readonly=True).verify(receipts=[Receipt(1, "00")]).ok


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entries SET kind = 'x' WHERE seq = 1",
        "DELETE FROM audit_entries WHERE seq = 1",
        "DELETE FROM audit_entries WHERE seq = 0",
        "UPDATE audit_seals SET seq = 7",
        "DELETE FROM audit_seals",
    ],
)
def test_the_tables_refuse_change(audit_place: AuditPlace, raw: Callable[[str], None], sql: str):
    with AuditLog.open(audit_place) as log:
        log.append("decision", {})
    with pytest.raises(Exception, match="append-only"):
        raw(sql)
    assert AuditLog.open(audit_place, readonly=True).verify().ok


def test_a_change_without_guards_is_found(audit_place: AuditPlace, raw: Callable[[str], None]):
    with AuditLog.open(audit_place) as log:
        log.append_many([("decision", {"n": n}) for n in range(20)])
        if audit_place.remote:
            raw("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        else:
            raw("DROP TRIGGER audit_entries_no_update")
        raw("UPDATE audit_entries SET at = at + 1 WHERE seq = 7")
        found = {finding.fault: finding for finding in log.verify().findings}
    assert set(found) == {"changed", "guard"}
    assert found["changed"].seq == 7


@pytest.mark.slow
def test_threads_and_handles_share_one_chain(audit_place: AuditPlace):
    with AuditLog.open(audit_place) as one, AuditLog.open(audit_place) as two, ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit((one, two)[n % 2].append, "prediction", {"n": n}) for n in range(200)]
        receipts = [future.result() for future in waiting]
        assert sorted(receipt.seq for receipt in receipts) == list(range(1, 201))
        for log in (one, two):
            result = log.verify(receipts=receipts)
            assert result.ok, result.findings
            assert result.rows == 201
        written = {entry.seq: entry.body["n"] for entry in one.query(kind="prediction")}
    assert written == {receipt.seq: n for n, receipt in enumerate(receipts)}
    assert result.seals < 201  # callers shared groups


def test_encryption_rotation_and_a_retired_key(audit_place: AuditPlace, raw: Callable[[str], None]):
    first = KeyRing.make()
    with AuditLog.open(audit_place, key=first) as log:
        log.append("decision", {"symbol": "SECRETIVE", "caller": "desk"})
        before = log.query(kind="decision")[0]
        second = first.renewed()
        log.rotate_key(second, by="Ada", reason="once a year")
        log.append("decision", {"symbol": "OTHER"})
        assert log.query(symbol="SECRETIVE", caller="desk") == [before]
        assert log.master_keys() == (second.active,)
        assert log.verify().ok
        told = log.query(kind="key_rotation")[-1].body
        assert (told["by"], told["master_key"], told["n_data_keys"]) == ("Ada", second.active, 2)
    alone = second.without(first.ids)
    with AuditLog.open(audit_place, key=alone) as log:
        assert [entry.body["symbol"] for entry in log.query(kind="decision")] == ["SECRETIVE", "OTHER"]
    plain = AuditLog.open(audit_place, readonly=True)
    assert plain.verify().ok
    assert len(plain.query(kind="key_rotation")) == 2
    with pytest.raises(InputError, match="encrypted with data key"):
        plain.query(symbol="OTHER")
    with pytest.raises(InputError, match=f"wrapped by master key {second.active}"):
        AuditLog.open(audit_place, key=first, readonly=True).query(kind="decision")
    with AuditLog.open(audit_place) as log, pytest.raises(InputError, match="no key was given"):
        log.append("decision", {"symbol": "PLAIN"})
    with AuditLog.open(audit_place, key=KeyRing.make()) as log, pytest.raises(InputError, match="the key ring holds"):
        log.append("decision", {"symbol": "PLAIN"})
    if audit_place.remote:
        raw("UPDATE audit_data_keys SET wrapped = wrapped || '\\x00'")
    else:
        assert b"SECRETIVE" not in b"".join(path.read_bytes() for path in audit_place.key.parent.iterdir())
        raw("UPDATE audit_data_keys SET wrapped = CAST(wrapped || x'00' AS BLOB)")
    assert [finding.fault for finding in plain.verify().findings] == ["data_keys"]


def test_pruning_takes_the_data_keys_of_what_it_removes(audit_place: AuditPlace):
    ring, settings = KeyRing.make(), AuditSettings(group_rows=4)
    with AuditLog.open(audit_place, key=ring, settings=settings, clock=FixedClock(OLD)) as log:
        log.append_many([("prediction", {"n": n}) for n in range(10)])
        renewed = ring.renewed()
        log.rotate_key(renewed, by="Ada", reason="test")
    with (
        AuditLog.open(audit_place, key=ring, settings=settings, clock=FixedClock(NEW)) as log,
        pytest.raises(InputError, match=r"d2-\w+ .* is wrapped by master key"),
    ):
        log.append("prediction", {"n": 10})
    with AuditLog.open(audit_place, key=renewed, settings=settings, clock=FixedClock(NEW)) as log:
        log.append_many([("prediction", {"n": n}) for n in range(10, 13)])
        log.prune("2016-01-01", by="Ada", reason="seven years are over")
        assert [entry.body["n"] for entry in log.query(kind="prediction")] == [10, 11, 12]
        with log._store.reading() as ledger:
            assert [key.n for key in ledger.data_keys()] == [2]
        result = log.verify()
        assert result.ok, result.findings


def test_pruning_is_signed_and_logged(audit_place: AuditPlace):
    settings = AuditSettings(group_rows=4)
    with AuditLog.open(audit_place, settings=settings, clock=FixedClock(OLD)) as log:
        gone = log.append_many([("prediction", {"n": n}) for n in range(10)])
    with AuditLog.open(audit_place, settings=settings, clock=FixedClock(NEW)) as log:
        kept = log.append_many([("prediction", {"n": n}) for n in range(10, 14)])
        with pytest.raises(UsageError, match="younger than 2557 days"):
            log.prune("2026-01-01", by="Ada", reason="space")
        with pytest.raises(InputError, match="no entry old enough"):
            log.prune("2015-01-01", by="Ada", reason="space")
        with pytest.raises(UsageError, match="who does this and why"):
            log.prune("2016-01-01", by="Ada", reason=" ")
        told = log.prune("2016-01-01", by="Ada", reason="seven years are over")
        assert (told["first"], told["seq"], told["count"], told["hash"]) == (1, 10, 10, gone[-1].hash)
        assert [entry.body["n"] for entry in log.query(kind="prediction")] == [10, 11, 12, 13]
        assert log.query(kind="retention")[0].body["reason"] == "seven years are over"
        result = log.verify(receipts=[gone[3], kept[0]])
        assert result.ok, result.findings
        assert result.pruned["count"] == 10
        assert any("entries 1 to 10 were pruned" in note for note in result.notes)
        log.append("decision", {})
        again = log.prune("2027-01-01", by="Bob", reason="test", override=True)
        assert (again["first"], again["count"], again["total"]) == (11, 5, 15)
        log.append("decision", {})
    with AuditLog.open(audit_place) as log:
        result = log.verify()
        assert result.ok, result.findings
        assert result.rows == 4  # genesis, the two about the last pruning and after, and the one before it


def test_a_log_that_lost_its_end_takes_no_more(audit_place: AuditPlace, raw: Callable[[str], None]):
    with AuditLog.open(audit_place) as log:
        log.append_many([("decision", {"n": n}) for n in range(5)])
        log.append("decision", {})
        for table in ("audit_entries", "audit_seals"):
            if audit_place.remote:
                raw(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                raw(f"DROP TRIGGER {table}_no_delete")
            raw(f"DELETE FROM {table} WHERE seq = 6")
        with pytest.raises(OutputError, match="entry 6, written before, is gone or changed"):
            log.append("decision", {})
        assert "rolled_back" in {finding.fault for finding in log.verify().findings}
    with pytest.raises(OutputError, match="its anchor tells of entry 6"):
        AuditLog.open(audit_place)


def test_a_forged_entry_is_not_signed_over(audit_place: AuditPlace, raw: Callable[[str], None]):
    with AuditLog.open(audit_place) as log:
        log.append("decision", {})
        raw(
            "INSERT INTO audit_entries (seq, at, kind, key_id, model, symbol, caller, body, hash)"
            " SELECT 2, at, kind, key_id, model, symbol, caller, body, hash FROM audit_entries WHERE seq = 1"
        )
        with pytest.raises(OutputError, match="entry 2 is not covered by the last signature"):
            log.append("decision", {})
        assert {finding.fault for finding in log.verify().findings} >= {"unsigned"}


def test_time_is_recorded_to_the_microsecond(audit_place: AuditPlace):
    at = OLD + timedelta(microseconds=7)
    with AuditLog.open(audit_place, clock=FixedClock(at)) as log:
        log.append("decision", {"at": at, "day": at.date()})
        entry = log.query(kind="decision")[0]
    assert entry.at == "2015-03-02T00:00:00.000007Z"
    assert entry.body == {"at": "2015-03-02T00:00:00.000007Z", "day": "2015-03-02"}
    assert json.dumps(entry.to_dict())
