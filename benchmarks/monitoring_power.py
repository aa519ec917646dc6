"""How often, and how soon, a loss of skill is told of, by its size; and how often there is an alarm without any.

Run: .venv/bin/python benchmarks/monitoring_power.py [--part quiet|power|estimate|incidents] [--seeds 20] [--symbols 20]
prints the tables of docs/performance_monitoring.md, one part at a time.
"""

from __future__ import annotations

import argparse
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr

from tradewind.core import Outcomes
from tradewind.monitoring.performance import (
    BusinessExpectation,
    BusinessWatcher,
    EstimateReference,
    Expectation,
    ExpectedAccuracyWatcher,
    LabelJoin,
    PerformanceWatcher,
    expected_performance,
    weighted_accuracy,
)
from tradewind.monitoring.replay.incidents import INCIDENTS, IncidentKind
from tradewind.monitoring.replay.world import WorldSettings, build_world
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


def estimates() -> None:
    """Print what is expected before labels, and what came, where rows become harder and where they turn round."""
    rng = np.random.default_rng(0)

    def rows(spread: float, slope: float) -> tuple[Any, Any, Any]:
        x = np.stack([rng.normal(0, spread, 20_000), rng.normal(size=20_000)], axis=1)
        p = ndtr(0.8 * x[:, 0])
        rise = rng.random(len(x)) < ndtr(slope * x[:, 0])
        return x, p, ((p > 0.5) == rise).astype(np.float64)

    reference, _, right = rows(1.0, 0.8)
    print("| world | realised | CBPE | weighted |")
    for name, spread, slope in (
        ("as at approval", 1.0, 0.8),
        ("harder rows", 0.5, 0.8),
        ("rows mean nothing", 1.0, 0.0),
        ("rows turn round", 1.0, -0.8),
    ):
        x, p, came = rows(spread, slope)
        told = [expected_performance(p), weighted_accuracy(right, reference, x)]
        cells = [f"{one.accuracy:.1%} ({one.lower:.1%} to {one.upper:.1%})" for one in told]
        print(f"| {name} | {came.mean():.1%} | " + " | ".join(cells) + " |")


def incidents() -> None:
    """Print what is told of incidents that are planted into a simulated market with a trained champion."""
    world = build_world(WorldSettings(symbols=12, train_days=240, judged_days=60, replay_days=130, seed=3))
    start, days, trained = world.settings.replay_starts, world.stage.days, world.settings.train_days
    for name in (None, "label_delay", "wrong_model_version", "slow_dependency", "gradual_drift"):
        stage, first = world.stage, 0
        if name is not None:
            rng = np.random.default_rng(0)
            stage, truth = INCIDENTS[IncidentKind(name)].plant(stage, start + 40, len(days) - start - 40, rng)
            first = truth.first - trained
        slices = list(world.observed(stage).slices(days[trained]))
        watchers: list[Any] = [
            PerformanceWatcher(Expectation.from_outcomes(world.outcomes)),
            BusinessWatcher(BusinessExpectation.from_outcomes(world.outcomes)),
            ExpectedAccuracyWatcher(EstimateReference.from_outcomes(world.outcomes)),
            ServiceWatcher(),
            VersionWatcher(),
        ]
        told = {kind: day - first for one in watchers for kind, day in first_days(one, slices).items()}
        print(f"| {name or 'none'} | {', '.join(f'{kind} {day}' for kind, day in told.items()) or 'nothing'} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("quiet", "power", "estimate", "incidents"), default="quiet")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--symbols", type=int, default=20)
    given = parser.parse_args()
    if given.part in ("estimate", "incidents"):
        (estimates if given.part == "estimate" else incidents)()
        return
    if given.part == "quiet":
        quiet = [run(given.first_seed + at, given.symbols, 1.0) for at in range(given.seeds)]
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
