"""The process that runs one job: ``python -m tradewind.web.jobs.runner PROJECT LOCK``.

It inherits the lock of its job as an open file, waits its turn (one job at a time for all projects), runs each command
that has not ended well before, and writes down how far it is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from tradewind.web.jobs.state import STOP, Job, Progress, now, read_job, take, work_of, write_job

TURN = ".jobs.lock"
_LOOK, _WRITE, _PATIENCE, _LINES = 0.2, 0.5, 5.0, 40


class Runner:
    """Runs the job of one project; ``lock`` is the open file that holds the job's lock."""

    def __init__(self, project: Path, lock: int) -> None:
        self._project, self._lock = project, lock
        found = read_job(project)
        if found is None:
            raise FileNotFoundError(work_of(project))
        self._job: Job = found
        self._heard: deque[str] = deque(maxlen=_LINES)
        self._progress: Progress | None = None

    def run(self) -> None:
        """Run what is left of the job."""
        turn = self._wait_turn()
        if turn is None:
            self._end("cancelled")
            return
        self._keep(replace(self._job, state="running"))
        for at, step in enumerate(self._job.steps):
            if step.state == "done" and (self._project / step.makes).exists():
                continue
            if not self._step(at, turn):
                return
        self._end("done")

    def _wait_turn(self) -> int | None:
        while (turn := take(self._project.parent / TURN)) is None:
            if self._stopped():
                return None
            time.sleep(_LOOK)
        return turn

    def _step(self, at: int, turn: int) -> bool:
        """Run one command; return whether the job goes on."""
        step = self._job.steps[at]
        self._heard.clear()
        self._progress = None
        self._keep(self._job.with_step(at, state="running", began=now(), ended=None, output=()))
        command = [sys.executable, "-m", "tradewind.cli.main", *step.arguments]
        with (work_of(self._project) / f"{step.name}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
                pass_fds=(self._lock, turn),  # while the command lives the job does, even where its runner was killed
                env={**os.environ, "TRADEWIND_PROGRESS": "json", "PYTHONUNBUFFERED": "1"},
            )
            assert process.stdout is not None
            listener = threading.Thread(target=self._listen, args=(process.stdout, log), daemon=True)
            listener.start()
            stopped = self._watch(process)
            listener.join(_PATIENCE)
        well = process.returncode == 0 and not stopped
        job = self._job.with_step(at, state="done" if well else "failed", ended=now(), output=tuple(self._heard))
        self._keep(replace(job, progress=None))
        if not well:
            self._end(
                "cancelled" if stopped else "failed", problem=None if stopped else self._error(process.returncode)
            )
        return well

    def _watch(self, process: subprocess.Popen[str]) -> bool:
        """Wait for the command, writing down its progress; return whether it was stopped on request."""
        wrote = 0.0
        while True:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK)
                return False
            if self._stopped():
                end(process)
                return True
            if self._progress != self._job.progress and time.monotonic() - wrote > _WRITE:
                self._keep(replace(self._job, progress=self._progress))
                wrote = time.monotonic()

    def _listen(self, stream: IO[str], log: IO[str]) -> None:
        for line in stream:
            told = _progress(line)
            if told is not None:
                self._progress = told
            elif line.strip():
                self._heard.append(line.rstrip())
                log.write(line)
                log.flush()

    def _error(self, code: int) -> str:
        for line in reversed(self._heard):
            if line.startswith("error:"):
                return line.removeprefix("error:").strip()
        if code < 0:
            return f"The command was ended by {signal.Signals(-code).name}."
        return self._heard[-1] if self._heard else f"The command ended with exit code {code}."

    def _stopped(self) -> bool:
        return (work_of(self._project) / STOP).exists()

    def _keep(self, job: Job) -> None:
        self._job = job
        write_job(self._project, job)

    def _end(self, state: str, *, problem: str | None = None) -> None:
        self._keep(replace(self._job, state=state, ended=now(), progress=None, problem=problem))  # type: ignore[arg-type]


def end(process: subprocess.Popen[str]) -> None:
    """End a command and what it started: asked first, then killed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _progress(line: str) -> Progress | None:
    if not line.startswith('{"stage"'):
        return None
    try:
        said = json.loads(line)
        return Progress(stage=str(said["stage"]), done=int(said["done"]), total=int(said["total"]))
    except (ValueError, KeyError, TypeError):
        return None


def main() -> None:
    """Run the job that the arguments name."""
    project, lock = Path(sys.argv[1]), int(sys.argv[2])
    os.set_inheritable(lock, False)
    Runner(project, lock).run()
    os.close(lock)


if __name__ == "__main__":
    main()
