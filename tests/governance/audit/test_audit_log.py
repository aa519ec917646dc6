"""Bad input, places, keys in files, predictions, exports, several processes, and a writer that is killed."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_kill import trial
from tradewind.core import InputError, MissingExtraError, OutputError, UsageError
from tradewind.core.clock import FixedClock
from tradewind.governance.audit import (
    AuditLog,
    AuditSettings,
    Filter,
    KeyRing,
    check_export,
    place_of,
    prediction_body,
)
from tradewind.governance.audit.export import manifest_of
from tradewind.governance.audit.row import canonical, row_hash
from tradewind.governance.audit.signing import Signer, Verifier
from tradewind.governance.audit.writer import GroupWriter, Job

FACTS = {
    "time": datetime(2026, 3, 2, 21, tzinfo=UTC),
    "symbol": "AAPL",
    "model": "ensemble",
    "model_version": "3",
    "data_version": "9f2c",
    "inputs": {"return_1": np.float32(0.5), "rsi_14": float("nan")},
    "output": {"probability": 0.57},
    "caller": "desk",
}


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("Prediction", {}, "is not a kind"),
        ("", {}, "is not a kind"),
        ("x" * 65, {}, "is not a kind"),
        ("genesis", {}, "written by the log itself"),
        ("retention", {}, "written by the log itself"),
        ("decision", [1], "is a list"),
        ("decision", {"x": object()}, "cannot be written as JSON"),
        ("decision", {"x": {1, 2}}, "cannot be written as JSON"),
        ("decision", {"x": "\ud800"}, "cannot be written as JSON"),
        ("decision", {"x": "y" * (16 * 2**20)}, "more than 16777216"),
        ("decision", {"symbol": "A\0B"}, "zero byte"),
        ("decision", json.loads('{"x":' * 150 + "1" + "}" * 150), "more than 100 levels"),
    ],
)
def test_bad_entries_are_refused_and_leave_no_trace(kind: str, body: object, words: str, tmp_path: Path):
    with AuditLog.open(tmp_path / "a.db") as log:
        with pytest.raises(UsageError, match=words):
            log.append(kind, body)
        with pytest.raises(UsageError, match=words):
            log.append_many([("decision", {}), (kind, body)])
        assert log.status()["entries"] == 1


def test_a_body_that_holds_itself_is_refused(tmp_path: Path):
    body: dict[str, object] = {}
    body["self"] = body
    with AuditLog.open(tmp_path / "a.db") as log, pytest.raises(UsageError, match="cannot be written as JSON"):
        log.append("decision", body)


def test_a_closed_or_read_only_log_says_so(tmp_path: Path):
    log = AuditLog.open(tmp_path / "a.db")
    log.close()
    log.close()
    with pytest.raises(UsageError, match="closed"):
        log.append("decision", {})
    with pytest.raises(UsageError, match="for reading"):
        AuditLog.open(tmp_path / "a.db", readonly=True).append("decision", {})
    with pytest.raises(InputError, match="no audit log"):
        AuditLog.open(tmp_path / "none.db", readonly=True)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(UsageError, match="no such condition"):
        AuditLog.open(tmp_path / "a.db", readonly=True).query(colour="red")
    with pytest.raises(UsageError, match="not both"):
        AuditLog.open(tmp_path / "a.db", readonly=True).query(Filter(), kind="decision")
    with pytest.raises(UsageError, match="is no time"):
        AuditLog.open(tmp_path / "a.db", readonly=True).query(since="yesterday")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_opens_its_own(tmp_path: Path):
    with AuditLog.open(tmp_path / "a.db") as log:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                log.append("decision", {})
            except UsageError as error:
                os.write(writing, str(error).encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert b"another process" in os.read(reading, 1000)
        assert log.verify().ok


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_somebody_who_may_only_read_verifies_a_log_that_rests():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with AuditLog.open(folder / "a.db") as log:
            log.append("decision", {})
            os.seteuid(65534)
            try:
                assert AuditLog.open(folder / "a.db", readonly=True).verify().rows == 2
            finally:
                os.seteuid(0)
        before = sorted(folder.iterdir())
        os.seteuid(65534)
        try:
            result = AuditLog.open(folder / "a.db", readonly=True).verify()
        finally:
            os.seteuid(0)
        assert result.ok, result.findings
        assert sorted(folder.iterdir()) == before


def test_keys_are_private_and_stay_out_of_every_text(tmp_path: Path):
    with AuditLog.open(tmp_path / "a.db"):
        pass
    key = tmp_path / "audit.key"
    assert key.stat().st_mode & 0o777 == 0o600
    secret = key.read_text().split("\n")[1]
    signer = Signer.load(key)
    assert secret not in repr(signer)
    assert Verifier.load(tmp_path / "audit.pub").public == signer.public
    key.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        AuditLog.open(tmp_path / "a.db")
    key.chmod(0o600)
    key.write_text("nonsense")
    with pytest.raises(InputError, match="no Ed25519 secret key"):
        AuditLog.open(tmp_path / "a.db")
    key.unlink()
    with pytest.raises(InputError, match="bring back the key"):
        AuditLog.open(tmp_path / "a.db")
    assert not key.exists()  # a log that exists never gets another key
    assert AuditLog.open(tmp_path / "a.db", readonly=True).verify().ok


def test_another_key_cannot_go_on_with_a_log(tmp_path: Path):
    with AuditLog.open(tmp_path / "a.db") as log:
        log.append("decision", {})
    (tmp_path / "audit.key").unlink()
    Signer.load_or_make(tmp_path / "audit.key")
    with pytest.raises(OutputError, match="not by this log's key"):
        AuditLog.open(tmp_path / "a.db")


def test_a_key_ring_keeps_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ring = KeyRing.make().renewed()
    path = ring.save(tmp_path / "ring.json")
    assert path.stat().st_mode & 0o777 == 0o600
    secrets = json.loads(path.read_text())["keys"]
    assert all(secret not in repr(ring) for secret in secrets)
    assert KeyRing.load(path).ids == ring.ids
    monkeypatch.setenv("TRADEWIND_AUDIT_KEYRING", str(path))
    assert KeyRing.of_environment().active == ring.active
    monkeypatch.delenv("TRADEWIND_AUDIT_KEYRING")
    assert KeyRing.of_environment() is None
    monkeypatch.setenv("TRADEWIND_AUDIT_MASTER_KEYS", ", ".join(secrets))
    assert KeyRing.of_environment().ids == ring.ids
    monkeypatch.setenv("TRADEWIND_AUDIT_MASTER_KEYS", "my secret!")
    with pytest.raises(UsageError) as told:
        KeyRing.of_environment()
    assert "my secret" not in str(told.value)
    with pytest.raises(UsageError, match="cannot retire"):
        ring.without([ring.active])
    with pytest.raises(UsageError, match="32 bytes"):
        KeyRing([b"short"])
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(ring)
    path.write_text('{"keys": ["c2hvcnQ'), path.chmod(0o600)
    with pytest.raises(InputError, match="no key ring"):
        KeyRing.load(path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        KeyRing.load(path)


def test_a_data_key_gives_way_after_its_share_of_entries(tmp_path: Path):
    ring = KeyRing.make()
    with AuditLog.open(tmp_path / "a.db", key=ring, settings=AuditSettings(rows_per_data_key=5, group_rows=2)) as log:
        log.append_many([("decision", {"n": n}) for n in range(20)])
        assert [entry.body["n"] for entry in log.query(kind="decision")] == list(range(20))
        assert log.status()["data_keys"] > 2
        assert log.verify().ok


def test_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TRADEWIND_AUDIT", "TRADEWIND_HOME", "TRADEWIND_AUDIT_KEY", "TRADEWIND_AUDIT_ANCHORS"):
        monkeypatch.delenv(name, raising=False)
    place = place_of()
    assert Path(place.database) == tmp_path / ".tradewind" / "audit.db"
    assert place.key == tmp_path / ".tradewind" / "audit.key"
    assert place_of("off") is None
    assert place_of(tmp_path).database == str(tmp_path / "audit.db")
    monkeypatch.setenv("TRADEWIND_AUDIT", "off")
    assert place_of() is None
    assert place_of("x.db").anchor == tmp_path / "x.db.anchor"
    with pytest.raises(UsageError, match="off"):
        AuditLog.open("off")
    monkeypatch.setenv("TRADEWIND_AUDIT_KEY", str(tmp_path / "safe" / "k.key"))
    monkeypatch.setenv("TRADEWIND_AUDIT_ANCHORS", str(tmp_path / "far"))
    place = place_of("postgresql://ada:tops3cret@db:5432/audit")
    assert (place.key, place.public) == (tmp_path / "safe" / "k.key", tmp_path / "safe" / "k.pub")
    assert place.anchor.parent == tmp_path / "far"
    assert "tops3cret" not in f"{place!r} {place.shown} {place.anchor}"
    assert place.anchor == place_of("postgresql://bob:other@db:5432/audit").anchor
    assert place.anchor == place_of("postgresql://db:5432/audit?user=ada&password=tops3cret").anchor
    for uri in ("ada:to/ps3cret@db/a", "ada:to#ps3cret@db/a", "ada:to?ps3cret@db/a", "ada:to%ps3cret@db/a"):
        with pytest.raises(UsageError, match="cannot be read") as told:
            place_of(f"postgresql://{uri}")
        assert "ps3cret" not in str(told.value)
    with pytest.raises(UsageError) as told:
        place_of("mysql://ada:tops3cret@db/audit")
    assert "tops3cret" not in str(told.value)


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path))
    with pytest.raises((InputError, MissingExtraError)) as told:
        AuditLog.open("postgresql://ada:tops3cret@127.0.0.1:1/audit?connect_timeout=2")
    assert "tops3cret" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_prediction_holds_what_a_regulator_asks_for(tmp_path: Path):
    body = prediction_body(**FACTS, explanation="e-17", stage="champion")
    with AuditLog.open(tmp_path / "a.db") as log:
        log.prediction(**FACTS, explanation="e-17", stage="champion")
        entry = log.query(kind="prediction", model="ensemble", symbol="AAPL", caller="desk")[0]
    assert entry.body == json.loads(canonical(body))
    assert entry.body["as_of"] == entry.body["time"] == "2026-03-02T21:00:00.000000Z"
    assert entry.body["inputs"] == {"return_1": 0.5, "rsi_14": None}
    again = prediction_body(**{**FACTS, "inputs": body["inputs_sha256"]})
    assert (again["inputs_sha256"], "inputs" in again) == (body["inputs_sha256"], False)
    for wrong, words in (
        ({"symbol": " "}, "needs text in symbol"),
        ({"colour": "red"}, "no field named colour"),
        ({"output": {}}, "probability from 0 to 1"),
        ({"output": {"probability": 1.2}}, "probability from 0 to 1"),
        ({"output": {"probability": "high"}}, "probability from 0 to 1"),
        ({"output": {"probability": True}}, "probability from 0 to 1"),
        ({"inputs": "9f2c"}, "no SHA-256"),
        ({"output": {"probability": float("nan")}}, "probability from 0 to 1"),
    ):
        with pytest.raises(UsageError, match=words):
            prediction_body(**{**FACTS, **wrong})
    with pytest.raises(UsageError, match="lacks caller"):
        prediction_body(**{name: value for name, value in FACTS.items() if name != "caller"})


TEXT = st.text(max_size=6).map(str.encode)


@given(a=st.tuples(*[TEXT] * 6), b=st.tuples(*[TEXT] * 6), times=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_no_two_entries_share_their_framing(a: tuple, b: tuple, times: tuple[int, int]):
    same = (a, times[0]) == (b, times[1])
    assert (row_hash(bytes(32), 1, times[0], a) == row_hash(bytes(32), 1, times[1], b)) is same
    shifted = (a[0] + a[1], b"", *a[2:])
    if shifted != a:
        assert row_hash(bytes(32), 1, 0, shifted) != row_hash(bytes(32), 1, 0, a)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize("encrypted", [False, True])
def test_an_export_proves_itself(suffix: str, encrypted: bool, tmp_path: Path):
    ring = KeyRing.make() if encrypted else None
    out = tmp_path / f"out{suffix}"
    with AuditLog.open(tmp_path / "a.db", key=ring) as log:
        log.append_many(
            [("prediction", {"symbol": s, "note": 'ä "quoted", \n=1+1'}) for s in ("A", "B", "A")] + [("decision", {})]
        )
        manifest = log.export(out)
        some = log.export(tmp_path / f"some{suffix}", kind="prediction", symbol="A")
    public = Verifier.load(tmp_path / "audit.pub")
    result = check_export(out, public)
    assert result.ok, result.findings
    assert (result.rows, manifest["contiguous"], result.notes) == (5 + encrypted, True, ())
    assert check_export(tmp_path / f"some{suffix}", public).ok
    assert (some["rows"], some["contiguous"], some["filter"]) == (2, False, {"kind": "prediction", "symbol": "A"})
    if suffix == ".parquet":
        bodies = [json.loads(body) for body in pl.read_parquet(out)["body"]]
        assert [body.get("symbol") for body in bodies[-4:]] == ["A", "B", "A", None]
        return
    text = out.read_text(encoding="utf-8")
    out.write_text(text.replace("quoted", "altered", 1), encoding="utf-8")
    faults = check_export(out, public).findings
    assert "changed" in {finding.fault for finding in faults}
    lines = text.splitlines(keepends=True)
    out.write_text("".join(lines[:-1]), encoding="utf-8")
    assert {finding.fault for finding in check_export(out, public).findings} == {"changed", "removed"}
    out.write_text(text + "{", encoding="utf-8")
    assert not check_export(out, public).ok


def test_an_export_by_another_key_or_without_is_told(tmp_path: Path):
    with AuditLog.open(tmp_path / "a.db") as log:
        log.append("decision", {})
        log.export(tmp_path / "a.jsonl")
    other = Signer.make()
    assert [f.fault for f in check_export(tmp_path / "a.jsonl", other).findings] == ["signature"]
    assert check_export(tmp_path / "a.jsonl").notes
    (tmp_path / "audit.key").unlink()
    AuditLog.open(tmp_path / "a.db", readonly=True).export(tmp_path / "b.jsonl")
    assert check_export(tmp_path / "b.jsonl").ok
    assert "not signed" in check_export(tmp_path / "b.jsonl").notes[0]
    assert not check_export(tmp_path / "b.jsonl", other).ok
    manifest_of(tmp_path / "b.jsonl").write_text("[]")
    with pytest.raises(InputError, match="no mapping"):
        check_export(tmp_path / "b.jsonl")
    with pytest.raises(InputError, match="manifest"):
        check_export(tmp_path / "c.jsonl")
    with pytest.raises(UsageError, match="no format"):
        AuditLog.open(tmp_path / "a.db", readonly=True).export(tmp_path / "a.xlsx")


def test_a_full_queue_blocks_and_drops_nothing():
    gate, written = threading.Event(), []

    def commit(drafts: list) -> list:
        gate.wait(10)
        written.extend(drafts)
        return drafts

    writer = GroupWriter(commit, group_rows=2, queue_rows=3)
    callers = [threading.Thread(target=lambda n=n: writer.submit(Job([n]))) for n in range(12)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(0.05)
    assert any(caller.is_alive() for caller in callers)  # waits for room
    gate.set()
    for caller in callers:
        caller.join(10)
    writer.close()
    assert sorted(written) == list(range(12))


def test_a_failed_group_tells_its_callers_and_the_next_goes_on():
    calls = []

    def commit(drafts: list) -> list:
        calls.append(list(drafts))
        if len(calls) == 1:
            raise OutputError("disk full", fix="free the disk")
        return drafts

    writer = GroupWriter(commit, group_rows=5, queue_rows=5)
    with pytest.raises(OutputError, match="disk full"):
        writer.submit(Job([1])).result(10)
    assert writer.submit(Job([2])).result(10) == [2]
    writer.close()


def test_an_anchor_that_cannot_be_written_stops_the_log(tmp_path: Path):
    log = AuditLog.open(tmp_path / "a.db")
    anchor = tmp_path / "a.db.anchor"
    kept = anchor.read_text()
    anchor.unlink()
    anchor.mkdir()
    with pytest.raises(OutputError, match="can be read here"):
        AuditLog.open(tmp_path / "a.db")
    assert [found.fault for found in AuditLog.open(tmp_path / "a.db", readonly=True).verify().findings] == ["anchor"]
    for _ in range(2):
        with pytest.raises(OutputError, match="anchor"):
            log.append("decision", {})
    anchor.rmdir()
    anchor.write_text(kept)
    log.close()
    with AuditLog.open(tmp_path / "a.db") as log:
        log.append("decision", {})
        result = log.verify()
        assert result.ok, result.findings
        assert not result.notes


def test_an_anchor_of_a_stranger_hides_nothing(tmp_path: Path):
    anchor = tmp_path / "a.db.anchor"
    with AuditLog.open(tmp_path / "a.db") as log:
        promise = json.loads(anchor.read_text()) | {"n": -1, "seq": -1}
        log.append("decision", {"n": 1})
        older = anchor.read_text()
        log.append("decision", {"n": 2})
        log.append("decision", {"n": 3})
    for text, words in (
        (json.dumps(promise), "not by this log's key"),
        (older, "is an older copy"),
        ("{}", "not an anchor"),
        (json.dumps(promise | {"n": 2**80}), "not an anchor"),
    ):
        anchor.write_text(text)
        with pytest.raises(OutputError, match=words):
            AuditLog.open(tmp_path / "a.db")
        assert anchor.read_text() == text  # the evidence stays
        assert {f.fault for f in AuditLog.open(tmp_path / "a.db", readonly=True).verify().findings} == {"anchor"}


def test_what_was_pruned_is_gone_from_the_files(tmp_path: Path):
    past = FixedClock(datetime(2015, 1, 1, tzinfo=UTC))
    with AuditLog.open(tmp_path / "a.db", settings=AuditSettings(group_rows=10), clock=past) as log:
        log.append_many([("decision", {"text": f"SECRETIVE {n}"}) for n in range(100)])
    with AuditLog.open(tmp_path / "a.db") as log:
        log.append("decision", {})
        assert log.prune("2016-01-01", by="Ada", reason="test")["count"] == 100
    assert not any(b"SECRETIVE" in path.read_bytes() for path in tmp_path.iterdir())


WRITER = """
import sys
from tradewind.governance.audit import AuditLog
with AuditLog.open(sys.argv[1]) as log:
    for n in range(25):
        log.append("decision", {"process": sys.argv[2], "n": n})
"""


@pytest.mark.slow
def test_processes_write_one_chain(tmp_path: Path):
    children = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "a.db"), str(number)]) for number in range(4)
    ]
    assert [child.wait(60) for child in children] == [0] * 4
    log = AuditLog.open(tmp_path / "a.db", readonly=True)
    result = log.verify(deep=True)
    assert result.ok, result.findings
    assert not result.notes
    found = [(entry.body["process"], entry.body["n"]) for entry in log.query(kind="decision")]
    for number in range(4):
        assert [n for process, n in found if process == str(number)] == list(range(25))


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path):
    rng = random.Random(11)
    for _ in range(5):
        result = trial(tmp_path / "a.db", rng)
        assert result.acknowledged > 0
        assert result.lost == 0
        assert result.ok, result


def test_a_cancelled_entry_is_not_written_and_stops_nobody(tmp_path: Path):
    gate, written = threading.Event(), []

    def commit(drafts: list) -> list:
        gate.wait(10)
        written.extend(drafts)
        return drafts

    writer = GroupWriter(commit, group_rows=1, queue_rows=9)
    futures = [writer.submit(Job([n])) for n in range(4)]
    cancelled = [n for n in (1, 3) if futures[n].cancel()]
    gate.set()
    assert writer.submit(Job([9])).result(10) == [9]
    writer.close()
    assert cancelled == [1, 3]
    assert written == [0, 2, 9]
