"""Data drift beside Evidently and NannyML: seconds of one comparison, and what each detects at equal false alarms.

    python benchmarks/drift.py race --rows 1000000 --runs 3      # Evidently alone takes minutes a run
    python benchmarks/drift.py detect                            # a few minutes

Each peer has an environment of its own (.bench/, from requirements/monitoring-peers.txt). The race is run in turn in
fresh processes, so that all meet the same state of the machine: two tables of 47 features are compared by
Kolmogorov-Smirnov, Jensen-Shannon and Wasserstein, and PSI where there is one; from arrays or frames in memory to a
page and JSON (NannyML: JSON). Detection: each tool's scores are scaled by what they reach on one half of the null
streams, the largest is taken, and its threshold is set on the other half to the same rate for all; alarms are counted
on both halves.
Results are kept in benchmarks/results/drift.json.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from drift_streams import ENDS, KINDS, ONSET, SIZES
from page import RESULTS, ROOT, machine
from tradewind.core.arrays import FloatArray
from tradewind.core.files import write_json_file

HERE = Path(__file__).parent
BENCH = ROOT / ".bench"
REQUIREMENTS = ROOT / "requirements" / "monitoring-peers.txt"
FILE = RESULTS / "drift.json"
TOOLS = ("ours", "evidently", "nannyml")
QUIET = {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "2"}
RATE = 0.1
"""Null streams of 120 days on which a tool may alarm: about one alarm in five years."""


def environment(tool: str) -> Path:
    """Return the Python of ``tool``; a peer's environment is made where it is missing or other packages are asked."""
    if tool == "ours":
        return Path(sys.executable)
    text = REQUIREMENTS.read_text(encoding="utf-8")
    wanted = text.split(f"# --- {tool}\n")[1].split("# ---")[0]
    folder = BENCH / tool
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        BENCH.mkdir(exist_ok=True)
        (BENCH / ".gitignore").write_text("*\n", encoding="utf-8")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        asked = folder / "wanted.txt"
        asked.write_text(wanted, encoding="utf-8")
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-r", asked], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin" / "python"


def work(tool: str, job: dict[str, Any]) -> Any:
    """Run one job of ``tool`` in a process of its own; return what it found."""
    folder = BENCH / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{tool}_{job['task']}"
    out, asked = folder / f"{name}.json", folder / f"{name}.job"
    asked.write_text(json.dumps({**job, "out": str(out), "folder": str(folder)}))
    command = [environment(tool), HERE / f"drift_{tool}.py", asked]
    done = subprocess.run(command, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{tool} failed:\n{done.stderr[-3000:]}")
    return json.loads(out.read_text())


def race(rows: int, runs: int, peers: tuple[str, ...]) -> dict[str, Any]:
    """Return the seconds of ours and of ``peers``, and how many times ours each peer takes, run by run."""
    tools = (TOOLS[0], *peers)
    seconds: dict[str, list[float]] = {tool: [] for tool in tools}
    for _ in range(runs):
        for tool in tools:
            seconds[tool].extend(work(tool, {"task": "race", "rows": rows, "runs": 1}))
            print(tool, round(seconds[tool][-1], 2), flush=True)
    ratio = {
        peer: sorted(round(a / b, 1) for a, b in zip(seconds[peer], seconds["ours"], strict=True)) for peer in peers
    }
    load = os.getloadavg()[0]
    return {"rows": rows, "features": 47, "seconds": seconds, "times_ours": ratio, "load": round(load, 1)}


def detect(nulls: int, repeats: int) -> dict[str, Any]:
    """Return each tool's rate of false alarms and of detections, and its delays, on the same streams."""
    calm = [(seed, "", 0.0) for seed in range(1000, 1000 + 2 * nulls)]
    planted = [(2000 + i, kind, size) for kind in KINDS for size in SIZES[kind] for i in range(repeats)]
    job = {"task": "detect", "streams": [*calm, *planted]}
    with ThreadPoolExecutor(len(TOOLS)) as pool:
        raw = dict(zip(TOOLS, pool.map(lambda tool: work(tool, job), TOOLS), strict=True))
    found = {tool: _judge(raw[tool], planted, nulls) for tool in TOOLS}
    return {"nulls": nulls, "streams": len(planted), "rate": RATE, "tools": found}


def _judge(raw: list[dict[str, list[float]]], planted: list[tuple[int, str, float]], nulls: int) -> dict[str, Any]:
    families = sorted(raw[0])
    scores = np.nan_to_num([[one[name] for name in families] for one in raw], neginf=0.0)  # (streams, families, looks)
    scale = np.maximum(np.quantile(scores[:nulls].max(axis=2), 1 - RATE / 2, axis=0), 1e-3)
    top: FloatArray = (scores / scale[:, None]).max(axis=1)
    limit = float(np.quantile(top[nulls : 2 * nulls].max(axis=1), 1 - RATE))
    held = top[: 2 * nulls].max(axis=1) > limit
    looks = np.array(ENDS)
    late = np.where(looks > ONSET, top[2 * nulls :], -math.inf)
    hit = late.max(axis=1) > limit
    first = looks[np.argmax(late > limit, axis=1)] - ONSET
    rows = {}
    for kind in KINDS:
        for size in SIZES[kind]:
            here = np.array([one[1] == kind and one[2] == size for one in planted])
            rows[f"{kind} {size}"] = [int(hit[here].sum()), int(here.sum())]
    interval = binomtest(int(hit.sum()), len(hit)).proportion_ci(method="wilson")
    return {
        "false_alarms": [int(held.sum()), len(held)],
        "detected": [int(hit.sum()), len(hit)],
        "rate": [round(float(x), 3) for x in (hit.mean(), interval.low, interval.high)],
        "median_delay": float(np.median(first[hit])) if hit.any() else None,
        "by_kind": rows,
    }


def main() -> None:
    """Run what is asked and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("race", "detect"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", nargs="+", choices=TOOLS[1:], default=TOOLS[1:], help="race beside these alone")
    parser.add_argument("--nulls", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=10)
    asked = parser.parse_args()
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    if asked.part == "race":
        found = race(asked.rows, asked.runs, tuple(asked.peers))
        place = "_".join(("race", str(asked.rows), *([] if len(asked.peers) == len(TOOLS) - 1 else asked.peers)))
        kept[place] = {**found, "machine": machine()}
    else:
        kept["detect"] = detect(asked.nulls, asked.repeats)
    write_json_file(FILE, kept)


if __name__ == "__main__":
    main()
