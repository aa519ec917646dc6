"""A real Redis beside the tests of serving, that may be killed and started again, and predictions to cache."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from math import nan
from pathlib import Path

import pytest

from tradewind.streaming.records import Prediction


class RedisServer:
    """A redis-server on a free port of 127.0.0.1 without a disk; ``url`` stays the same over restarts."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._program, self._folder = program, folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return where clients connect."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and return when it listens."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        log = self._folder / "redis.log"
        with log.open("ab") as out:
            command = [self._program, *options, "--dir", str(self._folder)]
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        until = time.monotonic() + 20
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        pytest.fail(f"redis-server does not listen: {log.read_text(errors='replace')[-1000:]}")

    def stop(self) -> None:
        """Kill it; what it held is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The session's server; tests use :func:`redis_server`."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("redis-server is absent, and CI must run every test")
        pytest.skip("redis-server is absent (apt install redis-server)")
    server = RedisServer(program, tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> RedisServer:
    """A running Redis that holds nothing; a test may stop and start it."""
    import redis

    if redis_process.process is None:
        redis_process.start()
    with redis.Redis.from_url(redis_process.url) as client:
        client.flushall()
    return redis_process


@pytest.fixture
def make_prediction() -> Callable[..., Prediction]:
    """Return a maker of predictions; what is not given is plausible and follows from what is."""

    def make(symbol: str = "AAA", time: int = 1_000, revision: int = 0, **given: object) -> Prediction:
        model = str(given.get("model", "ensemble/1"))
        values: dict[str, object] = {
            "id": f"{symbol}-{time}-{model}-{revision}",
            "known_at": time + 10,
            "made_at": time + 20 + revision,
            "model": model,
            "probability": 0.6,
            "expected_return": 0.001,
            "lower": nan,
            "upper": nan,
            "inputs_id": f"{time}-{revision}",
        }
        return Prediction(symbol=symbol, time=time, revision=revision, **(values | given))  # type: ignore[arg-type]

    return make
