"""Work that is a program: it runs beside the scheduler, and is ended with its children when it must end."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.core import TradewindError
from tradewind.monitoring.jobs.job import RunContext, Work

KEPT = 2_000
"""Last characters of its output that the history keeps."""
GRACE = 10.0
"""Seconds between the request to end and the end by force."""


def command(arguments: Sequence[str]) -> Work:
    """Return work that runs a program and succeeds when it ends with 0.

    The program finds ``TRADEWIND_JOB``, ``TRADEWIND_JOB_KEY`` and ``TRADEWIND_JOB_FENCE`` in its environment.
    """

    def work(context: RunContext) -> Mapping[str, Any]:
        told = {
            "TRADEWIND_JOB": context.job,
            "TRADEWIND_JOB_KEY": context.key,
            "TRADEWIND_JOB_FENCE": str(context.fence),
        }
        with tempfile.TemporaryFile() as output:
            program = subprocess.Popen(
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **told},
                start_new_session=True,
            )
            try:
                while program.poll() is None:
                    context.stop.wait(0.1)
                    context.check()
            finally:
                _end(program)
            output.seek(max(0, output.seek(0, os.SEEK_END) - 4 * KEPT))
            said = output.read().decode(errors="replace")[-KEPT:]
        if program.returncode != 0:
            raise TradewindError(f"{arguments[0]} ended with {program.returncode}: {said.strip()[-500:]}")
        return {"output": said}

    return work


def _end(program: subprocess.Popen[bytes]) -> None:
    if program.poll() is not None:
        return
    os.killpg(program.pid, signal.SIGTERM)
    try:
        program.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
