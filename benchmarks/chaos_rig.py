"""A server that may be hurt, in a process of its own, bars that go on coming, callers who write down every answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chaos_world import ENVIRONMENT, World, run_command
from tradewind.streaming.log import LogError, Producer, open_log
from tradewind.streaming.records import Bar

PATIENCE = 20.0
"""Seconds a caller waits for an answer."""


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True, eq=False)
class Rig:
    """One server, its state in ``folder``; ``flags`` are added to its command, ``environment`` to its variables."""

    world: World
    folder: Path
    deployment: str | Path = "first"
    history: str = "history.parquet"
    flags: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    key: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        """Make the folder and a key."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self.log = self.log or str(self.state / "log")
        made = run_command("keys", "create", "--scopes", "read,explain,stream,compute,admin", "--rate", "100000",
                           "--keys", str(self.state / "keys.json"), "--json")  # fmt: skip
        self.key = str(json.loads(made)["key"])

    @property
    def state(self) -> Path:
        """The server's own folder."""
        return self.folder / "state"

    @property
    def audit(self) -> Path:
        """The audit log."""
        return self.folder / "audit" / "audit.db"

    @property
    def deployed(self) -> Path:
        """The deployment file that is served."""
        return self.deployment if isinstance(self.deployment, Path) else self.world.deployment(self.deployment)

    def launch(self, *, seed: bool = False) -> None:
        """Start the process; ``seed`` puts the history into the log first."""
        self.audit.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "tradewind.cli.main", "serve", "--deployment", str(self.deployed)]
        command += ["--state", str(self.state), "--audit", str(self.audit), "--port", str(self.port), *self.flags]
        if seed:
            command += ["--prices", str(self.world.folder / self.history)]
        with (self.folder / "server.log").open("ab") as out:
            self.process = subprocess.Popen(
                command, env={**ENVIRONMENT, **self.environment}, stdout=out, stderr=out, stdin=subprocess.DEVNULL
            )

    def start(self, *, seed: bool = True, seconds: float = 120.0) -> float:
        """Start, and return the seconds until it was ready."""
        began = time.monotonic()
        self.launch(seed=seed)
        self.until(self.ready, seconds)
        return time.monotonic() - began

    def kill(self) -> None:
        """Kill it, as the kernel does that has no memory left."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = 60.0) -> int:
        """End it in order and return its exit code; RuntimeError where it hangs."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise RuntimeError(f"the server did not end, see {self.folder / 'server.log'}") from error

    def ask(self, path: str, body: Mapping[str, Any] | None = None, seconds: float = 10.0) -> tuple[int, Any]:
        """Return status and JSON of one request; status 0 where nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Api-Key": self.key, "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else {}
        except (OSError, ValueError):
            return 0, {}

    def metrics(self, name: str) -> float:
        """Return the sum of the samples of a metric; -1 where the server does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return -1.0
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def ready(self) -> bool:
        """Return whether it says that it is."""
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}, see {self.folder / 'server.log'}")
        return self.ask("/health/ready", seconds=2.0)[0] == 200

    def caught_up(self, last: int | None = None, seconds: float = 120.0) -> None:
        """Return when everything in the log is a feature, the bars of ``last`` among it."""

        def done() -> bool:
            status, found = self.ask("/v1/status", seconds=2.0)
            features = found.get("detail", {}).get("features", {}) if status == 200 else {}
            return features.get("lag") == 0 and (last is None or features.get("last_slice") == last)

        self.until(done, seconds)

    def until(self, done: Callable[[], bool], seconds: float) -> None:
        """Return when ``done()``; RuntimeError after ``seconds``."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise RuntimeError(f"not within {seconds:g} s, see {self.folder / 'server.log'}")
            time.sleep(0.02)

    def __enter__(self) -> Self:
        """Return this."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server, however."""
        if self.process is not None and self.process.poll() is None:
            if kind is None:
                self.stop()
            else:
                self.kill()


class Feeder:
    """Sends bars, all of one time together, every ``pace`` seconds, in a thread; what was flushed is acknowledged."""

    def __init__(self, log: str, slices: Sequence[Sequence[Bar]], pace: float) -> None:
        self._place, self._slices, self._pace = log, slices, pace
        self.flushed: list[tuple[float, int]] = []
        self.failures = 0
        self._again = 0
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def last(self) -> int:
        """The time of the last bars that are sent."""
        return self._slices[-1][0].time

    def newest(self, moment: float) -> int:
        """Return the time of the newest bars acknowledged before ``moment``."""
        return max((time for at, time in self.flushed if at <= moment), default=0)

    def held(self) -> threading.Lock:
        """Return what keeps it from sending while it is held."""
        return self._turn

    def again(self, count: int) -> None:
        """Send the last ``count`` slices once more before the next one."""
        self._again = count

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait until all is acknowledged."""
        self._thread.join()
        if len(self.flushed) != len(self._slices):
            raise RuntimeError(f"only {len(self.flushed)} of {len(self._slices)} slices could be sent")

    def _run(self) -> None:
        with open_log(self._place) as log:
            producer = log.producer()
            due = time.monotonic()
            for place, bars in enumerate(self._slices):
                with self._turn:
                    back, self._again = self._again, 0
                    self._send(producer, [bar for part in self._slices[place - back : place + 1] for bar in part])
                self.flushed.append((time.monotonic(), bars[0].time))
                due = max(due + self._pace, time.monotonic() - self._pace)
                time.sleep(max(0.0, due - time.monotonic()))
            producer.close()

    def _send(self, producer: Producer, bars: Sequence[Bar]) -> None:
        waiting = bars
        while True:
            try:
                producer.send_many(waiting)
                waiting = ()
                producer.flush(30.0)
                return
            except LogError as error:  # what was not given up lies queued
                self.failures += 1
                waiting = [one for one in error.unwritten if isinstance(one, Bar)]
                time.sleep(0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a request: ``status`` 0 where the connection broke, or nothing came within the patience."""

    request: str
    due: float
    done: float
    status: int
    retry_after: bool = False
    body: bytes = b""


class Callers:
    """Open-loop requests at ``rate`` a second, in a thread: most ready, some computed, some of four symbols."""

    def __init__(self, rig: Rig, rate: float, *, connections: int = 32, symbols: Sequence[str] = ()) -> None:
        self._rig, self._rate, self._connections = rig, rate, connections
        self._symbols = list(symbols or rig.world.symbols)
        self.answers: list[Answer] = []
        self.began = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> None:
        """Begin."""
        self.began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more, wait for what is under way."""
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        queue: asyncio.Queue[tuple[str, float, bytes] | None] = asyncio.Queue()
        workers = [asyncio.create_task(self._work(queue)) for _ in range(self._connections)]
        due, number = time.monotonic(), 0
        while not self._stop.is_set():
            while due <= time.monotonic():
                name = f"{os.getpid():x}-{number:08d}"
                queue.put_nowait((name, due, self._request(number, name)))
                due, number = due + 1.0 / self._rate, number + 1
            await asyncio.sleep(0.002)
        for _ in workers:
            queue.put_nowait(None)
        await asyncio.gather(*workers)

    def _request(self, number: int, name: str) -> bytes:
        symbol = self._symbols[number % len(self._symbols)]
        head = f"HTTP/1.1\r\nhost: localhost\r\nx-api-key: {self._rig.key}\r\nx-request-id: {name}\r\n"
        if number % 20 == 19:
            place = number % (len(self._symbols) - 3)
            body = json.dumps({"symbols": self._symbols[place : place + 4]})
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            return f"POST /v1/forecasts {head}\r\n{body}".encode()
        return f"GET /v1/forecasts/{symbol}{'?fresh=true' if number % 10 == 9 else ''} {head}\r\n".encode()

    async def _work(self, queue: asyncio.Queue[tuple[str, float, bytes] | None]) -> None:
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while (task := await queue.get()) is not None:
            name, due, request = task
            status, retry, body = 0, False, b""
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    if streams is None:
                        streams = await asyncio.open_connection("127.0.0.1", self._rig.port)
                    status, retry, body = await _exchange(streams, request)
            self.answers.append(
                Answer(request=name, due=due, done=time.monotonic(), status=status, retry_after=retry, body=body)
            )
            if not status and streams is not None:
                streams[1].transport.abort()
                streams = None
            if not status:
                await asyncio.sleep(0.02)
        if streams is not None:
            streams[1].transport.abort()


async def _exchange(
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
) -> tuple[int, bool, bytes]:
    reader, writer = streams
    writer.write(request)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = 0
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            size = int(line[15:])
    return int(head[9:12]), b"\r\nretry-after:" in head, await reader.readexactly(size)
