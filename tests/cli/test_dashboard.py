"""`tradewind dashboard` as its user meets it: people, ratings, the schema, and a server that starts and stops."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tradewind.web.access import AccessStore
from tradewind.web.ratings import RatingStore
from tradewind.web.roles import Role


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def people(home: Path) -> AccessStore:
    return AccessStore(home / "dashboard.db")


@pytest.mark.slow
def test_a_person_comes_changes_and_goes(tradewind: Any, home: Path) -> None:
    made = tradewind("dashboard", "--home", home, "users", "add", "ann", "--roles", "analyst,executive", "--generate")
    assert made.code == 0, made.err
    password = re.search(r"password, shown this once: (\S+)", made.out)
    assert password is not None
    assert people(home).knows("ann", password[1])
    changed = tradewind("dashboard", "--home", home, "users", "add", "ann", "--roles", "oncall", "--person", "ann")
    assert changed.code == 0, changed.err
    assert people(home).knows("ann", password[1])  # the password stays
    listed = tradewind("dashboard", "--home", home, "users", "list", "--json").json
    assert [(row["name"], row["roles"], row["signs as"]) for row in listed] == [("ann", "oncall", "ann")]
    assert tradewind("dashboard", "--home", home, "users", "remove", "ann").code == 0
    assert people(home).users() == ()


def test_a_password_from_a_pipe(tradewind: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    people(home).add("ann", frozenset({Role.analyst}), password=None)
    monkeypatch.setattr("sys.stdin", io.StringIO("from-a-pipe-1\n"))
    done = tradewind("dashboard", "--home", home, "users", "password", "ann", "--password-stdin")
    assert done.code == 0, done.err
    assert "from-a-pipe" not in done.out + done.err
    assert people(home).knows("ann", "from-a-pipe-1")


def test_a_link_logs_in_once(tradewind: Any, home: Path) -> None:
    people(home).add("ann", frozenset({Role.analyst}), password=None)
    said = tradewind("dashboard", "--home", home, "users", "link", "ann", "--url", "https://desk.example/").out
    ticket = said.strip().removeprefix("https://desk.example/api/ticket/")
    assert people(home).redeem(ticket) is not None
    assert people(home).redeem(ticket) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("users", "add", "ann", "--generate"), "needs a role"),
        (("users", "add", "ann", "--roles", "king", "--generate"), "no such role: king"),
        (("users", "add", "ann", "--roles", "analyst"), "--generate or --password-stdin"),
        (("users", "remove", "nobody"), "nobody is called 'nobody'"),
        (("users", "link", "nobody"), "nobody is called 'nobody'"),
        (("users", "password", "nobody", "--generate"), "nobody is called 'nobody'"),
        (("--host", "0.0.0.0"), "nobody has a password"),
        (("--host", "192.0.2.1"), "nobody has a password"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    tradewind: Any, home: Path, args: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    flags = args if args[0].startswith("-") else ()
    result = tradewind("dashboard", "--home", home, *flags, *(() if flags else args))
    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err


def test_a_port_that_is_taken_is_told(tradewind: Any, home: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = tradewind("dashboard", "--home", home, "--port", taken.getsockname()[1])
    assert result.code == 2
    assert "cannot listen at" in result.err


def test_a_missing_extra_is_told(tradewind: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewind.cli.dashboard_places.find_spec", lambda _: None)
    result = tradewind("dashboard", "--home", home)
    assert result.code == 2
    assert "pip install 'tradewind[web]'" in result.err


@pytest.mark.slow
def test_the_report_of_ratings(tradewind: Any, home: Path, tmp_path: Path) -> None:
    assert "Nobody has rated anything yet" in tradewind("dashboard", "--home", home, "ratings").out
    store = RatingStore(home / "dashboard.db")
    store.give("ann", "explanation", "demo/AAPL", useful=True, context={"layer": "executive"})
    store.give("bob", "explanation", "demo/AAPL", useful=False, why="too long")
    store.give("bob", "case", "c-1", useful=True)
    shown = tradewind("dashboard", "--home", home, "ratings").out
    assert "3 ratings" in shown
    assert "not useful: too long" in shown
    report = tradewind("dashboard", "--home", home, "ratings", "--json", "--kind", "explanation").json
    assert (report["total"]["useful"], report["total"]["of"]) == (1, 2)
    table = tmp_path / "ratings.csv"
    assert tradewind("dashboard", "--home", home, "ratings", "--csv", table).code == 0
    assert len(list(csv.DictReader(table.read_text().splitlines()))) == 3


@pytest.mark.slow
def test_the_schema_is_told(tradewind: Any) -> None:
    assert "/api/me" in tradewind("dashboard", "schema").json["paths"]


@pytest.mark.slow
def test_it_serves_until_it_is_told_to_stop(home: Path) -> None:
    """A server of its own: the link logs in, a change of a store reaches an open page, Ctrl-C ends all at once."""
    import httpx

    command = [sys.executable, "-c", "from tradewind.cli.main import main; main()"]
    server = subprocess.Popen(
        [*command, "dashboard", "--home", str(home), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout is not None
        link = re.search(r"http://\S+", server.stdout.readline())
        assert link is not None
        address = link[0].rsplit("/api/", 1)[0]
        with httpx.Client(timeout=120, transport=httpx.HTTPTransport(retries=5)) as browser:
            assert browser.get(link[0]).status_code == 303
            assert browser.get(f"{address}/api/me").json()["name"] == "admin"
            assert _heard(browser, address, home) == {"event": "cases"}
            with browser.stream("GET", f"{address}/api/live") as page:  # a page that is open when the server stops
                assert page.status_code == 200
                server.send_signal(signal.SIGINT)
                assert "".join(page.iter_text()).startswith("retry:")
        assert server.wait(30) == 0
        assert "Traceback" not in server.stdout.read()
    finally:
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def _heard(browser: Any, address: str, home: Path) -> dict[str, str]:
    """Return what an open page hears when another program changes a store."""

    def change() -> None:
        path = home / "surveillance" / "cases.db"
        path.parent.mkdir(parents=True)
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE t (x)")
        db.commit()
        db.close()

    with browser.stream("GET", f"{address}/api/live") as page:
        later = threading.Timer(3.0, change)  # the watcher has looked once by then
        later.start()
        for line in page.iter_lines():
            if line.startswith("event:"):
                later.join()
                return {"event": json.loads(f'"{line[7:]}"')}
    raise AssertionError("the stream ended")
