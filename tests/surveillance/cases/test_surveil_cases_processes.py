"""Several processes at one store, and processes that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradewind.governance.audit import AuditLog
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.cases.trail import KIND

Make = Callable[..., Alert]

TAKES = """
import sys
from tradewind.core.errors import UsageError
from tradewind.registry.people import Person
from tradewind.surveillance.cases import CaseStore
folder, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
by = Person.load(__import__("pathlib").Path(folder), name)
with CaseStore(folder + "/cases.db") as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(1, count + 1):
        try:
            store.take(str(number), by)
            print("took", number, flush=True)
        except UsageError as error:
            print("refused", number, error, flush=True)
"""

WRITES = """
import sys
from pathlib import Path
from tradewind.governance.audit import AuditLog
from tradewind.registry.people import Person
from tradewind.surveillance.cases import CaseStore
folder = sys.argv[1]
by = Person.load(Path(folder), "ann")
with AuditLog.open(folder + "/audit.db") as log, CaseStore(folder + "/cases.db", log=log) as store:
    for number in range(100_000):
        store.note("1", f"note {sys.argv[2]} {number}", by)
        print(f"note {sys.argv[2]} {number}", flush=True)
"""


def start(code: str, *given: object) -> subprocess.Popen[str]:
    """Start a process that shares no memory with this one."""
    command = [sys.executable, "-c", code, *map(str, given)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, **pipes)  # type: ignore[call-overload, no-any-return]


@pytest.mark.slow
def test_of_two_who_take_a_case_at_once_one_has_it(desk: Any, alert: Make) -> None:
    count = 12
    with desk.store() as store:
        store.ingest([alert(n, accounts=(f"a{n}",)) for n in range(count)])
        for name in ("ann", "bob"):
            desk.people[name].save(desk.folder)
        both = [start(TAKES, desk.folder, name, count) for name in ("ann", "bob")]
        for one in both:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        said = [one.communicate("go\n", timeout=60)[0].splitlines() for one in both]
        took = [{int(line.split()[1]) for line in lines if line.startswith("took")} for lines in said]
        assert took[0] | took[1] == set(range(1, count + 1))
        assert not took[0] & took[1]
        for lines, other in zip(said, ("bob", "ann"), strict=True):
            assert all(f"is with {other}" in line for line in lines if line.startswith("refused"))
        for number in range(1, count + 1):
            assert store.get(str(number)).assignee == ("ann" if number in took[0] else "bob")
        assert store.verify() == ()


@pytest.mark.slow
def test_a_kill_loses_nothing_and_tells_nothing_twice(desk: Any, alert: Make) -> None:
    desk.people["ann"].save(desk.folder)
    with AuditLog.open(desk.folder / "audit.db"), desk.store() as store:
        store.ingest([alert(1)])
    rng = random.Random(7)
    said: list[str] = []
    for turn in range(3):
        writer = start(WRITES, desk.folder, turn)
        assert writer.stdout is not None
        said.append(writer.stdout.readline().strip())
        time.sleep(0.05 + 0.2 * rng.random())
        writer.send_signal(signal.SIGKILL)
        said += [line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        writer.communicate()
    with AuditLog.open(desk.folder / "audit.db") as log, desk.store(log=log) as store:
        store.note("1", "the last", desk.ann)
        notes = [note.text for note in store.get("1").notes]
        assert [text for text in said if text not in notes] == []  # what was acknowledged is there
        assert len(notes) - len(said) <= 1 + 3  # and at most one more of each that was killed
        assert [entry.body["n"] for entry in log.query(kind=KIND)] == [act.n for act in store.history()]
        assert store.verify() == ()


def test_alerts_are_taken_in_all_or_none(desk: Any, alert: Make) -> None:
    class Failing:
        """An alert in the middle that cannot be written."""

        def __iter__(self) -> Any:
            yield alert(1)
            yield alert(2, features={"size": object()}, at=30)

    with desk.store() as store:
        with pytest.raises(TypeError, match="not JSON serializable"):
            store.ingest(Failing())
        assert store.history() == ()
        assert store.queue() == []
        assert Path(store.path).exists()
