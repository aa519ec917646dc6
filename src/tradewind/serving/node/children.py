"""Processes beside the server: kept alive while it lives, and ended by the closing of their standard input."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.core import TradewindError

logger = logging.getLogger("tradewind.serving.node")

PAUSE = 0.5
"""Seconds before a child that ended is started again, doubled each time up to :data:`LONGEST`."""
LONGEST = 30.0


class ChildFailed(TradewindError):
    """A process beside the server does not answer."""


class Child:
    """Runs ``command`` until :meth:`close`; it is started again where it ends.

    The child learns of our end, however violent, by its standard input.
    """

    def __init__(self, command: Sequence[str], name: str) -> None:
        self._command, self.name = list(command), name
        self.restarts = 0
        self._stop = threading.Event()
        self._process = self._started()
        self._watcher = threading.Thread(target=self._watch, name=f"watch {name}", daemon=True)
        self._watcher.start()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def close(self, timeout: float = 30.0) -> bool:
        """Close its input and wait for its end; False where it had to be killed."""
        self._stop.set()
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False
        finally:
            self._watcher.join(1.0)
        return process.returncode == 0

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE)

    def _watch(self) -> None:
        pause = PAUSE
        while not self._stop.is_set():
            process = self._process
            if process.poll() is None:
                self._stop.wait(0.1)
                continue
            logger.error("%s ended with code %s; starting it again", self.name, process.returncode)
            if process.stdin is not None:
                process.stdin.close()
            if self._stop.wait(pause):
                return
            pause = min(2 * pause, LONGEST)
            self.restarts += 1
            self._process = self._started()


class Answering:
    """A process that answers one JSON line for one JSON line; started at the first question, again where it ended."""

    def __init__(self, command: Sequence[str], name: str, *, timeout: float = 60.0) -> None:
        self._command, self.name, self._timeout = list(command), name, timeout
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the answer.

        Raises
        ------
        ChildFailed : it ended, answered nonsense, or took longer than ``timeout``; the next question starts it anew.
        """
        async with self._turn:
            process = await self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps(question).encode() + b"\n")
                async with asyncio.timeout(self._timeout):
                    await process.stdin.drain()
                    line = await process.stdout.readline()
                answer: Mapping[str, Any] = json.loads(line)
            except (OSError, ValueError, TimeoutError) as error:
                await self._kill()
                raise ChildFailed(f"{self.name} does not answer ({error or type(error).__name__})") from error
            except asyncio.CancelledError:
                await self._kill()  # its answer would be taken for that of the next question
                raise
            return answer

    async def close(self) -> None:
        """End it."""
        await self._kill()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=16 * 2**20
            )
        return self._process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
