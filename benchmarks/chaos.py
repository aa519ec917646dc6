"""Put faults into a running server under load, and check that nothing is lost and nothing wrong.

    python benchmarks/chaos.py                       every scenario, into results/chaos.json
    python benchmarks/chaos.py --scenario killed     one; the others in the file stay

Each scenario starts `tradewind serve` in a process of its own, sends it bars and requests while the fault is there, and
afterwards compares answers, audit log, predictions and features with those of a server that nobody disturbed and with
the batch definitions. Docs: docs/chaos.md.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chaos_faults
import chaos_more
from chaos_world import World, make_world

SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    name: work
    for name, work in (*vars(chaos_faults).items(), *vars(chaos_more).items())
    if inspect.isfunction(work)
    and not name.startswith("_")
    and list(inspect.signature(work).parameters)[:2] == ["world", "folder"]
}
RESULTS = Path(__file__).parent / "results" / "chaos.json"


def run_scenario(name: str, world: World, folder: Path, **options: Any) -> dict[str, Any]:
    """Run one scenario in ``folder`` and return what was found."""
    work = SCENARIOS[name]
    load = os.getloadavg()[0]
    began = time.monotonic()
    found = work(world, folder, **options)
    words = inspect.getdoc(work) or ""
    return {"words": words, **found, "seconds": round(time.monotonic() - began, 1), "load_before": round(load, 1)}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", action="append", choices=sorted(SCENARIOS), help="which; all of them by default")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--times", type=int, help="how often the fault is put in, of scenarios that repeat it")
    parser.add_argument("--folder", type=Path, default=Path("out/chaos"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    world = make_world(given.folder / "world")
    for name in given.scenario or SCENARIOS:
        options = {"times": given.times} if given.times else {}
        for run in range(given.runs):
            folder = given.folder / f"{name}-{run}"
            shutil.rmtree(folder, ignore_errors=True)
            found = run_scenario(name, world, folder, **options)
            results = json.loads(given.results.read_text()) if given.results.exists() else {}
            kept = [] if run == 0 else results.get(name, [])
            results[name] = [*kept, found]
            given.results.parent.mkdir(parents=True, exist_ok=True)
            given.results.write_text(json.dumps(results, indent=1) + "\n")
            held = found["held"]
            print(f"{name} {run + 1}: lost {held['lost']}, wrong {held['false']}, {json.dumps(found)}", flush=True)


if __name__ == "__main__":
    main()
