"""Start a job, let it go on, ask it to stop."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from tradewind.core.errors import UsageError
from tradewind.web.jobs.state import LOCK, STOP, Job, Step, now, read_job, take, work_of, write_job

_LEAVING = 10.0


def start_job(project: Path, steps: tuple[Step, ...], *, by: str) -> Job:
    """Start a new job of the project in the folder ``project``; it waits where another project's job runs.

    Raises
    ------
    UsageError : a job of this project runs.
    """
    return _launch(project, Job(steps=steps, created=now(), by=by))


def resume_job(project: Path) -> Job:
    """Let a job that failed, was cancelled or cut off go on; commands that ended well are not run again.

    Raises
    ------
    UsageError : there is no job, it runs, or it is done.
    """
    job = read_job(project)
    if job is None or job.state == "done":
        raise UsageError("there is no job to go on with", fix="start one")
    steps = tuple(step if step.state == "done" else replace(step, state="waiting", output=()) for step in job.steps)
    return _launch(project, replace(job, steps=steps, state="waiting", ended=None, problem=None, progress=None))


def stop_job(project: Path) -> None:
    """Ask the job to stop; it does within a second, or five where a command does not listen.

    Raises
    ------
    UsageError : no job runs.
    """
    job = read_job(project)
    if job is None or not job.open:
        raise UsageError("no job of this project runs", fix="start one")
    (work_of(project) / STOP).touch()


def _launch(project: Path, job: Job) -> Job:
    work = work_of(project)
    before = read_job(project)
    lock = take(work / LOCK)
    until = time.monotonic() + _LEAVING
    while lock is None and before is not None and not before.open and time.monotonic() < until:
        lock = take(work / LOCK)  # the job before has ended, and its process is about to
    if lock is None:
        raise UsageError("a job of this project runs", fix="wait for it, or cancel it")
    try:
        (work / STOP).unlink(missing_ok=True)
        write_job(project, job)
        with (work / "runner.log").open("ab") as log:
            runner = subprocess.Popen(
                [sys.executable, "-m", "tradewind.web.jobs.runner", str(project), str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl+C at the dashboard's terminal does not reach it
            )
        threading.Thread(target=runner.wait, daemon=True).start()  # or what is left of it stays in the process table
    finally:
        os.close(lock)
    return job
