"""How often, and how soon, a loss of skill is told of, by its size; and how often there is an alarm without any.

Run: .venv/bin/python benchmarks/monitoring_power.py [--part quiet|power] [--seeds 20] [--symbols 20].
Prints the tables of docs/performance_monitoring.md.
"""

from __future__ import annotations

import argparse
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import Outcomes
from tradewind.monitoring.performance import (
    BusinessExpectation,
    BusinessWatcher,
    EstimateReference,
    Expectation,
    ExpectedAccuracyWatcher,
    LabelJoin,
    PerformanceWatcher,
)
from tradewind.monitoring.service import ServiceWatcher, VersionWatcher
from tradewind.monitoring.slices import Slice
from tradewind.monitoring.watcher import Watcher

build: Callable[..., list[Slice]] = runpy.run_path(
    str(Path(__file__).parents[1] / "tests" / "monitoring" / "conftest.py")
)["build_slices"]
YEAR, START, SKILL = 252, 60, 0.3
KINDS = ("accuracy_drop", "ic_drop", "calibration_drift", "pnl_below_expectation", "hit_rate_drop", "drawdown")


def outcomes(slices: list[Slice]) -> Outcomes:
    """Return the champion's outcomes."""
    join = LabelJoin(days=10_000)
    for one in slices:
        join.add(one)
    return join.rows("demo/1").to_outcomes("demo/1")


def first_days(watcher: Watcher, slices: list[Slice]) -> dict[str, int]:
    """Return the first day on which each kind is told."""
    first: dict[str, int] = {}
    for day, one in enumerate(slices):
        for finding in watcher.observe(one):
            first.setdefault(finding.kind, day)
    return first


def run(seed: int, symbols: int, left: float) -> dict[str, dict[str, int]]:
    """Return what each watcher tells of a year in which ``left`` of the skill is left from day 60 on."""
    reference = outcomes(build(YEAR, symbols, 10_000 + seed, skill=SKILL))
    slices = build(YEAR, symbols, seed, skill=SKILL, true_skill=lambda day: SKILL if day < START else left * SKILL)
    watchers: list[Any] = [
        PerformanceWatcher(Expectation.from_outcomes(reference)),
        BusinessWatcher(BusinessExpectation.from_outcomes(reference)),
    ]
    if left == 1.0:
        watchers += [
            ExpectedAccuracyWatcher(EstimateReference.from_outcomes(reference)),
            ServiceWatcher(),
            VersionWatcher(),
        ]
    return {watcher.name: first_days(watcher, slices) for watcher in watchers}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("quiet", "power"), default="quiet")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--symbols", type=int, default=20)
    given = parser.parse_args()
    if given.part == "quiet":
        quiet = [run(seed, given.symbols, 1.0) for seed in range(given.seeds)]
        print(f"years without a fault, {given.seeds} of {given.symbols} symbols: years with any finding")
        for name in quiet[0]:
            print(f"| {name} | {sum(bool(one[name]) for one in quiet)} |")
        return
    print("| skill left | any of performance | " + " | ".join(KINDS) + " |")
    for left in (0.75, 0.5, 0.25, 0.0, -0.5):
        runs = [run(seed, given.symbols, left) for seed in range(given.seeds)]
        cells = [_cell([min(one["performance"].values(), default=None) for one in runs])]
        told = [{**one["performance"], **one["business"]} for one in runs]
        cells += [_cell([one.get(kind) for one in told]) for kind in KINDS]
        print(f"| {left:.0%} | " + " | ".join(cells) + " |", flush=True)


def _cell(days: list[int | None]) -> str:
    """Share of years in which it is told, and the median days from the fault until then."""
    seen = [day - START for day in days if day is not None and day >= START]
    return f"{len(seen) / len(days):.0%}" + (f", {np.median(seen):.0f} d" if seen else "")


if __name__ == "__main__":
    main()
