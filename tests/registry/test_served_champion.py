"""The server as people start it: the registry's champion answers, and a newly promoted one takes over by itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tradewind.cli.main import app
from tradewind.data import write_prices
from tradewind.explain.shapley.explainer import FOLDER, Explainer
from tradewind.governance.audit import AuditLog

PATIENCE = 120.0


class Running:
    """A server in a process of its own; ``said`` holds its lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.said = process, []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.url = self._found(r"Serving .* at (http\S+)")
        match = re.search(r"may do everything lies in (\S+): delete it", "".join(self.said))
        self.key = "" if match is None else Path(match[1]).read_text(encoding="utf-8").strip()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)

    def _found(self, pattern: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            match = re.search(pattern, "".join(self.said), re.MULTILINE)
            if match:
                return match[1]
            time.sleep(0.02)
        raise AssertionError("".join(self.said))

    def ask(self, path: str) -> tuple[int, Any]:
        """Return (status, answer)."""
        request = urllib.request.Request(self.url + path, headers={"X-Api-Key": self.key})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def ready(self) -> None:
        """Return when the server has caught up with its log."""
        end = time.monotonic() + PATIENCE
        while self.ask("/health/ready")[0] != 200:
            assert time.monotonic() < end, "".join(self.said)
            time.sleep(0.05)

    def until(self, path: str, **fields: str) -> Any:
        """Return the first answer whose fields are so."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, found = self.ask(path)
            if status == 200 and all(found[name] == value for name, value in fields.items()):
                return found
            time.sleep(0.05)
        raise AssertionError((found, "".join(self.said)))


@contextmanager
def running(*flags: object) -> Iterator[Running]:
    command = [sys.executable, "-m", "tradewind.cli.main", "serve", "--port", "0", *map(str, flags)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1"},
    )
    try:
        server = Running(process)
        yield server
    finally:
        process.terminate()
        assert process.wait(60) == 0
        server.reader.join(10)
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.slow
def test_the_champion_is_served_explained_recorded_and_followed(mlflow_office, fitted, tmp_path: Path) -> None:
    office = mlflow_office
    assert office.champion() == 1
    write_prices(fitted.data.panel, tmp_path / "prices.parquet")
    flags = (
        "--model", "demo@champion", "--registry", office.registry.folder, "--prices", tmp_path / "prices.parquet",
        "--state", tmp_path / "state", "--audit", tmp_path / "audit.db",
    )  # fmt: skip
    symbol = fitted.data.panel.symbols[0]
    with running(*flags) as server:
        server.ready()
        first = server.until(f"/v1/forecasts/{symbol}", model="demo/1")
        status, told = server.ask(f"/v1/forecasts/{symbol}/explanation")
        assert status == 404
        assert "without an explainer" in told["detail"]
        assert first["how"] == "champion"
        assert office.champion() == 2
        answers = []
        end = time.monotonic() + PATIENCE
        while not answers or answers[-1][1]["model"] != "demo/2":
            assert time.monotonic() < end, "".join(server.said)
            answers.append(server.ask(f"/v1/forecasts/{symbol}"))
            assert answers[-1][0] == 200
            time.sleep(0.02)
        assert answers[-1][1]["how"] == "champion"
        secret = server.key.rpartition("_")[2]
        identity = server.key.split("_")[1]
        revoked = CliRunner().invoke(app, ["keys", "revoke", identity, "--keys", str(tmp_path / "state" / "keys.json")])
        assert revoked.exit_code == 0, revoked.output
        end = time.monotonic() + 10
        while server.ask(f"/v1/forecasts/{symbol}")[0] != 401:
            assert time.monotonic() < end
        assert secret
        assert secret not in "".join(server.said)
    with AuditLog.open(tmp_path / "audit.db", readonly=True) as log:
        assert log.verify().ok
        made = log.query(kind="prediction", symbol=symbol)
        served = sum(entry.body["count"] for entry in log.query(kind="served"))
    assert {(entry.body["model"], entry.body["model_version"]) for entry in made} == {("demo", "1"), ("demo", "2")}
    assert served >= len(answers) + 2


@pytest.mark.slow
def test_a_forecast_of_a_folder_is_explained_and_a_restart_goes_on(fitted, tmp_path: Path) -> None:
    model = tmp_path / "first"
    fitted.model.save(model)
    Explainer.of(fitted.model, fitted.data, rows=fitted.train, seed=7).save(model / FOLDER)
    write_prices(fitted.data.panel, tmp_path / "prices.parquet")
    flags = ("--model", model, "--prices", tmp_path / "prices.parquet", "--state", tmp_path / "state", "--no-auth")
    symbol = fitted.data.panel.symbols[3]
    with running(*flags) as server:
        server.ready()
        one = server.until(f"/v1/forecasts/{symbol}", how="unregistered")
        status, told = server.ask(f"/v1/forecasts/{symbol}/explanation")
        assert status == 200, told
        assert told["forecast"] == one
        assert told["explanation"]["probability"] == pytest.approx(one["probability"], abs=1e-5)
        assert told["explanation"]["layers"][0]["sentences"]
    with running(*flags) as server:
        server.ready()
        assert server.until(f"/v1/forecasts/{symbol}") == one


@pytest.mark.slow
def test_what_cannot_be_served_is_one_clear_line(tmp_path: Path) -> None:
    for flags, said in (
        ((), "give --model and --prices"),
        (("--model", "x", "--deployment", "y"), "both say what is served"),
        (("--model", "x"), "--prices"),
        (("--deployment", tmp_path / "absent.json", "--role", "api"), "nothing to serve"),
    ):
        done = CliRunner().invoke(app, ["serve", "--state", str(tmp_path / "s"), *map(str, flags)])
        assert done.exit_code != 0
        assert said in str(done.exception), (flags, done.exception)
