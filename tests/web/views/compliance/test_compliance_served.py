"""What is decided over the dashboard is what a running server answers with."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tradewind.web.guard import MARK

pytestmark = pytest.mark.slow
NAME, SYMBOL = "equity-daily", "SIM000"


@contextmanager
def served(home: Path) -> Iterator[str]:
    """Yield the address of `tradewind serve` over the champion of the registry in ``home``."""
    command = [sys.executable, "-m", "tradewind.cli.main", "serve", "--model", f"{NAME}@champion", "--port", "0"]
    command += ["--prices", str(home / "projects" / "small" / "prices.parquet"), "--state", str(home / "serving")]
    command += ["--universe", str(home / "projects" / "small" / "universe.csv"), "--no-auth", "--log-level", "warning"]
    own = {"TRADEWIND_REGISTRY": str(home / "registry"), "TRADEWIND_AUDIT": "off", "NO_COLOR": "1"}
    said = home / "serve.log"
    with said.open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **own})
        try:
            yield _address(process, said)
        finally:
            process.terminate()
            try:
                process.wait(120)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    until = time.monotonic() + 300
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"^Serving .+ at (http://\S+)$", said.read_text(), re.MULTILINE)
        if found:
            return found[1]
        time.sleep(0.2)
    raise AssertionError(said.read_text())


def answers_with(address: str, wanted: str) -> bool:
    """Return whether the server comes to answer with the version ``wanted``, within minutes."""
    until, seen = time.monotonic() + 300, ""
    while time.monotonic() < until:
        try:
            answer = httpx.get(f"{address}/v1/forecasts/{SYMBOL}", timeout=10.0)
            seen = answer.json().get("model", "") if answer.is_success else answer.text
        except httpx.TransportError as error:  # a busy machine
            seen = repr(error)
        if seen == wanted:
            return True
        time.sleep(0.3)
    raise AssertionError(f"it answers with {seen}, not with {wanted}")


def test_a_promotion_and_a_fallback_reach_a_running_server(open_page: Any, home: Path) -> None:
    page = open_page("compliance")
    operator = open_page("oncall")._client
    queue = page.get("/approvals").json()
    seen = next(one["seen"] for one in queue["waiting"] if one["reference"] == f"{NAME}/2")
    body = {"act": "approve", "reason": "meets policy", "seen": seen}
    with served(home) as address:
        assert answers_with(address, f"{NAME}/1")
        assert page.post(f"/models/{NAME}/2/decisions", body).status_code == 201

        def decide(act: str, **body: Any) -> dict[str, Any]:
            answer = operator.post(f"/api/oncall/rollout/{act}", json={"name": NAME, **body}, headers={MARK: "1"})
            assert answer.status_code == 200, answer.text
            told: dict[str, Any] = answer.json()
            return told

        told = decide("promote", version=2, reason="approved, and the newer one")
        assert (told["words"], told["by"]) == (f"{NAME}/2 is champion", "oncall")
        assert answers_with(address, f"{NAME}/2")
        decide("fall-back", to="previous", reason="alarm at night")
        assert answers_with(address, f"{NAME}/1")
        decide("resume", reason="a false alarm")
        assert answers_with(address, f"{NAME}/2")
    champion = open_page("executive")._client.get("/api/executive/champion/small").json()["champions"][0]
    assert (champion["name"], champion["version"], champion["speaks"]) == (NAME, "2", True)
    assert [step["stage"] for step in champion["steps"]] == ["validated", "approved", "champion"]
