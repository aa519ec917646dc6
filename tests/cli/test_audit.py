"""`tradewind audit` as a user meets it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tradewind.core.clock import FixedClock
from tradewind.governance.audit import AuditLog, Receipt


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a log with some entries of 2015 and one of today."""
    monkeypatch.setenv("TRADEWIND_AUDIT", str(tmp_path / "audit.db"))
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.delenv("TRADEWIND_AUDIT_KEYRING", raising=False)
    with AuditLog.open(tmp_path / "audit.db", clock=FixedClock(datetime(2015, 3, 2, tzinfo=UTC))) as log:
        log.append_many([("prediction", {"symbol": s, "model": "m", "caller": "desk"}) for s in ("A", "B", "A")])
    with AuditLog.open(tmp_path / "audit.db") as log:
        log.append("override", {"model": "m", "reason": "[bold] news"})
    return tmp_path


@pytest.mark.slow
def test_verify_passes_and_fails_by_exit_code(tradewind, place: Path):
    told = tradewind("audit", "verify")
    assert told.code == 0
    assert "5 entries read" in told.out
    assert "in order" in told.out
    entry = AuditLog.open(place / "audit.db", readonly=True).query(kind="override")[0]
    receipt = Receipt(entry.seq, entry.hash)
    assert tradewind("audit", "verify", "--deep", "--expect", f"{receipt.seq}:{receipt.hash}").code == 0
    missed = tradewind("audit", "verify", "--expect", f"{receipt.seq}:{'0' * 64}", "--json")
    assert (missed.code, missed.json["findings"][0]["fault"]) == (1, "receipt")
    assert tradewind("audit", "verify", "--expect", "4").code == 2
    with closing(sqlite3.connect(place / "audit.db", isolation_level=None)) as db:
        db.execute("DROP TRIGGER audit_entries_no_update")
        db.execute("UPDATE audit_entries SET body = x'7b7d' WHERE seq = 2")
    failed = tradewind("audit", "verify", "--public-key", place / "audit.pub")
    assert failed.code == 1
    assert "changed" in failed.out
    assert "evidence" in failed.err


@pytest.mark.slow
def test_a_key_beside_the_log_is_warned_of_and_can_be_moved(tradewind, place: Path, monkeypatch):
    assert "can forge all of it" in tradewind("audit", "verify").out
    assert "TRADEWIND_AUDIT_KEY" in tradewind("audit", "status", "--json").json["warnings"][0]
    (place / "safe").mkdir()
    for name in ("audit.key", "audit.pub"):
        (place / name).rename(place / "safe" / name)
    monkeypatch.setenv("TRADEWIND_AUDIT_KEY", str(place / "safe" / "audit.key"))
    told = tradewind("audit", "verify", "--json")
    assert (told.code, told.json["notes"]) == (0, [])
    with AuditLog.open(place / "audit.db") as log:
        log.append("decision", {})
    assert tradewind("audit", "status", "--json").json["warnings"] == []


@pytest.mark.slow
def test_query_and_status(tradewind, place: Path):
    found = tradewind("audit", "query", "--kind", "prediction", "--symbol", "A", "--newest", "--json").json
    assert [entry["seq"] for entry in found] == [3, 1]
    shown = tradewind("audit", "query", "--since", "2016-01-01", "--model", "m")
    assert "[bold] news" in shown.out
    assert "No such entry" in tradewind("audit", "query", "--caller", "nobody").out
    assert tradewind("audit", "query", "--since", "soon").code == 2
    told = tradewind("audit", "status", "--json").json
    assert (told["entries"], told["kinds"]["prediction"], told["encrypted"]) == (5, 3, False)
    assert told["anchor"] == "at entry 4"
    assert "guards" in tradewind("audit", "status").out


@pytest.mark.slow
def test_export_and_its_check(tradewind, place: Path):
    out = place / "q.csv"
    assert (
        "Wrote 3 entries"
        in tradewind("audit", "export", "--out", out, "--until", "2016-01-01", "--kind", "prediction").out
    )
    assert tradewind("audit", "verify", "--file", out, "--public-key", place / "audit.pub").code == 0
    out.write_text(out.read_text().replace("desk", "d3sk"))
    assert tradewind("audit", "verify", "--file", out).code == 1
    assert tradewind("audit", "export", "--out", place / "q.doc").code == 2


@pytest.mark.slow
def test_rotation_makes_uses_and_retires_keys(tradewind, place: Path):
    ring = place / "ring.json"
    assert tradewind("audit", "rotate-key", "--reason", "test").code == 2
    first = tradewind("audit", "rotate-key", "--reason", "begin", "--keyring", ring, "--by", "Ada", "--json").json
    again = tradewind("audit", "rotate-key", "--reason", "yearly", "--keyring", ring, "--json").json
    assert again["retired"] == [first["active"]]
    assert len(json.loads(ring.read_text())["keys"]) == 1
    assert tradewind("audit", "status", "--json").json["master_keys"] == [again["active"]]
    logged = tradewind("audit", "query", "--kind", "key_rotation", "--json").json
    assert [entry["body"]["by"] for entry in logged] == ["Ada", "ada"]
    assert tradewind("audit", "verify").code == 0


@pytest.mark.slow
def test_pruning_by_command(tradewind, place: Path):
    refused = tradewind("audit", "prune", "--before", "2999-01-01", "--reason", "space")
    assert refused.code == 2
    assert "--override" in refused.err
    old = place / "old.jsonl"
    done = tradewind("audit", "prune", "--before", "2016-01-01", "--reason", "seven years", "--export", old)
    assert "Removed 3 entries, 1 to 3" in done.out
    assert tradewind("audit", "verify", "--file", old).code == 0
    told = tradewind("audit", "verify", "--json")
    assert (told.code, told.json["pruned"]["by"]) == (0, "ada")


@pytest.mark.slow
def test_a_place_without_a_log(tradewind, place: Path):
    for command in (("verify",), ("status",), ("prune", "--before", "2016-01-01", "--reason", "x")):
        assert tradewind("audit", *command, "--log", place / "none.db").code == 2
        assert "is off" in tradewind("audit", *command, "--log", "off").err
    assert not (place / "none.db").exists()
    (place / "text.db").write_text("no database at all, only text that is long enough to be read")
    assert tradewind("audit", "verify", "--log", place / "text.db").code == 2
