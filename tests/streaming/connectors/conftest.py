"""A server that misbehaves as told, time that passes at once, and a log that fails as told."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tradewind.core import Event
from tradewind.core.clock import FixedClock
from tradewind.core.toml import to_toml
from tradewind.streaming.connectors import Connector, Surroundings, load_connectors
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.protocol import Message
from tradewind.streaming.records import TOPICS, Record

NOW = datetime(2024, 3, 8, 22, 0, tzinfo=UTC)

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]


class RudeServer:
    """An HTTP server that plays its script: raw bytes, or a coroutine over the open socket; the last one repeats."""

    def __init__(self, *script: bytes | Act, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.script, self.asked = list(script), list[Asked]()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> RudeServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            pairs = (line.split(": ", 1) for line in lines if ": " in line)
            self.asked.append(Asked(first.split(" ")[1], {name.lower(): value for name, value in pairs}))
            act = self.script[min(len(self.asked), len(self.script)) - 1]
            if isinstance(act, bytes):
                writer.write(act)
                await writer.drain()
            else:
                await act(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left first, as it should where a bound is passed
        finally:
            writer.close()


def reply(body: Any, *, status: str = "200 OK", raw: bool = False, **headers: str) -> bytes:
    """Return a whole answer; ``body`` is sent as JSON unless ``raw``."""
    data = body if raw else json.dumps(body).encode()
    fields = {"content-type": "application/json", "content-length": str(len(data)), "connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + data


class FastPace:
    """Time that passes as soon as somebody waits, until ``sleeps`` waits of ``interval`` are over; then all stops."""

    def __init__(self, stop: asyncio.Event, *, interval: float = 60.0, polls: int = 1, most: int = 500) -> None:
        self.stop, self.interval, self.polls, self.most = stop, interval, polls, most
        self.now, self.waits = 0.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds > 0.01:  # shorter ones space requests to a host
            self.waits.append(seconds)
        self.now += seconds
        self.polls -= seconds == self.interval
        if self.polls <= 0 or len(self.waits) >= self.most:
            self.stop.set()
        await asyncio.sleep(0)


class PartLog:
    """An event log in memory of one partition a topic, whose flushes fail as told.

    ``faults`` are taken one a flush: None is a good one; ``k`` writes the first k queued records, gives the others up
    and raises; ``-1`` writes all and raises, as when the acknowledgement is lost.
    """

    def __init__(self, *faults: int | None) -> None:
        self.faults, self.messages = list(faults), dict[str, list[Message]]()

    def producer(self) -> PartLog:
        self.queue: list[tuple[Record, Mapping[str, str]]] = []
        return self

    def send(self, record: Record, *, headers: Mapping[str, str] | None = None) -> None:
        self.queue.append((record, headers or {}))

    def send_many(self, records: Iterable[Record]) -> None:
        for record in records:
            self.send(record)

    def flush(self, timeout: float = 30.0) -> None:
        fault = self.faults.pop(0) if self.faults else None
        keep = len(self.queue) if fault is None or fault < 0 else fault
        for record, headers in self.queue[:keep]:
            topic = self.messages.setdefault(TOPICS[type(record)], [])
            place = {"topic": TOPICS[type(record)], "partition": 0, "offset": len(topic), "written_at": 0}
            topic.append(Message(**place, key=record.symbol, record=record, headers=headers))
        self.queue = []
        if fault is not None:
            raise LogError("the disk is full")

    def close(self) -> None:
        self.flush()

    def consumer(self, topics: Sequence[str], *, group: str, start: str = "earliest") -> PartReader:
        return PartReader(self.messages.get(topics[0], []))

    def ends(self, topic: str) -> dict[tuple[str, int], int]:
        return {(topic, 0): len(self.messages.get(topic, []))}

    def records(self, topic: str) -> list[Any]:
        return [message.record for message in self.messages.get(topic, [])]


class PartReader:
    """Reads a :class:`PartLog`."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages, self.at = messages, 0

    def seek(self, positions: Mapping[tuple[str, int], int]) -> None:
        (self.at,) = positions.values()

    def poll(self, limit: int = 1000, timeout: float = 0.1) -> Sequence[Message]:
        found = self.messages[self.at : self.at + limit]
        self.at += len(found)
        return found

    def positions(self) -> dict[tuple[str, int], int]:
        return {}

    def close(self) -> None:
        pass


@dataclass
class Workshop:
    """Makes connectors of settings and runs them to an end, with one folder for state over all runs of a test."""

    folder: Path
    events: list[Event] = field(default_factory=list)
    pace: FastPace | None = None

    server, log, reply = RudeServer, PartLog, staticmethod(reply)

    def settings(self, **table: Any) -> Path:
        """Write a file with one connector; returns its path."""
        path = self.folder / "connectors.toml"
        path.write_text("[[connector]]\n" + to_toml({k: v for k, v in table.items() if not isinstance(v, dict)}))
        with path.open("a") as file:
            for name, part in table.items():
                if isinstance(part, dict):
                    file.write(f"\n[connector.{name}]\n{to_toml(part)}")
        return path

    def make(self, stop: asyncio.Event, *, polls: int = 1, waits: int = 500, **table: Any) -> Connector:
        """Return the connector of ``table``, whose waits are over at once."""
        self.pace = FastPace(stop, interval=table.get("interval", 60.0), polls=polls, most=waits)
        around = Surroundings(
            state=self.folder / "state", clock=FixedClock(NOW), pace=self.pace, on_event=self.events.append
        )
        (connector,) = load_connectors(self.settings(**table), around)
        return connector

    async def run(self, log: Any, *, polls: int = 1, waits: int = 500, **table: Any) -> Connector:
        """Run the connector of ``table`` until it has waited ``polls`` times for its next poll, or ``waits`` in all."""
        stop = asyncio.Event()
        connector = self.make(stop, polls=polls, waits=waits, **table)
        async with asyncio.timeout(20):
            await connector.run(log.producer(), stop, log=log)
        return connector

    def dead(self, topic: str) -> list[dict[str, Any]]:
        """Return the dead letters of ``topic``."""
        path = self.folder / "state" / "dead" / f"{topic}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Return a maker and runner of connectors."""
    return Workshop(tmp_path)


@pytest.fixture(scope="session")
def part_log() -> type[PartLog]:
    """Return the log in memory whose flushes fail as told."""
    return PartLog
