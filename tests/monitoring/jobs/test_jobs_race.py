"""Several real processes at one store: each run once, whoever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tradewind.monitoring.jobs import Job, JobRules, JobScheduler, JobStore

RACER = """
import os, sys
from tradewind.monitoring.jobs import Job, JobRules, JobScheduler, JobStore
place, out = sys.argv[1:]
handle = os.open(out, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
store = JobStore(place)
def work(context):
    os.write(handle, f"{os.getpid()} {context.key}\\n".encode())
one = JobScheduler(store, [Job(name="race", work=work, rules=JobRules(catch_up="each", alone=False))])
print("ready", flush=True)
sys.stdin.readline()
while store.runs("race", ("waiting", "running")):
    for tick in one.tick():
        assert tick.outcome == "done", tick
"""
VICTIM = """
import sys, time
from tradewind.monitoring.jobs import Job, JobRules, JobScheduler, JobStore
store = JobStore(sys.argv[1])
def work(context):
    print("begun", flush=True)
    time.sleep(60)
JobScheduler(store, [Job(name="cut", work=work, rules=JobRules(lease=1.5, repeatable=sys.argv[2] == "yes"))]).tick()
"""


def start(text: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", text, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_two_processes_race_for_200_runs(job_place: str, tmp_path: Path) -> None:
    store, out = JobStore(job_place), tmp_path / "made.txt"
    asker = JobScheduler(store, [Job(name="race", work=lambda _: None)])
    for n in range(200):
        assert asker.trigger("race", str(n))
    racers = [start(RACER, job_place, str(out)) for _ in range(2)]
    for one in racers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in racers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in racers:
        one.communicate(timeout=120)
        assert one.returncode == 0
    rows = [line.split(" ") for line in out.read_text().splitlines()]
    assert Counter(key for _, key in rows) == {f"trigger:{n}": 1 for n in range(200)}
    assert len({pid for pid, _ in rows}) == 2, "one process made all: there was no race"
    assert all(run.state == "done" and run.attempts == 1 for run in store.runs("race"))
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize(("repeatable", "made"), [("yes", 1), ("no", 0)])
def test_a_killed_owner_is_followed_only_after_its_lease(job_place: str, repeatable: str, made: int) -> None:
    store, keys = JobStore(job_place), list[str]()
    rules = JobRules(lease=1.5, repeatable=repeatable == "yes")
    one = JobScheduler(store, [Job(name="cut", work=lambda context: keys.append(context.key), rules=rules)])
    one.trigger("cut", "a")
    victim = start(VICTIM, job_place, repeatable)
    assert victim.stdout is not None
    assert victim.stdout.readline() == "begun\n"
    begin = time.monotonic()
    while time.monotonic() - begin < 2.0:  # it lives, and is left alone for more than its lease
        assert one.tick() == []
        time.sleep(0.1)
    os.kill(victim.pid, signal.SIGKILL)
    victim.communicate()
    killed, outcomes = time.monotonic(), list[str]()
    while not outcomes and time.monotonic() - killed < 20:
        outcomes += [tick.outcome for tick in one.tick()]
        time.sleep(0.05)
    assert time.monotonic() - killed > 0.9
    assert outcomes == (["taken_over", "done"] if made else ["abandoned"])
    assert len(keys) == made
    store.close()
