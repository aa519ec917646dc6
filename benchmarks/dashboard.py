"""How quick the dashboard is on 500 symbols x 10 years of daily bars: python benchmarks/dashboard.py [--home DIR].

Makes a simulated market with a logistic model (minutes, once, under out/), serves it with ``tradewind``'s own server
and times, from another process: the first answers after a start, the requests of pages once warm, and pages and clicks
in headless Chromium where frontend/node_modules has playwright-core. Writes results/dashboard.json and the part
``dashboard`` of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from page import RESULTS, ROOT, card, machine, table, write_part
from tradewind.core.files import write_json_file
from tradewind.data import MarketSettings, simulate, write_prices, write_universe

NAME, SYMBOLS, DAYS = "large", 500, 2520
HOME = ROOT / "out" / "dashboard"
_SERVE = """
import os, sys
from tradewind.web.app import build_dashboard
from tradewind.web.roles import Role
from tradewind.web.server import listening, serve
from tradewind.web.settings import DashboardSettings
from tradewind.web.workspace import Workspace
settings = DashboardSettings(port=0)
app = build_dashboard(Workspace.of(sys.argv[1]), settings)
if "bench" not in {one.name for one in app.state.access.users()}:
    app.state.access.add("bench", frozenset({Role.admin}), password=None)
app.state.access.set_password("bench", os.environ["PASSWORD"])
held = listening(settings)
print(held.getsockname()[1], flush=True)
serve(app, held)
"""


def make(home: Path) -> None:
    """Make the project as a person would, unless it is there."""
    folder = home / "projects" / NAME
    if (folder / "evaluation" / "metrics.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    market = simulate(MarketSettings(kind="momentum", n_symbols=SYMBOLS, n_days=DAYS, seed=3))
    prices = write_prices(market.panel, folder / "prices.parquet")
    write_universe(market.universe, folder / "universe.csv")
    (folder / "project.toml").write_text('title = "500 symbols, ten years"\n')
    times = np.datetime_as_string(market.panel.times, unit="D")
    end, start = str(times[len(times) // 2]), str(times[len(times) // 2 + 5])
    given = ["--prices", str(prices), "--universe", str(folder / "universe.csv"), "--models", "logistic"]
    for command in (
        ["train", *given, "--train-end", end, "--out", str(folder / "model")],
        ["evaluate", *given, "--train-end", end, "--test-start", start, "--out", str(folder / "evaluation")],
    ):
        subprocess.run([sys.executable, "-m", "tradewind.cli.main", *command], check=True, env=_quiet())


def _quiet() -> dict[str, str]:
    return {**os.environ, "TRADEWIND_AUDIT": "off", "TRADEWIND_TRACK": "off", "OMP_NUM_THREADS": "1"}


def timed(ask: Callable[[], httpx.Response]) -> float:
    """Return the milliseconds until the whole answer is here."""
    start = time.perf_counter()
    ask().raise_for_status()
    return (time.perf_counter() - start) * 1e3


class Served:
    """A server of its own process over ``home``, and a client that is logged in."""

    def __init__(self, home: Path, password: str) -> None:
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(home)],
            stdout=subprocess.PIPE,
            text=True,
            env={**_quiet(), "PASSWORD": password},
        )
        assert self.process.stdout is not None
        self.address = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.client = httpx.Client(base_url=self.address, headers={"x-tradewind": "1"}, timeout=120)
        body = {"name": "bench", "password": password}
        while not self._answers():
            time.sleep(0.05)
        self.client.post("/api/log-in", json=body).raise_for_status()
        self.started = time.perf_counter() - start

    def _answers(self) -> bool:
        try:
            return self.client.get("/").is_success
        except httpx.ConnectError:  # the address is taken before the server listens at it
            if self.process.poll() is not None:
                raise
            return False

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(30)


def requests_of(client: httpx.Client) -> dict[str, Callable[[int], httpx.Response]]:
    """Return what pages ask for; the number varies what is asked, so that no answer is asked for twice."""
    symbols = [one["symbol"] for one in client.get(f"/api/analyst/market/{NAME}").json()["symbols"]]
    at = f"/api/analyst/backtest/{NAME}"
    return {
        "who is logged in": lambda _: client.get("/api/me"),
        "list of projects": lambda _: client.get("/api/projects"),
        "executive summary": lambda _: client.get(f"/api/executive/summary/{NAME}"),
        "market: all symbols": lambda _: client.get(f"/api/analyst/market/{NAME}"),
        "market: bars of a symbol": lambda n: client.get(
            f"/api/analyst/market/{NAME}/bars/{symbols[n % len(symbols)]}"
        ),
        "backtest: another cost": lambda n: client.get(at, params={"cost_bp": 1 + n / 10}),
        "backtest: another tail": lambda n: client.get(at, params={"weights": "decile", "tail": 0.05 + n / 1000}),
        "features": lambda _: client.get(f"/api/analyst/features/{NAME}"),
        "regimes": lambda _: client.get(f"/api/analyst/regimes/{NAME}"),
    }


def measure(home: Path, repeats: int) -> dict[str, Any]:
    """Return the figures; times in milliseconds but for the start, in seconds."""
    password = secrets.token_urlsafe(18)
    load = os.getloadavg()[0]
    found: dict[str, Any] = {"load_before": load, "real_time": os.sched_getscheduler(0) != os.SCHED_OTHER}
    for kept in sorted((home / "projects" / NAME / "kept").glob("*.json")):
        kept.unlink()
    with Served(home, password) as served:
        found["first_ever_ms"] = timed(lambda: served.client.get(f"/api/executive/summary/{NAME}"))
        served.client.get(f"/api/analyst/regimes/{NAME}").raise_for_status()
    with Served(home, password) as served:
        found["start_s"] = served.started
        found["first_after_restart_ms"] = timed(lambda: served.client.get(f"/api/executive/summary/{NAME}"))
        asked = requests_of(served.client)
        for ask in asked.values():  # the warmer is at it; this waits for it
            ask(0)
        found["warm_after_s"] = served.started + _settled(served)
        requests = {
            name: [timed(lambda ask=ask, n=n: ask(n + 1)) for n in range(repeats)] for name, ask in asked.items()
        }
        found["requests_ms"] = {name: _short(values) for name, values in requests.items()}
        found["browser_ms"] = {name: _short(values) for name, values in _browse(served, password).items()}
    found["load_after"] = os.getloadavg()[0]
    return found


def _settled(served: Served) -> float:
    """Return the seconds until ten answers in a row took under 100 ms: nothing is at work any more."""
    start, calm = time.perf_counter(), 0
    while calm < 10 and time.perf_counter() - start < 60:
        calm = calm + 1 if timed(lambda: served.client.get(f"/api/analyst/backtest/{NAME}")) < 100 else 0
        time.sleep(0.2)
    return time.perf_counter() - start


def _browse(served: Served, password: str) -> dict[str, list[float]]:
    if not (ROOT / "frontend" / "node_modules" / "playwright-core").is_dir():
        return {}
    run = subprocess.run(
        ["node", str(Path(__file__).with_name("dashboard_browser.mjs")), served.address, "5"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "PASSWORD": password, "PROJECT": NAME},
    )
    if run.returncode:
        print(f"no browser: {run.stderr[-600:]}", file=sys.stderr)
        return {}
    times: dict[str, list[float]] = json.loads(run.stdout)
    return times


def _short(values: list[float]) -> dict[str, float]:
    middle, high = np.quantile(values, [0.5, 0.95])
    return {"n": len(values), "median": round(float(middle), 1), "p95": round(float(high), 1)}


def text_of(found: dict[str, Any]) -> str:
    """Return the part of the page."""
    rows = [
        (name, str(one["n"]), f"{one['median']:.0f}", f"{one['p95']:.0f}")
        for kind in ("browser_ms", "requests_ms")
        for name, one in found[kind].items()
    ]
    return "\n\n".join(
        [
            "## The dashboard on 500 symbols x 10 years",
            f"A simulated market of {SYMBOLS} symbols and {DAYS:,} daily bars each, a logistic model, forecasts out of "
            "sample; server and asker share one machine. Times in milliseconds, of a request to its whole answer."
            + (
                " A load runs from the start of the navigation to the painted content, a click to the new content."
                if found["browser_ms"]
                else " The browser was not measured."
            ),
            table(("What", "Times", "Median", "95th percentile"), rows),
            f"The first executive summary that is ever asked for, at once after a start and with nothing kept, took "
            f"{found['first_ever_ms'] / 1e3:.1f} s; after a restart, from what was kept on disk, "
            f"{found['first_after_restart_ms']:.0f} ms. The server was there {found['start_s']:.0f} s after its start, "
            f"and what people ask first was worked out beforehand some time after that: until then a page may wait. "
            f"Load of the machine by others included: {found['load_before']:.1f} before, "
            f"{found['load_after']:.1f} after."
            + (
                " Server and browser ran with real-time priority, beside which most of that load does not count."
                if found["real_time"]
                else ""
            ),
            f"{card(found['machine'])} Made by `benchmarks/dashboard.py`.",
        ]
    )


def main() -> None:
    """Make the project, measure, write both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=HOME, help="a workspace; its project is made where it is missing")
    parser.add_argument("--repeats", type=int, default=40)
    asked = parser.parse_args()
    make(asked.home)
    found = measure(asked.home, asked.repeats)
    found["machine"] = machine()
    print(json.dumps(found, indent=2))
    write_json_file(RESULTS / "dashboard.json", found)
    write_part("dashboard", text_of(found))


if __name__ == "__main__":
    main()
