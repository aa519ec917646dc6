"""What someone may do to a SQLite audit log who can write every file of it but does not hold the key that signs.

The triggers are taken away before each change and put back after it, so that only the change itself can be found.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tradewind.governance.audit.anchor import Anchor
from tradewind.governance.audit.row import first_hash, row_hash
from tradewind.governance.audit.seal import Seal
from tradewind.governance.audit.signing import Signer

ROW = "seq, at, kind, key_id, model, symbol, caller, body, hash"
SEAL = "n, seq, hash, at, writer, boundary, detail, previous, signature"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Files a tamperer has: the log, an older copy of it, and another honest log by the same key.

    ``low``, ``high`` : the entries among which a place is drawn.
    """

    database: Path
    anchor: Path
    older: Path
    other: Path
    low: int
    high: int
    rng: random.Random

    def place(self) -> int:
        """Return an entry with two others after it."""
        return self.rng.randint(self.low, self.high - 2)

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Yield the database without its triggers; they are back at the end."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as db:
            triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            db.execute("BEGIN")
            for name, _ in triggers:
                db.execute(f"DROP TRIGGER {name}")
            yield db
            for _, sql in triggers:
                db.execute(sql)
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _set(scene: Scene, column: str, value: object, *, at: int | None = None) -> None:
    with scene.opened() as db:
        db.execute(f"UPDATE audit_entries SET {column} = ? WHERE seq = ?", (value, at or scene.place()))


def _body(db: sqlite3.Connection, seq: int) -> bytes:
    return bytes(db.execute("SELECT body FROM audit_entries WHERE seq = ?", (seq,)).fetchone()[0])


def _altered(body: bytes, rng: random.Random) -> bytes:
    i = rng.randrange(len(body))
    return body[:i] + bytes([body[i] ^ (1 << rng.randrange(7))]) + body[i + 1 :]


def rehash(db: sqlite3.Connection, start: int, last: int | None = None) -> None:
    """Compute the hashes from entry ``start`` on anew (to ``last``), as anybody can who has read the source."""
    before = db.execute("SELECT hash FROM audit_entries WHERE seq < ? ORDER BY seq DESC LIMIT 1", (start,)).fetchone()
    if before is None:
        genesis = json.loads(_body(db, 0))
        before = (first_hash(bytes.fromhex(genesis["log"])),)
    previous, changes = before[0], []
    query = f"SELECT {ROW} FROM audit_entries WHERE seq >= ? AND seq <= ? ORDER BY seq"
    for seq, at, kind, key_id, model, symbol, caller, body, _ in db.execute(query, (start, last or 2**60)):
        texts = (kind, key_id, model, symbol, caller)
        previous = row_hash(previous, seq, at, (*(text.encode() for text in texts), body))
        changes.append((previous, seq))
    db.executemany("UPDATE audit_entries SET hash = ? WHERE seq = ?", changes)


def _reseal(db: sqlite3.Connection, start: int) -> None:
    """Let the seals from entry ``start`` on state the hashes that the entries now have."""
    db.execute(
        "UPDATE audit_seals SET hash = coalesce((SELECT hash FROM audit_entries e WHERE e.seq = audit_seals.seq), hash)"
        " WHERE seq >= ?",
        (start,),
    )


def _shift(db: sqlite3.Connection, start: int, by: int) -> None:
    db.execute("UPDATE audit_entries SET seq = -seq WHERE seq >= ?", (start,))
    db.execute("UPDATE audit_entries SET seq = -seq + ? WHERE seq < 0", (by,))


def body_changed(scene: Scene) -> None:
    """One bit of one body."""
    seq = scene.place()
    with scene.opened() as db:
        changed = _altered(_body(db, seq), scene.rng)
        db.execute("UPDATE audit_entries SET body = ? WHERE seq = ?", (changed, seq))


def body_and_hash_changed(scene: Scene) -> None:
    """A body, and its hash made to fit."""
    seq = scene.place()
    with scene.opened() as db:
        db.execute("UPDATE audit_entries SET body = ? WHERE seq = ?", (_altered(_body(db, seq), scene.rng), seq))
        rehash(db, seq, seq)


def time_changed(scene: Scene) -> None:
    """The time of one entry, by a microsecond."""
    seq = scene.place()
    with scene.opened() as db:
        db.execute("UPDATE audit_entries SET at = at - 1 WHERE seq = ?", (seq,))


def kind_changed(scene: Scene) -> None:
    """The kind of one entry."""
    _set(scene, "kind", "incident")


def key_id_changed(scene: Scene) -> None:
    """The data key that one entry names."""
    _set(scene, "key_id", "d9-00000000")


def column_changed(scene: Scene) -> None:
    """A copied column, so that a query no longer finds the entry; the body stays."""
    _set(scene, "symbol", "HIDDEN")


def hash_changed(scene: Scene) -> None:
    """One stored hash."""
    _set(scene, "hash", scene.rng.randbytes(32))


def column_moved(scene: Scene) -> None:
    """The last letter of the kind moved to the key id: the bytes hashed are the same but for their framing."""
    seq = scene.place()
    with scene.opened() as db:
        db.execute(
            "UPDATE audit_entries SET key_id = substr(kind, -1) || key_id, kind = substr(kind, 1, length(kind) - 1)"
            " WHERE seq = ?",
            (seq,),
        )


def row_removed(scene: Scene) -> None:
    """One entry taken out."""
    with scene.opened() as db:
        db.execute("DELETE FROM audit_entries WHERE seq = ?", (scene.place(),))


def row_removed_and_renumbered(scene: Scene) -> None:
    """One entry taken out, later ones renumbered, every hash and seal made to fit."""
    seq = scene.place()
    with scene.opened() as db:
        db.execute("DELETE FROM audit_entries WHERE seq = ?", (seq,))
        _shift(db, seq + 1, -1)
        rehash(db, seq)
        _reseal(db, seq)


def row_inserted(scene: Scene) -> None:
    """An entry put in between, later ones renumbered, their hashes left."""
    _inserted(scene, fit=False)


def row_inserted_and_rehashed(scene: Scene) -> None:
    """An entry put in between, later ones renumbered, every hash and seal made to fit."""
    _inserted(scene, fit=True)


def _inserted(scene: Scene, *, fit: bool) -> None:
    seq = scene.place()
    with scene.opened() as db:
        _shift(db, seq, 1)
        db.execute(
            f"INSERT INTO audit_entries ({ROW}) SELECT ?, at, 'override', '', '', '', '', ?, hash"
            " FROM audit_entries WHERE seq = ?",
            (seq, b'{"by":"nobody"}', seq + 1),
        )
        rehash(db, seq, None if fit else seq)
        if fit:
            _reseal(db, seq)


def row_duplicated(scene: Scene) -> None:
    """An entry written a second time after itself, later ones renumbered."""
    seq = scene.place()
    with scene.opened() as db:
        _shift(db, seq + 1, 1)
        db.execute(
            f"INSERT INTO audit_entries ({ROW}) SELECT seq + 1, at, kind, key_id, model, symbol, caller, body, hash"
            " FROM audit_entries WHERE seq = ?",
            (seq,),
        )


def rows_swapped(scene: Scene) -> None:
    """Two entries change places."""
    first = scene.place()
    second = first + 1 if scene.rng.random() < 0.5 else scene.rng.randint(first + 1, scene.high)
    with scene.opened() as db:
        for old, new in ((first, -1), (second, first), (-1, second)):
            db.execute("UPDATE audit_entries SET seq = ? WHERE seq = ?", (new, old))


def tail_cut(scene: Scene) -> None:
    """The last entries taken away."""
    with scene.opened() as db:
        db.execute("DELETE FROM audit_entries WHERE seq > ?", (scene.place(),))


def tail_cut_at_seal(scene: Scene) -> None:
    """The last groups taken away with their seals, so that the database alone is as it once was."""
    with scene.opened() as db:
        seals = [seq for (seq,) in db.execute("SELECT seq FROM audit_seals ORDER BY n")][:-1]
        end = scene.rng.choice(seals[-3:])
        db.execute("DELETE FROM audit_entries WHERE seq > ?", (end,))
        db.execute("DELETE FROM audit_seals WHERE seq > ?", (end,))


def tail_cut_and_anchor_made(scene: Scene) -> None:
    """The last groups taken away with their seals, and the anchor made of the last seal that is left."""
    tail_cut_at_seal(scene)
    with closing(sqlite3.connect(scene.database)) as db:
        seal = Seal(*db.execute(f"SELECT {SEAL} FROM audit_seals ORDER BY n DESC LIMIT 1").fetchone())
    told = {name: value.hex() if isinstance(value, bytes) else value for name, value in seal._asdict().items()}
    scene.anchor.write_text(json.dumps(json.loads(scene.anchor.read_text()) | told))


def tail_forged(scene: Scene) -> None:
    """An entry added at the end with a hash that fits."""
    with scene.opened() as db:
        _forge(db)


def tail_forged_and_sealed(scene: Scene) -> None:
    """An entry added at the end, under a seal signed by another key."""
    thief = Signer.make()
    with scene.opened() as db:
        _forge(db)
        log = bytes.fromhex(json.loads(_body(db, 0))["log"])
        last = Seal(*db.execute(f"SELECT {SEAL} FROM audit_seals ORDER BY n DESC LIMIT 1").fetchone())
        seq, digest = db.execute("SELECT seq, hash FROM audit_entries ORDER BY seq DESC LIMIT 1").fetchone()
        seal = last._replace(n=last.n + 1, seq=seq, hash=digest, previous=last.digest(log))
        seal = seal._replace(signature=thief.sign(seal.message(log)))
        db.execute(f"INSERT INTO audit_seals ({SEAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", seal)


def _forge(db: sqlite3.Connection) -> None:
    db.execute(
        f"INSERT INTO audit_entries ({ROW}) SELECT seq + 1, at, 'override', '', '', '', '', ?, hash"
        " FROM audit_entries ORDER BY seq DESC LIMIT 1",
        (b'{"by":"nobody"}',),
    )
    rehash(db, db.execute("SELECT max(seq) FROM audit_entries").fetchone()[0])


def rewritten_from_a_row(scene: Scene) -> None:
    """A body, and every later hash and seal made to fit; the signatures cannot be."""
    seq = scene.place()
    with scene.opened() as db:
        db.execute("UPDATE audit_entries SET body = ? WHERE seq = ?", (b'{"by":"nobody"}', seq))
        rehash(db, seq)
        _reseal(db, seq)


def rewritten_under_old_seals(scene: Scene) -> None:
    """A body, and every later hash made to fit; the seals are left as they are."""
    seq = scene.place()
    with scene.opened() as db:
        db.execute("UPDATE audit_entries SET body = ? WHERE seq = ?", (b'{"by":"nobody"}', seq))
        rehash(db, seq)


def replaced_by_own_log(scene: Scene) -> None:
    """The whole log and its anchor made anew by another key: entries, seals and signatures all fit one another."""
    thief = Signer.make()
    with scene.opened() as db:
        genesis = json.loads(_body(db, 0))
        log = bytes.fromhex(genesis["log"])
        genesis["public_key"] = thief.public.hex()
        text = json.dumps(genesis, sort_keys=True, separators=(",", ":")).encode()
        db.execute("UPDATE audit_entries SET body = ? WHERE seq = 0", (text,))
        db.execute("UPDATE audit_entries SET body = ? WHERE seq = ?", (b'{"by":"nobody"}', scene.place()))
        rehash(db, 0)
        _reseal(db, 0)
        previous, seals = bytes(32), []
        for values in db.execute(f"SELECT {SEAL} FROM audit_seals ORDER BY n").fetchall():
            seal = Seal(*values)._replace(previous=previous)
            seal = seal._replace(signature=thief.sign(seal.message(log)))
            previous = seal.digest(log)
            seals.append(seal)
        db.execute("DELETE FROM audit_seals")
        db.executemany(f"INSERT INTO audit_seals ({SEAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", seals)
    scene.anchor.unlink()
    anchor = Anchor(scene.anchor)
    anchor.advance(log, seals[-1], anchor.draft(log, seals[-1], thief))
    anchor.close()


def older_copy(scene: Scene) -> None:
    """The database as it was some time ago."""
    copy_log(scene.older, scene.database)


def other_log(scene: Scene) -> None:
    """Another honest log by the same key in its place."""
    copy_log(scene.other, scene.database)


def rows_of_other_log(scene: Scene) -> None:
    """Some entries replaced by those with the same numbers of another honest log."""
    with closing(sqlite3.connect(scene.other)) as db:
        last = db.execute("SELECT max(seq) FROM audit_entries").fetchone()[0]
        first = 1 + scene.place() % (last - 3)
        rows = db.execute(f"SELECT {ROW} FROM audit_entries WHERE seq BETWEEN ? AND ?", (first, first + 2)).fetchall()
    with scene.opened() as db:
        db.execute("DELETE FROM audit_entries WHERE seq BETWEEN ? AND ?", (first, first + 2))
        db.executemany(f"INSERT INTO audit_entries ({ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def seal_removed(scene: Scene) -> None:
    """One signed seal taken out."""
    with scene.opened() as db:
        seals = [n for (n,) in db.execute("SELECT n FROM audit_seals ORDER BY n")][:-1]
        db.execute("DELETE FROM audit_seals WHERE n = ?", (scene.rng.choice(seals),))


def signature_changed(scene: Scene) -> None:
    """The signature of one seal."""
    with scene.opened() as db:
        seals = [n for (n,) in db.execute("SELECT n FROM audit_seals ORDER BY n")]
        db.execute(
            "UPDATE audit_seals SET signature = ? WHERE n = ?", (scene.rng.randbytes(64), scene.rng.choice(seals))
        )


def pruning_forged(scene: Scene) -> None:
    """Entries removed through the path the triggers leave to retention, under a seal that nobody signed."""
    seq = scene.place()
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as db:
        log = bytes.fromhex(json.loads(_body(db, 0))["log"])
        last = Seal(*db.execute(f"SELECT {SEAL} FROM audit_seals ORDER BY n DESC LIMIT 1").fetchone())
        kept = db.execute("SELECT n, previous FROM audit_seals WHERE seq > ? ORDER BY n LIMIT 1", (seq,)).fetchone()
        digest = db.execute("SELECT hash FROM audit_entries WHERE seq = ?", (seq,)).fetchone()[0]
        told = {"seq": seq, "hash": digest.hex(), "count": seq, "total": seq, "before": "", "at": "", "by": "x"}
        told |= {"reason": "x", "first_seal": kept[0], "seal_before": kept[1].hex()}
        seal = last._replace(n=last.n + 1, boundary=seq, detail=json.dumps(told), previous=last.digest(log))
        db.execute(f"INSERT INTO audit_seals ({SEAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", seal)
        db.execute("DELETE FROM audit_entries WHERE seq > 0 AND seq <= ?", (seq,))
        db.execute("DELETE FROM audit_seals WHERE seq <= ?", (seq,))


def anchor_removed(scene: Scene) -> None:
    """The anchor taken away."""
    scene.anchor.unlink()


def anchor_changed(scene: Scene) -> None:
    """The anchor made to tell of fewer entries."""
    told = json.loads(scene.anchor.read_text())
    told["seq"] -= 1
    scene.anchor.write_text(json.dumps(told))


def guards_removed(scene: Scene) -> None:
    """The triggers dropped for good."""
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")


def copy_log(source: Path, target: Path) -> None:
    """Put the database ``source`` in the place of ``target``, with its write-ahead log."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
        if Path(f"{source}{suffix}").exists():
            shutil.copyfile(f"{source}{suffix}", f"{target}{suffix}")


TAMPERINGS: dict[str, Callable[[Scene], None]] = {
    function.__name__: function
    for function in (
        body_changed, body_and_hash_changed, time_changed, kind_changed, key_id_changed, column_changed, hash_changed,
        column_moved, row_removed, row_removed_and_renumbered, row_inserted, row_inserted_and_rehashed, row_duplicated,
        rows_swapped, tail_cut, tail_cut_at_seal, tail_cut_and_anchor_made, tail_forged, tail_forged_and_sealed,
        rewritten_from_a_row, rewritten_under_old_seals, replaced_by_own_log, older_copy, other_log, rows_of_other_log,
        seal_removed, signature_changed, pruning_forged, anchor_removed, anchor_changed, guards_removed,
    )
}  # fmt: skip
