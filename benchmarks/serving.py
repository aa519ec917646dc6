"""The server as it is run, measured: cached, computed and streamed forecasts, bare servers and peers beside it.

    python benchmarks/serving.py                    # everything; needs wrk, most of an hour
    python benchmarks/serving.py --part cached --rounds 3 --seconds 5
    python benchmarks/serving.py --page-only        # write the page from the kept results

Every figure of ours is one of `tradewind serve` with keys, counters and an auditor that writes the audit log, asked
over HTTP on the same cores as the load. Results are kept in benchmarks/results/serving.json, part by part.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from page import RESULTS, machine
from serving_load import HERE, Call, ask, free_port, memory_mib, open_loop, running, until_answers, wrk
from serving_page import write_page
from serving_peers import PEERS, command, environment, variables
from serving_stream import follow, replay_rates
from serving_world import CACHE, ENVIRONMENT, MEMBERS, World, make_world
from tradewind.core.files import write_text
from tradewind.serving.access import KeyTerms, create_key

FILE = RESULTS / "serving.json"
CHECKED = 20
"""Symbols whose answers are compared with the trained model's."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured."""

    world: World
    rounds: int
    seconds: int
    ensembles: Sequence[str]


@contextmanager
def ours(world: World, name: str, scratch: Path, *, history: bool = True) -> Iterator[tuple[Call, int]]:
    """Run `tradewind serve` until it has read its history; yield what asks it for a forecast, and its process."""
    state = scratch / "state"
    state.mkdir(parents=True)
    key, _ = create_key(state / "keys.json", KeyTerms(scopes=("read", "stream"), rate=1e7, burst=10**7))
    port = free_port()
    serve = [sys.executable, "-m", "tradewind.cli.main", "serve", "--deployment", str(world.deployment(name))]
    serve += ["--state", str(state), "--audit", str(scratch / "audit.db"), "--port", str(port), "--features", "model"]
    if history:
        serve += ["--prices", str(world.folder / "history.parquet")]
    variables = {key: value for key, value in ENVIRONMENT.items() if key != "TRADEWIND_AUDIT"}
    url, headers = f"http://127.0.0.1:{port}", {"X-API-Key": key}
    with running(serve, variables, scratch / "server.log") as process:
        until_answers(Call(url=url, targets=["/health/ready"], headers={}), process, 300.0)
        targets = [f"/v1/forecasts/{symbol}" for symbol in world.symbols]
        yield Call(url=url, targets=targets, headers=headers), process.pid


def summary(runs: list[dict[str, float]]) -> dict[str, Any]:
    """Return min, median and max of each figure."""
    return {
        name: [round(float(f([run[name] for run in runs])), 3) for f in (min, statistics.median, max)]
        for name in runs[0]
    }


def bare(what: str) -> tuple[str, ...]:
    """Return the command of a server that gives a constant answer."""
    if what == "FastAPI on uvicorn":
        return (sys.executable, "-m", "uvicorn", "serving_bare:fastapi_app", "--no-access-log", "--log-level", "error")
    app = "asgi" if what == "bare granian" else "starlette_app"
    return (sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1", "--loop", "uvloop",
            "--no-access-log", "--log-level", "error", f"serving_bare:{app}")  # fmt: skip


def cached(plan: Plan) -> dict[str, Any]:
    """Measure ready forecasts beside constant answers, in turn."""
    names = ("bare granian", "Starlette on granian", "FastAPI on uvicorn", "Tradewind")
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    environment_ = {**os.environ, "PYTHONPATH": str(HERE)}
    with tempfile.TemporaryDirectory() as folder, ours(plan.world, "default", Path(folder)) as (call, _):
        wrk(call, 2)
        for _ in range(plan.rounds):
            runs["Tradewind"].append(wrk(call, plan.seconds))
            time.sleep(3.0)  # the auditor catches up, so that it costs the bare servers nothing
            for name in names[:-1]:
                port = free_port()
                where = Call(url=f"http://127.0.0.1:{port}", targets=call.targets, headers=call.headers)
                started = (*bare(name), "--port", str(port), "--host", "127.0.0.1")
                with running(started, environment_, Path(folder) / "bare.log") as process:
                    until_answers(where, process)
                    runs[name].append(wrk(where, plan.seconds))
    pairs = zip(runs["Tradewind"], runs["bare granian"], strict=True)
    ratios = [{"ratio": one["per_second"] / other["per_second"]} for one, other in pairs]
    return {"servers": {name: summary(found) for name, found in runs.items()}, **summary(ratios)}


def computed(plan: Plan) -> dict[str, Any]:
    """Measure forecasts that are computed anew, one by one and 256 at once, by both ensembles."""
    found: dict[str, Any] = {"ensembles": list(plan.ensembles)}
    for name in plan.ensembles:
        with tempfile.TemporaryDirectory() as folder, ours(plan.world, name, Path(folder)) as (call, _):
            single = Call(
                url=call.url, targets=[f"{target}?fresh=true" for target in call.targets], headers=call.headers
            )
            check(plan.world, name, lambda place, single=single: ask(single, place)["probability"])
            wrk(single, 2)
            found[name] = {
                f"single, {connections} connections": summary(
                    [wrk(single, plan.seconds, connections=connections) for _ in range(plan.rounds)]
                )
                for connections in (16, 64)
            }
            rates = (1000, 2000, 3000)
            found[name]["open loop"] = {str(rate): open_loop(single, rate, plan.seconds) for rate in rates}
            batch = many(call, plan.world.symbols)
            wrk(batch, 2, connections=2)
            runs = [wrk(batch, plan.seconds, connections=2) for _ in range(plan.rounds)]
            for run in runs:
                run["rows_per_second"] = 256.0 * run["per_second"]
            found[name]["batches of 256, 2 connections"] = summary(runs)
    return found


def many(call: Call, symbols: tuple[str, ...]) -> Call:
    """Return requests for 256 symbols each."""
    starts = range(0, len(symbols) - 255, 61)
    bodies = [json.dumps({"symbols": symbols[start : start + 256], "fresh": True}) for start in starts]
    return Call(url=call.url, targets=["/v1/forecasts"] * len(bodies), headers=call.headers, bodies=bodies)


def check(world: World, name: str, probability: Callable[[int], float]) -> float:
    """Return how far answers are from the trained model's at most; RuntimeError where that is more than 1e-5."""
    right = np.load(world.folder / f"{name}.npz")["probability"]
    apart = max(abs(probability(place) - float(right[place])) for place in range(CHECKED))
    if apart > 1e-5:
        raise RuntimeError(f"answers differ from the trained model's by {apart:.2g}")
    return apart


def peers(plan: Plan) -> dict[str, Any]:
    """Measure the default ensemble behind each server in turn, the peers with batching on."""
    programs = environment()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in (*PEERS, "Tradewind")}
    for _ in range(plan.rounds):
        for peer in PEERS:
            runs[peer].append(one_peer(plan, peer, programs))
        with tempfile.TemporaryDirectory() as folder, ours(plan.world, "default", Path(folder)) as (call, pid):
            fresh = Call(
                url=call.url, targets=[f"{target}?fresh=true" for target in call.targets], headers=call.headers
            )
            check(plan.world, "default", lambda place, fresh=fresh: ask(fresh, place)["probability"])
            wrk(fresh, 2)
            runs["Tradewind"].append({**wrk(fresh, plan.seconds), "pss_mib": memory_mib(pid)})
    found = {name: summary(some) for name, some in runs.items()}
    best = max(found[peer]["per_second"][1] for peer in PEERS)
    return {"servers": found, "times_the_best": round(found["Tradewind"]["per_second"][1] / best, 2)}


def one_peer(plan: Plan, peer: str, programs: Path) -> dict[str, float]:
    """Return what one run of a peer showed."""
    port = free_port()
    symbols = plan.world.symbols
    bodies = [json.dumps({"symbol": [symbol] if peer == "BentoML" else symbol}) for symbol in symbols]
    call = Call(url=f"http://127.0.0.1:{port}", targets=["/predict"] * len(bodies), headers={}, bodies=bodies)

    def probability(place: int) -> float:
        answer = ask(call, place)
        return float((answer[0] if isinstance(answer, list) else answer)["probability"])

    with running(command(peer, programs, port), variables(plan.world.folder, "default"), CACHE / "peer.log") as process:
        until_answers(call, process)
        check(plan.world, "default", probability)
        wrk(call, 2)
        return {**wrk(call, plan.seconds), "pss_mib": memory_mib(process.pid)}


def stream(plan: Plan) -> dict[str, Any]:
    """Measure from a bar's append to its forecast being visible, and how fast a history is read."""
    with tempfile.TemporaryDirectory() as folder, ours(plan.world, "default", Path(folder)) as (call, _):
        live = follow(call, Path(folder) / "state" / "log", plan.world.symbols, 10 * plan.seconds)
    return {"live": live, "replay": replay_rates(plan.world, plan.rounds)}


PARTS = {"cached": cached, "computed": computed, "peers": peers, "stream": stream}


def main() -> None:
    """Measure, keep, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=tuple(PARTS), help="one part (all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6, help="length of a run; ten times that of the stream")
    parser.add_argument("--ensemble", action="append", choices=tuple(MEMBERS), help="computed by this one (all)")
    parser.add_argument("--page-only", action="store_true")
    given = parser.parse_args()
    kept: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}
    if not given.page_only:
        if shutil.which("wrk") is None:
            sys.exit("wrk is not installed: apt-get install wrk")
        names = given.ensemble or tuple(MEMBERS)
        world = make_world(names=tuple(dict.fromkeys(("default", *names))))
        plan = Plan(world=world, rounds=given.rounds, seconds=given.seconds, ensembles=names)
        with FileLock(str(CACHE / "running.lock")):
            for part in given.part or tuple(PARTS):
                before = os.getloadavg()[0]
                found = PARTS[part](plan)
                kept[part] = {
                    "load_before": round(before, 2),
                    "rounds": given.rounds,
                    "seconds": given.seconds,
                    **found,
                }
                kept["machine"] = machine()
                write_text(FILE, json.dumps(kept, indent=1) + "\n")
                print(json.dumps({part: kept[part]}, indent=1), flush=True)
    write_page(kept)


if __name__ == "__main__":
    main()
