"""An open-loop load generator: requests leave at their planned times, whether or not earlier ones have come back.

Latency counts from the planned time, so a server that stalls is charged for everything that had to wait (no coordinated
omission). Connections are kept alive, one request each at a time; a request that finds none free waits for one.

    python benchmarks/openloop.py http://127.0.0.1:8600/v1/forecasts/AAPL --rate 2000 --header "x-api-key: KEY"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np

Make = Callable[[int], bytes]


@dataclass(kw_only=True)
class Outcome:
    """What came of a run.

    ``status`` : answers by status; 0 for a connection that broke or an answer that never came. ``seconds`` : latency of
    each answered request, from its planned time. ``retry_after`` : how many refusals told when to come back.
    """

    planned: int = 0
    elapsed: float = 0.0
    status: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    retry_after: int = 0

    def quantile(self, share: float, *, accepted: bool = False) -> float:
        """Return a latency in seconds; of the 2xx answers alone where ``accepted``."""
        values = self.accepted if accepted else self.seconds
        return float(np.quantile(values, share)) if values else float("nan")

    def to_dict(self) -> dict[str, object]:
        """Return the figures, milliseconds for latencies."""
        good = sum(count for status, count in self.status.items() if 200 <= status < 300)
        return {
            "planned": self.planned,
            "answered": len(self.seconds),
            "good_per_second": round(good / self.elapsed, 1) if self.elapsed else 0.0,
            "status": {str(status): count for status, count in sorted(self.status.items())},
            "retry_after": self.retry_after,
            "p50_ms": round(1e3 * self.quantile(0.5, accepted=True), 3),
            "p99_ms": round(1e3 * self.quantile(0.99, accepted=True), 3),
            "p999_ms": round(1e3 * self.quantile(0.999, accepted=True), 3),
        }


class _Connection(asyncio.Protocol):
    def __init__(self, pool: _Pool) -> None:
        self.pool, self.due, self.buffer = pool, 0.0, b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, due: float, request: bytes) -> None:
        assert self.transport is not None
        self.due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        place = head.find(b"content-length:")
        size = int(head[place + 15 : (head.find(b"\r\n", place) + 1 or end + 1) - 1]) if place >= 0 else 0
        if len(self.buffer) < end + 4 + size:
            return
        self.buffer = self.buffer[end + 4 + size :]
        self.pool.answered(self, int(head[9:12]), b"\r\nretry-after:" in head, b"\r\nconnection: close" in head)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.pool.lost(self)


class _Pool:
    def __init__(self, host: str, port: int, outcome: Outcome) -> None:
        self.host, self.port, self.outcome = host, port, outcome
        self.free: deque[_Connection] = deque()
        self.busy: set[_Connection] = set()
        self.waiting: deque[tuple[float, bytes]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()
        self.closed = False

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        while not self.closed:
            try:
                _, protocol = await loop.create_connection(lambda: _Connection(self), self.host, self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            self._give(protocol)
            return

    def submit(self, due: float, request: bytes) -> None:
        if self.free:
            connection = self.free.popleft()
            self.busy.add(connection)
            connection.send(due, request)
        else:
            self.waiting.append((due, request))

    def answered(self, connection: _Connection, status: int, retry: bool, closing: bool) -> None:
        taken = time.perf_counter() - connection.due
        self.outcome.status[status] += 1
        self.outcome.seconds.append(taken)
        self.outcome.retry_after += retry
        if 200 <= status < 300:
            self.outcome.accepted.append(taken)
        self.busy.discard(connection)
        if not closing:
            self._give(connection)

    def lost(self, connection: _Connection) -> None:
        if connection in self.busy:
            self.busy.discard(connection)
            self.outcome.status[0] += 1
        if connection in self.free:
            self.free.remove(connection)
        if not self.closed:
            task = asyncio.ensure_future(self.connect())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _give(self, connection: _Connection) -> None:
        if self.waiting:
            self.busy.add(connection)
            connection.send(*self.waiting.popleft())
        else:
            self.free.append(connection)

    async def close(self, patience: float) -> None:
        until = time.perf_counter() + patience
        while (self.busy or self.waiting) and time.perf_counter() < until:
            await asyncio.sleep(0.005)
        self.outcome.status[0] += len(self.busy) + len(self.waiting)
        self.closed = True
        for connection in (*self.free, *self.busy):
            if connection.transport is not None:
                connection.transport.abort()
        self.busy.clear()
        for task in self.tasks:
            task.cancel()


def request_of(url: str, headers: Sequence[str] = (), body: bytes = b"", method: str | None = None) -> bytes:
    """Return the bytes of a request."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method or ('POST' if body else 'GET')} {target} HTTP/1.1", f"host: {parts.netloc}", *headers]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is sent: request ``i`` is ``make(i)``, ``rate(t)`` requests a second at second ``t``, for ``seconds``.

    ``connections`` are open at once; answers that come more than ``patience`` seconds after the end count as lost.
    """

    make: Make
    rate: Callable[[float], float]
    seconds: float
    connections: int = 64
    seed: int = 0
    patience: float = 5.0


async def drive(host: str, port: int, load: Load) -> Outcome:
    """Send ``load`` with exponential pauses and return what came of it."""
    outcome, drawn = Outcome(), random.Random(load.seed)
    pool = _Pool(host, port, outcome)
    await asyncio.gather(*(pool.connect() for _ in range(load.connections)))
    begun = time.perf_counter()
    due = 0.0
    while due < load.seconds:
        now = time.perf_counter() - begun
        while due <= now and due < load.seconds:
            pool.submit(begun + due, load.make(outcome.planned))
            outcome.planned += 1
            due += drawn.expovariate(load.rate(due))
        await asyncio.sleep(min(max(due - now, 0.0), 0.001))
    outcome.elapsed = time.perf_counter() - begun
    await pool.close(load.patience)
    return outcome


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, default=1000.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--body", default="")
    given = parser.parse_args()
    request = request_of(given.url, given.header, given.body.encode())
    parts = urlsplit(given.url)
    load = Load(make=lambda _: request, rate=lambda _: given.rate, seconds=given.seconds, connections=given.connections)
    found = asyncio.run(drive(parts.hostname or "127.0.0.1", parts.port or 80, load))
    print(json.dumps(found.to_dict(), indent=2))


if __name__ == "__main__":
    main()
