"""`tradewind dashboard --demo` as somebody new gives it: furnished, logged in to, looked at, stopped, started again."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tradewind.web.guard import MARK
from tradewind.web.roles import Role

E2E = Path(__file__).parents[2] / "frontend" / "e2e" / "serve.py"
MADE_WITHIN, STARTED_WITHIN = 1800.0, 180.0


def browser_tests() -> Any:
    """Return the module that furnishes what the browser tests look at; they take over what this test furnished."""
    spec = importlib.util.spec_from_file_location("serve_for_browsers", E2E)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Running:
    """The command in a process of its own; ``said`` is all it printed so far."""

    def __init__(self, home: Path) -> None:
        command = [Path(sys.executable).with_name("tradewind"), "dashboard", "--demo", "--home", home, "--port", "0"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRADEWIND_")}
        self.process = subprocess.Popen(
            list(map(str, command)),
            cwd=home.parent,
            env={**environment, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def link(self, seconds: float) -> str:
        """Return the link that logs in once."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            if found := re.search(r"Open (http://\S+)", self.said):
                return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no link was printed: {self.said[-3000:]}")

    def interrupted(self) -> int:
        """Stop it as Ctrl-C does; return its exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self._reader.join(10)
        return code


@contextmanager
def running(home: Path) -> Iterator[Running]:
    server = Running(home)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        assert server.process.stdout is not None
        server.process.stdout.close()


def visitor(address: str) -> httpx.Client:
    transport = httpx.HTTPTransport(retries=5)
    return httpx.Client(base_url=address, headers={MARK: "1"}, timeout=120, transport=transport)


def looked_around(server: Running, seconds: float) -> dict[str, str]:
    """Follow the link, see the page and the projects, log in as each person; return the passwords that were shown."""
    link = server.link(seconds)
    address = link.split("/api/")[0]
    with visitor(address) as browser:
        assert browser.get(link).status_code == 303
        assert browser.get("/api/me").json()["name"] == "admin"
        assert 'id="root"' in browser.get("/").text
        projects = {one["name"]: one for one in browser.get("/api/projects").json()}
        assert {"demo", "planted"} <= projects.keys()
        assert browser.get("/api/executive/summary/demo").status_code == 200
    with visitor(address) as again:
        assert again.get(link).headers["location"] == "/log-in?over=1"
        assert again.get("/api/me").status_code == 401
    shown = dict(re.findall(r"^ (\w+) +((?:\w{5}-){3}\w{5})", server.said, re.MULTILINE))
    for name, password in shown.items():
        with visitor(address) as person:
            assert person.post("/api/log-in", json={"name": name, "password": password}).status_code == 200
            assert name in person.get("/api/me").json()["roles"]
            for role, path, field in (
                ("oncall", "/api/oncall/alerts", "incidents"),
                ("compliance", "/api/compliance/incidents", "incidents"),
                ("surveillance", "/api/surveillance/cases", "cases"),
            ):
                if name == role:
                    assert person.get(path).json()[field], f"nothing at {path}"
    return shown


@pytest.mark.slow
@pytest.mark.minutes
def test_somebody_new_looks_around_leaves_and_comes_back(tmp_path: Path) -> None:
    browsers = browser_tests()
    shared = Path(os.environ.get("DASHBOARD_HOME") or E2E.parents[2] / "out" / "e2e" / "home").resolve()
    with browsers.claimed(shared) as ours:
        place = (shared if ours else tmp_path) / browsers.NAME
        if ours:
            browsers.put_back(shared)  # what is kept of today need not be made again
        with running(place) as server:
            shown = looked_around(server, MADE_WITHIN)
            assert shown.keys() == {role.value for role in Role}
            assert server.interrupted() == 0
            assert "Traceback" not in server.said
        with running(place) as server:  # all is there now
            assert looked_around(server, STARTED_WITHIN) == {}
            assert "project demo" not in server.said
            assert server.interrupted() == 0
        if ours:
            browsers.keep(shared)
