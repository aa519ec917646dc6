"""Someone with every right but the key changes a log: always found. Nobody changes it: never accused."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit_tampering import TAMPERINGS, Scene, copy_log
from tradewind.core.clock import FixedClock
from tradewind.governance.audit import AuditLog, AuditPlace, AuditSettings, KeyRing, Verification

GROUP = 5
OLD = datetime(2015, 3, 2, tzinfo=UTC)

EXPECTED = {
    "body_changed": "changed",
    "body_and_hash_changed": "changed",
    "time_changed": "changed",
    "kind_changed": "changed",
    "column_changed": "changed",
    "row_removed": "removed",
    "row_inserted": "inserted",
    "row_duplicated": "inserted",
    "rows_swapped": "reordered",
    "tail_cut": "truncated",
    "tail_cut_at_seal": "rolled_back",
    "tail_cut_and_anchor_made": "anchor",
    "tail_forged": "unsigned",
    "tail_forged_and_sealed": "signature",
    "rewritten_under_old_seals": "rewritten",
    "rewritten_from_a_row": "signature",
    "row_removed_and_renumbered": "signature",
    "row_inserted_and_rehashed": "signature",
    "replaced_by_own_log": "replaced",
    "older_copy": "rolled_back",
    "other_log": "other_log",
    "seal_removed": "seals",
    "signature_changed": "signature",
    "pruning_forged": "signature",
    "anchor_removed": "anchor",
    "anchor_changed": "anchor",
    "guards_removed": "guard",
}


@dataclass(frozen=True)
class Originals:
    """A folder with logs that nobody changed."""

    folder: Path
    rows: int
    ring: KeyRing | None

    def scene(self, target: Path, seed: int) -> Scene:
        """Return a fresh copy to tamper with."""
        target.mkdir(exist_ok=True)
        for file in target.iterdir():
            file.unlink()
        copy_log(self.folder / "audit.db", target / "audit.db")
        for name in ("audit.db.anchor", "audit.key", "audit.pub"):
            (target / name).write_bytes((self.folder / name).read_bytes())
            (target / name).chmod(0o600)
        return Scene(
            database=target / "audit.db",
            anchor=target / "audit.db.anchor",
            older=self.folder / "older.db",
            other=self.folder / "other.db",
            low=1,
            high=self.rows,
            rng=random.Random(seed),
        )


@pytest.fixture(scope="module", params=["plain", "encrypted"])
def originals(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Originals:
    """Return a log of 43 entries in groups of 5, an older copy of it, and another log by the same key."""
    folder = tmp_path_factory.mktemp("originals")
    ring = KeyRing.make() if request.param == "encrypted" else None

    def write(name: str, n: int) -> None:
        place = AuditPlace(database=str(folder / name), key=folder / "audit.key", anchor=folder / f"{name}.anchor")
        with AuditLog.open(place, key=ring, settings=AuditSettings(group_rows=GROUP)) as log:
            log.append_many(
                ("prediction", {"symbol": f"S{i}", "caller": "desk", "model": name, "p": i / n}) for i in range(n)
            )

    write("audit.db", 30)
    copy_log(folder / "audit.db", folder / "older.db")
    write("audit.db", 12)
    write("other.db", 42)
    return Originals(folder, 42, ring)


def verified(scene: Scene) -> Verification:
    """Return the verification by somebody who has the public key alone."""
    return AuditLog.open(
        AuditPlace(database=str(scene.database), key=scene.database.with_name("audit.key"), anchor=scene.anchor),
        readonly=True,
    ).verify()


def test_untouched_copies_are_in_order(originals: Originals, tmp_path: Path):
    result = verified(originals.scene(tmp_path / "copy", 0))
    assert result.ok, result.findings
    assert result.rows >= 43


@pytest.mark.slow
@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found(name: str, originals: Originals, tmp_path: Path):
    encrypted = originals.ring is not None
    for seed in range(6):
        scene = originals.scene(tmp_path / "copy", seed)
        before = scene.rng.getstate()
        TAMPERINGS[name](scene)
        result = verified(scene)
        faults = [finding.fault for finding in result.findings]
        assert faults, f"{name} was not found with seed {seed}"
        if name not in {"guards_removed"}:
            assert "guard" not in faults  # found for what it is, not for missing triggers
        if name in EXPECTED and not encrypted:
            assert EXPECTED[name] in faults, result.findings
        if name in {"body_changed", "time_changed", "column_changed"} and not encrypted:
            scene.rng.setstate(before)
            assert result.findings[0].seq == scene.place()


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_cell_is_found(data: st.DataObject, originals: Originals, tmp_path: Path):
    scene = originals.scene(tmp_path / "copy", 0)
    table, columns = data.draw(
        st.sampled_from(
            [
                ("audit_entries", ("seq", "at", "kind", "key_id", "model", "symbol", "caller", "body", "hash")),
                ("audit_seals", ("n", "seq", "hash", "at", "writer", "boundary", "detail", "previous", "signature")),
            ]
        )
    )
    column = data.draw(st.sampled_from(columns))
    with scene.opened() as db:
        rowids = [row for (row,) in db.execute(f"SELECT rowid FROM {table}")]
        rowid = data.draw(st.sampled_from(rowids))
        old = db.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (rowid,)).fetchone()[0]
        if isinstance(old, bytes):
            new = data.draw(st.binary(max_size=80).filter(lambda value: value != old))
        elif isinstance(old, str):
            letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
            new = data.draw(letters.filter(lambda value: value != old))
        else:
            new = data.draw(st.integers(-(2**40), 2**40).filter(lambda value: value not in (*rowids, old)))
        db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, rowid))
    assert not verified(scene).ok


@pytest.mark.slow
@pytest.mark.parametrize("value", ["'2020'", "NULL", "x'00'", "1.5", "-9223372036854775808"])
@pytest.mark.parametrize("column", ["seq", "at", "kind", "body", "hash"])
def test_values_of_another_type_are_found_and_break_nothing(
    column: str, value: str, originals: Originals, tmp_path: Path
):
    scene = originals.scene(tmp_path / "copy", 0)
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as db:
        triggers = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
        db.execute("CREATE TABLE loose AS SELECT * FROM audit_entries")
        db.execute("DROP TABLE audit_entries")
        db.execute("ALTER TABLE loose RENAME TO audit_entries")
        db.execute(f"UPDATE audit_entries SET {column} = {value} WHERE seq = 9")
        for sql in triggers:
            if "audit_entries" in sql:
                db.execute(sql)
    faults = {finding.fault for finding in verified(scene).findings}
    assert "guard" in faults
    assert faults & {"changed", "removed", "duplicated", "unreadable"}


def test_a_damaged_file_is_reported_not_raised(originals: Originals, tmp_path: Path):
    scene = originals.scene(tmp_path / "copy", 0)
    with closing(sqlite3.connect(scene.database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(scene.database.read_bytes())
    random.Random(1).shuffle(spoiled := list(range(4096, len(data))))
    for i in spoiled[: len(spoiled) // 2]:
        data[i] ^= 0xFF
    scene.database.write_bytes(data)
    assert {finding.fault for finding in verified(scene).findings} & {"unreadable", "changed", "removed", "guard"}


def test_an_index_that_hides_an_entry_is_found(originals: Originals, tmp_path: Path):
    scene = originals.scene(tmp_path / "copy", 0)
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as db:
        sql = db.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_by_kind'").fetchone()[0]
        db.execute("DROP INDEX audit_by_kind")
        db.execute(f"{sql} WHERE seq <> 9")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'audit_by_kind'", (sql,))
    log = AuditLog.open(
        AuditPlace(database=str(scene.database), key=tmp_path / "copy" / "audit.key", anchor=scene.anchor),
        key=originals.ring,
        readonly=True,
    )
    assert len(log.query(kind="prediction")) == 41
    result = log.verify(deep=True)
    assert {finding.fault for finding in result.findings} == {"guard"}
    assert any("missing from index audit_by_kind" in finding.detail for finding in result.findings)


def test_an_older_anchor_put_back_is_found(originals: Originals, tmp_path: Path):
    scene = originals.scene(tmp_path / "copy", 0)
    place = AuditPlace(database=str(scene.database), key=tmp_path / "copy" / "audit.key", anchor=scene.anchor)
    old = scene.anchor.read_text()
    with AuditLog.open(place, key=originals.ring, settings=AuditSettings(group_rows=GROUP)) as log:
        log.append("decision", {})
        assert log.verify().ok
        scene.anchor.write_text(old)
        lagging = log.verify()
        assert lagging.ok  # as if killed between commit and anchor
        assert any("1 signed entries (1 groups) behind" in note for note in lagging.notes)
        log.append("decision", {})
        scene.anchor.write_text(old)
        assert [finding.fault for finding in log.verify().findings] == ["anchor"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 7)),
        st.tuples(st.just("reopen"), st.just(0)),
        st.tuples(st.just("rotate"), st.just(0)),
        st.tuples(st.just("lag"), st.just(0)),
        st.tuples(st.just("prune"), st.integers(0, 40)),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(steps=STEPS, encrypted=st.booleans())
def test_an_honest_log_is_never_accused(
    steps: list[tuple[str, int]], encrypted: bool, tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("honest")
    place = AuditPlace(database=str(folder / "a.db"), key=folder / "a.key", anchor=folder / "a.anchor")
    ring = KeyRing.make() if encrypted else None
    chosen = AuditSettings(group_rows=3, rows_per_data_key=9)
    day = 0

    def opened() -> AuditLog:
        return AuditLog.open(place, key=ring, settings=chosen, clock=FixedClock(OLD + timedelta(days=day)))

    log, kept = opened(), []
    for step, value in steps:
        day += 1
        if step == "append":
            log._chain.clock = FixedClock(OLD + timedelta(days=day))
            kept += log.append_many([("prediction", {"symbol": "A", "n": n}) for n in range(value)])
        elif step == "rotate":
            ring = KeyRing.make() if ring is None else ring.renewed()
            log.rotate_key(ring, by="Ada", reason="test")
        elif step == "reopen":
            log.close()
            log = opened()
        elif step == "prune":
            with log._store.reading() as ledger:
                some = (ledger.first_at_or_after(0) or 0) < (ledger.first_at_or_after(_at(value)) or ledger.head()[0])
            if some:
                log.prune(OLD + timedelta(days=value), by="Ada", reason="test", override=True)
        else:  # killed after the commit and before the anchor
            before = place.anchor.read_text()
            kept.append(log.append("decision", {"n": 1}))
            log.close()
            place.anchor.write_text(before)
            result = AuditLog.open(place, readonly=True).verify(receipts=kept)
            assert result.ok, result.findings
            assert any("behind" in note for note in result.notes)
            log = opened()
        result = log.verify(receipts=kept)
        assert result.ok, (step, result.findings)
    log.close()
    assert AuditLog.open(place, readonly=True).verify(receipts=kept).ok


def _at(days: int) -> int:
    return round((OLD + timedelta(days=days)).timestamp() * 1e6)


def test_an_index_that_answers_in_place_of_the_table_hides_nothing(originals: Originals, tmp_path: Path):
    scene = originals.scene(tmp_path / "copy", 0)
    with scene.opened() as db:
        db.execute("CREATE INDEX shadow ON audit_entries (seq, at, kind, key_id, model, symbol, caller, body, hash)")
        db.execute("ANALYZE")
        db.execute("UPDATE sqlite_stat1 SET stat = '43 1 1 1 1 1 1 1 1 1 sz=1' WHERE idx = 'shadow'")
        db.execute("INSERT INTO sqlite_stat1 VALUES ('audit_entries', NULL, '43 sz=100000')")
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        shadow = db.execute("SELECT * FROM sqlite_master WHERE name = 'shadow'").fetchone()
        db.execute("DELETE FROM sqlite_master WHERE name = 'shadow'")
    with scene.opened() as db:
        db.execute("UPDATE audit_entries SET body = x'7b7d' WHERE seq = 9")
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", shadow)
    found = {finding.fault: finding for finding in verified(scene).findings}
    assert found["changed"].seq == 9
    assert "index shadow was added" in found["guard"].detail
