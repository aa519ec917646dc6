"""What a job is, as its file says it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from tradewind.core.files import write_json_file

State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]
StepState = Literal["waiting", "running", "done", "failed"]
FILE, LOCK, STOP = "job.json", "lock", "stop"
_TRIES, _PAUSE = 10, 0.01


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command of a job.

    Attributes
    ----------
    name : train, evaluate, predict or explain. arguments : what follows ``tradewind``.
    makes : the file, below the project, that is there once the command has ended well.
    output : the last lines it wrote.
    """

    name: str
    arguments: tuple[str, ...]
    makes: str
    state: StepState = "waiting"
    began: str | None = None
    ended: str | None = None
    output: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """``done`` of ``total`` parts of ``stage`` are finished, in the command's own words."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job; ``problem`` is the error line of the command that failed."""

    steps: tuple[Step, ...]
    created: str
    state: State = "waiting"
    ended: str | None = None
    progress: Progress | None = None
    problem: str | None = None
    by: str | None = field(default=None)
    """Who started it."""

    @property
    def open(self) -> bool:
        """Whether there is something left that runs or will."""
        return self.state in {"waiting", "running"}

    def with_step(self, at: int, **changes: Any) -> Job:
        """Return the job with step ``at`` changed."""
        steps = list(self.steps)
        steps[at] = replace(steps[at], **changes)
        return replace(self, steps=tuple(steps))


def now() -> str:
    """Return the present moment, ISO, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def work_of(project: Path) -> Path:
    """Return where the job of the project in ``project`` lies."""
    return project / "work"


def write_job(project: Path, job: Job) -> None:
    """Write the job's file whole."""
    write_json_file(work_of(project) / FILE, asdict(job))


def read_job(project: Path) -> Job | None:
    """Return the job of a project, None where none was started.

    A job that says it runs while nobody runs it was cut off: it is ``interrupted``.
    """
    held = is_held(work_of(project) / LOCK)  # asked before reading: a job that ends in between has said so by then
    try:
        job = _job(json.loads((work_of(project) / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    return replace(job, state="interrupted", progress=None) if job.open and not held else job


def state_of(project: Path) -> State | None:
    """Return the state of a project's job, None where none was started."""
    job = read_job(project)
    return job.state if job else None


def _job(said: Mapping[str, Any]) -> Job:
    steps = tuple(
        Step(**{**step, "arguments": tuple(step["arguments"]), "output": tuple(step["output"])})
        for step in said["steps"]
    )
    progress = Progress(**said["progress"]) if said["progress"] else None
    return Job(**{**said, "steps": steps, "progress": progress})


def take(path: Path) -> int | None:
    """Take the lock at ``path`` and return the open file that holds it, also for processes that inherit it.

    None where another holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(_TRIES):  # somebody who only asks whether it is held holds it for a moment, too
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE)
        else:
            return handle
    os.close(handle)
    return None


def is_held(path: Path) -> bool:
    """Return whether somebody holds the lock at ``path``."""
    if not path.exists():
        return False
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
