"""Alerts and jobs under storm and kill: words a receiver hears, what a kill loses, runs made twice.

    python benchmarks/alerts.py --folder out/alerts

Everything random has the seed 7. Results go to benchmarks/results/alerts.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from page import RESULTS, machine
from tradewind.core import Severity
from tradewind.monitoring.alerts import (
    AlertManager,
    AlertSettings,
    AlertStore,
    Courier,
    MemoryAlertStore,
    Receiver,
    Step,
)
from tradewind.monitoring.alerts.channels import LogChannel, LogSettings
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.jobs import Job, JobScheduler, JobStore

START = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
SETTINGS = AlertSettings(receivers=(Receiver(name="desk", least=Severity.INFO),), chain=(Step(receivers=("desk",)),))

SENDER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tradewind.core import Severity
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore, Courier, Receiver, Step
from tradewind.monitoring.alerts.channels import LogChannel, LogSettings
from tradewind.monitoring.finding import Area, Finding
folder = Path(sys.argv[1])
settings = AlertSettings(receivers=(Receiver(name="desk", per_hour=100000),), chain=(Step(receivers=("desk",)),))
store = AlertStore(folder / "alerts.db")
manager = AlertManager(settings, store)
courier = Courier(store.outbox, {"desk": LogChannel(LogSettings(path=folder / "out.jsonl"))})
now = datetime.now(UTC)
done = len(store.read().alerts)
print("ready", flush=True)
for n in range(done, 400):
    found = Finding(kind="wrong_version", area=Area.VERSION, severity=Severity.CRITICAL, message="m", time=now,
                    known_at=now, subject={"version": f"m/{n}"})
    manager.take([found], now)
    courier.deliver("desk", now + timedelta(minutes=11))
"""
RACER = """
import os, sys, time
from tradewind.monitoring.jobs import Job, JobRules, JobScheduler, JobStore
place, out = sys.argv[1:]
handle = os.open(out, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
store = JobStore(place)
def work(context):
    os.write(handle, f"begin {context.key}\\n".encode())
    time.sleep(0.005)
    os.write(handle, f"end {context.key}\\n".encode())
rules = JobRules(catch_up="each", alone=False, lease=1.0, repeatable=False)
one = JobScheduler(store, [Job(name="race", work=work, rules=rules)])
while store.runs("race", ("waiting", "running")):
    one.tick()
    time.sleep(0.05)
"""


def finding(kind: str, area: Area, severity: Severity, at: datetime, **subject: str) -> Finding:
    """Return a finding known at ``at``."""
    return Finding(kind=kind, area=area, severity=severity, message=kind, time=at, known_at=at, subject=subject)


def storm(folder: Path) -> Mapping[str, Any]:
    """Return what 10,000 findings in a minute, of 97 feeds and 9,960 features, become in the hour after."""
    rows: dict[str, Any] = {}
    for name, store in (("memory", MemoryAlertStore()), ("sqlite", AlertStore(folder / "storm.db"))):
        manager, told, seconds = AlertManager(SETTINGS, store), list[Any](), list[float]()
        for second in range(0, 60, 6):
            at = START + timedelta(seconds=second)
            found = [
                finding("feature_drift", Area.DRIFT, Severity.WARNING, at, feature=f"f{n}", feed=f"v{n % 97}")
                for n in range(second * 166, second * 166 + 1000)
            ]
            begin = time.perf_counter()
            told += manager.take(found, at)
            seconds.append(time.perf_counter() - begin)
        for minute in range(1, 60):
            told += manager.take([], START + timedelta(minutes=minute))
        rows[name] = {"notifications": len(told), "take_1000_ms": round(statistics.median(seconds) * 1000, 1)}
    return rows


def oscillation() -> Mapping[str, Any]:
    """Return notifications in a year of hourly slices in which drift comes and goes every ``period`` hours."""
    settings = SETTINGS.model_copy(update={"resolve_after_hours": 6.0, "resolve_after_hours_of": {}})
    rows = {}
    for period in (1, 7, 26, 80):
        manager, told, findings = AlertManager(settings), 0, 0
        for hour in range(24 * 365):
            at = START + timedelta(hours=hour)
            on = (hour // period) % 2 == 0
            found = [finding("feature_drift", Area.DRIFT, Severity.WARNING, at, feature="rsi")] if on else []
            findings += len(found)
            told += len(manager.take(found, at))
        rows[f"every {period} h"] = {"findings": findings, "notifications": told}
    return rows


def fault() -> Mapping[str, Any]:
    """Return what one silent feed with all that follows from it becomes."""
    found = [
        finding("feature_drift", Area.DRIFT, Severity.WARNING, START, feature=f"f{n}", feed="primary")
        for n in range(40)
    ]
    found += [finding(kind, Area.PERFORMANCE, Severity.WARNING, START) for kind in ("accuracy_drop", "ic_drop")]
    found.append(finding("feed_silent", Area.DATA_QUALITY, Severity.ERROR, START, feed="primary"))
    told = AlertManager(SETTINGS).take(found, START)
    return {"findings": len(found), "notifications": len(told), "held_back": told[0].explained}


def kills(folder: Path, trials: int) -> Mapping[str, Any]:
    """Kill a process that takes 400 critical findings and delivers them, again and again; count what arrived."""
    rng, times = random.Random(7), 0
    while True:
        process = subprocess.Popen([sys.executable, "-c", SENDER, str(folder)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        if times < trials:
            time.sleep(rng.uniform(0.0, 0.3))
            os.kill(process.pid, signal.SIGKILL)
            times += process.wait() == -signal.SIGKILL
        elif process.wait() == 0:
            break
    store = AlertStore(folder / "alerts.db")
    last = Courier(store.outbox, {"desk": LogChannel(LogSettings(path=folder / "out.jsonl"))})
    last.deliver("desk", datetime.now(UTC) + timedelta(hours=1), most=1000)  # claims of the killed are over by then
    ids = Counter(json.loads(line)["id"] for line in (folder / "out.jsonl").read_text().splitlines())
    told = {row["id"] for row in store.outbox.list()}
    return {
        "kills": times,
        "notifications": len(told),
        "lost": len(told - set(ids)),
        "twice": sum(ids.values()) - len(ids),
    }


def race(folder: Path, kill: bool) -> Mapping[str, Any]:
    """Let four processes make 200 runs that may not be repeated; ``kill``: one of them is killed every 0.3 s."""
    place, out = folder / f"jobs{kill}.db", folder / f"made{kill}.txt"
    store = JobStore(place)
    asker = JobScheduler(store, [Job(name="race", work=lambda _: None)])
    for n in range(200):
        asker.trigger("race", str(n))
    command = [sys.executable, "-c", RACER, str(place), str(out)]
    begin, killed = time.perf_counter(), 0
    racers = [subprocess.Popen(command) for _ in range(4)]
    while any(racer.poll() is None for racer in racers):
        time.sleep(0.3)
        if kill and killed < 10 and store.runs("race", ("waiting",)) and out.exists():
            victim = racers.pop(0)
            if victim.poll() is None:
                os.kill(victim.pid, signal.SIGKILL)
                killed += 1
            victim.wait()
            racers.append(subprocess.Popen(command))
    seconds = time.perf_counter() - begin
    begun = Counter(line.split(" ")[1] for line in out.read_text().splitlines() if line.startswith("begin"))
    states = Counter(run.state for run in store.runs("race"))
    return {
        "kills": killed,
        "runs": 200,
        "begun_twice": sum(n > 1 for n in begun.values()),
        **dict(states),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("out/alerts"))
    parser.add_argument("--kills", type=int, default=30)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    arguments.folder.mkdir(parents=True)
    found = {
        "machine": machine(),
        "storm": storm(arguments.folder),
        "oscillation": oscillation(),
        "fault": fault(),
        "kills": kills(arguments.folder, arguments.kills),
        "race": race(arguments.folder, kill=False),
        "race_killed": race(arguments.folder, kill=True),
    }
    (RESULTS / "alerts.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
