"""The audit log: durable appends a second, verification, tampering in a large log, and kill -9.

    python benchmarks/audit.py --folder out/audit --rows 1000000

The folder must be on a disk: on a memory file system a sync costs nothing and the figures mean nothing. Results go to
benchmarks/results/audit.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from audit_kill import trial
from audit_tampering import TAMPERINGS, Scene, copy_log
from page import RESULTS, machine
from tradewind.governance.audit import AuditLog, AuditPlace, KeyRing, prediction_body

SECONDS = 4.0
PARTS = ("appends", "verify", "tampering", "kills")
Row = tuple[str, Mapping[str, Any]]


def body(i: int) -> dict[str, Any]:
    """Return a prediction with ten inputs, about 500 bytes."""
    return prediction_body(
        time="2026-03-02T21:00:00.000000Z",
        symbol=f"S{i % 87:02d}",
        model="ensemble",
        model_version="3",
        stage="champion",
        data_version="9f2c55d07a1be310",
        inputs={f"feature_{k}": round((i * 37 + k * 11) % 1000 / 999, 6) for k in range(10)},
        output={"probability": (i % 1000) / 1000, "lower": -0.021, "upper": 0.024},
        caller="benchmark",
    )


def entries(n: int) -> Iterator[Row]:
    """Yield ``n`` entries."""
    return (("prediction", body(i)) for i in range(n))


def rate(work: Callable[[], Any], threads: int) -> float:
    """Return how often a second ``work`` is done by ``threads`` threads in all."""
    counts, until = [0] * threads, time.perf_counter() + SECONDS

    def run(number: int) -> None:
        while time.perf_counter() < until:
            work()
            counts[number] += 1

    workers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / (time.perf_counter() - began)


def appends(folder: Path, place: AuditPlace | None = None) -> dict[str, Any]:
    """Return durable appends a second: one caller, many callers, callers that do not wait, batches."""
    found: dict[str, Any] = {}
    some = [body(i) for i in range(1000)]
    rng = random.Random(7)
    with AuditLog.open(place or folder / "appends" / "audit.db") as log:
        for threads in (1, 16, 64, 256):
            before = log.status()
            found[f"threads_{threads}"] = round(rate(lambda: log.append("prediction", rng.choice(some)), threads), 1)
            after = log.status()
            groups = after["seals"] - before["seals"]
            found[f"rows_a_group_{threads}"] = round((after["entries"] - before["entries"]) / max(groups, 1), 1)
        batch = [("prediction", value) for value in some[:500]]
        found["batches_of_500"] = round(500 * rate(lambda: log.append_many(batch), 1), 1)
        assert log.verify().ok
    return found


def plain_inserts(folder: Path) -> dict[str, float]:
    """Return inserts a second into a bare SQLite table with the same durability, one and 64 to a transaction."""
    (folder / "plain").mkdir(parents=True, exist_ok=True)
    text = json.dumps(body(1))
    found = {}
    with closing(sqlite3.connect(folder / "plain" / "plain.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE rows (seq INTEGER PRIMARY KEY, at INTEGER, kind TEXT, body TEXT)")
        for size in (1, 64, 500):
            until, n, began = time.perf_counter() + SECONDS, 0, time.perf_counter()
            while time.perf_counter() < until:
                db.execute("BEGIN")
                for _ in range(size):
                    db.execute("INSERT INTO rows (at, kind, body) VALUES (?, ?, ?)", (n, "prediction", text))
                db.execute("COMMIT")
                n += size
            found[f"transactions_of_{size}"] = round(n / (time.perf_counter() - began), 1)
    return found


def syncs(folder: Path) -> float:
    """Return milliseconds that one sync of 4 KiB takes here (median)."""
    taken = []
    with (folder / "sync").open("wb") as file:
        for _ in range(100):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(taken), 3)


def build(folder: Path, rows: int) -> dict[str, Any]:
    """Write a log of ``rows`` entries, an older copy of it, and another log; return what it took."""
    began = time.perf_counter()
    with AuditLog.open(folder / "audit.db") as log:
        _fill(log, rows * 9 // 10)
    copy_log(folder / "audit.db", folder / "older.db")
    with AuditLog.open(folder / "audit.db") as log:
        _fill(log, rows - rows * 9 // 10)
    seconds = time.perf_counter() - began
    other = AuditPlace(database=str(folder / "other.db"), key=folder / "audit.key", anchor=folder / "other.anchor")
    with AuditLog.open(other) as log:
        log.append_many(entries(5000))
    size = (folder / "audit.db").stat().st_size
    return {"rows": rows, "rows_per_s": round(rows / seconds), "bytes_a_row": round(size / rows)}


def _fill(log: AuditLog, rows: int) -> None:
    """Write ``rows`` entries in batches that fit in memory."""
    source = entries(rows)
    while batch := list(islice(source, 40_960)):
        log.append_many(batch)


def verification(place: Path | AuditPlace, repeats: int) -> dict[str, Any]:
    """Return entries verified a second and a second of processor time, the medians of ``repeats``."""
    rates, of_cpu = [], []
    for _ in range(repeats):
        began = time.process_time()
        result = AuditLog.open(place, readonly=True).verify()
        of_cpu.append(result.rows / (time.process_time() - began))
        rates.append(result.rows / result.seconds)
        assert result.ok, result.findings
    return {
        "rows": result.rows,
        "rows_per_s": round(statistics.median(rates)),
        "rows_per_cpu_s": round(statistics.median(of_cpu)),
    }


def encrypted(folder: Path) -> dict[str, Any]:
    """Return what a log of 100,000 encrypted entries takes."""
    with AuditLog.open(folder / "hidden" / "audit.db", key=KeyRing.make()) as log:
        began = time.perf_counter()
        log.append_many(entries(100_000))
        seconds = time.perf_counter() - began
    return {"appends_per_s": round(1e5 / seconds), **verification(folder / "hidden" / "audit.db", 1)}


def tampering(folder: Path, rows: int, seed: int) -> list[dict[str, Any]]:
    """Return, for each kind of tampering with a fresh copy of the log, whether and as what it was found."""
    copy, found = folder / "copy", []
    for name, tamper in TAMPERINGS.items():
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        copy_log(folder / "audit.db", copy / "audit.db")
        for extra in ("audit.db.anchor", "audit.pub"):  # who verifies has the public key alone
            shutil.copyfile(folder / extra, copy / extra)
        scene = Scene(
            database=copy / "audit.db",
            anchor=copy / "audit.db.anchor",
            older=folder / "older.db",
            other=folder / "other.db",
            low=rows // 2,
            high=rows,
            rng=random.Random(seed),
        )
        tamper(scene)
        result = AuditLog.open(copy / "audit.db", readonly=True).verify()
        first = None if result.ok else result.findings[0].to_dict()
        if first is not None:  # no result tells where it was measured
            first["detail"] = first["detail"].replace(f"{copy.absolute()}/", "")
        found.append({"kind": name, "found": not result.ok, "seconds": round(result.seconds, 2), "first": first})
        print(f"{name}: {'found' if not result.ok else 'NOT FOUND'} {first}", flush=True)
    shutil.rmtree(copy)
    return found


def kills(folder: Path, n: int, seed: int) -> dict[str, Any]:
    """Return what ``n`` writers that were killed left of one log."""
    rng = random.Random(seed)
    trials = [trial(folder / "kill" / "audit.db", rng) for _ in range(n)]
    return {
        "trials": n,
        "acknowledged": sum(t.acknowledged for t in trials),
        "lost": sum(t.lost for t in trials),
        "verified": sum(t.ok for t in trials),
        "anchor_behind": sum(any("behind" in note for note in t.notes) for t in trials),
    }


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("out/audit"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts to measure; others keep their results")
    parser.add_argument("--postgres", metavar="URI", help="also measure a log in this empty database")
    asked = parser.parse_args()
    folder = asked.folder.absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kind = subprocess.run(["df", "--output=fstype", str(folder)], capture_output=True, text=True, check=True)
    place = RESULTS / "audit.json"
    found: dict[str, Any] = json.loads(place.read_text()) if place.exists() else {}
    found |= {"machine": machine(), "file_system": kind.stdout.split()[-1]}

    def note(name: str, value: Any) -> None:
        found[name] = value
        print(name, json.dumps(value) if name != "tampering" else "", flush=True)
        place.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")

    parts = asked.parts.split(",")
    if "appends" in parts:
        note("load_average", round(os.getloadavg()[0], 1))  # others on the machine slow callers that wake together
        note("sync_ms", syncs(folder))
        note("plain_sqlite", plain_inserts(folder))
        note("appends", appends(folder))
    if asked.postgres:
        log = AuditPlace(database=asked.postgres, key=folder / "pg.key", anchor=folder / "pg.anchor")
        note("postgres", appends(folder, log) | verification(log, 1))
    if "verify" in parts or "tampering" in parts:
        note("built", build(folder, asked.rows))
    if "verify" in parts:
        note("verify", verification(folder / "audit.db", 3))
        note("encrypted", encrypted(folder))
    if "tampering" in parts:
        note("tampering", tampering(folder, asked.rows, asked.seed))
        note("tampering_found", f"{sum(row['found'] for row in found['tampering'])} of {len(found['tampering'])}")
    if "kills" in parts:
        note("kill_9", kills(folder, asked.kills, asked.seed))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
