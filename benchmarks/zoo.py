"""Every model on every data set, five seeds each: the model table of docs/benchmarks.md.

    python benchmarks/zoo.py --data ../shared/data      # about three quarters of an hour on two cores
    python benchmarks/zoo.py --page-only                # write the page from the kept results

The results are kept in benchmarks/results/zoo.json; a cell whose data, settings and code have not changed is not run
again, so a cut run goes on where it stopped and a new model costs its own cells alone. Fits run in two processes of one
thread each; seconds are processor seconds.

Each model is fitted on all training rows; members of the default ensemble are fitted on its inner blocks too, and the
forecasts are kept: the library's own ensemble then joins them in every way without fitting them again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

from day_intervals import compare
from page import RESULTS, ROOT, machine, write_part
from tradewind.core.files import write_text
from tradewind.core.ids import content_id
from tradewind.models import MODELS
from zoo_cells import BASELINES, Cell, cell_key, fit_cell, has_seed, member_cell, outcomes_of
from zoo_data import DEFAULT_MEMBERS, SOURCES, made
from zoo_page import part

FILE = RESULTS / "zoo.json"
SEEDS = (0, 1, 2, 3, 4)
PROCESSES = 2
LEFT_OUT_ON = ("acl18", "kdd17")
WITHOUT = "all without "
PAIRS = (
    ("ACL18: with tweets minus without", "acl18", "ensemble", "acl18_no_news", "ensemble"),
    ("simulated news: read minus not read", "news", "ensemble", "news_no_news", "ensemble"),
    ("ACL18: mean of all minus default ensemble", "acl18", "mean of all", "acl18", "ensemble"),
    ("KDD17: mean of all minus default ensemble", "kdd17", "mean of all", "kdd17", "ensemble"),
)


@dataclass(kw_only=True)
class Results:
    """What was measured, kept after every cell."""

    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    intervals: dict[str, dict[str, Any]] = field(default_factory=dict)
    ceilings: dict[str, float | None] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Results:
        """Read the kept results, none where there are none."""
        if not FILE.exists():
            return cls()
        found = json.loads(FILE.read_text(encoding="utf-8"))
        return cls(**{name: found[name] for name in ("cells", "intervals", "ceilings")})

    def save(self) -> None:
        """Write everything, with the machine and the versions it came from."""
        write_text(FILE, json.dumps({"machine": machine(), **vars(self)}, indent=1, sort_keys=True) + "\n")

    def has(self, cell: Cell, key: str) -> bool:
        """Return whether the numbers of ``cell`` are there and still hold."""
        return bool(self.cells.get(cell.place, {}).get("key") == key)

    def forget_stale(self, keys: dict[str, str], datasets: Sequence[str]) -> None:
        """Drop the cells of ``datasets`` that no longer hold, so that the page never shows numbers of older code."""
        self.cells = {
            place: numbers
            for place, numbers in self.cells.items()
            if place.split("/")[0] not in datasets or keys.get(place) == numbers["key"]
        }


class Clock:
    """Tells how far the work is; time left from the seconds of like cells."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._left = list(cells)
        self._total = len(cells)
        self._seen: dict[tuple[str, str], float] = {}

    def done(self, cell: Cell, seconds: float) -> None:
        """Say that ``cell`` took ``seconds``."""
        self._left.remove(cell)
        self._seen[cell.dataset, cell.model] = seconds
        usual = mean(self._seen.values())
        left = sum(self._seen.get((c.dataset, c.model), usual) for c in self._left) / PROCESSES
        number = self._total - len(self._left)
        print(f"[{number}/{self._total}] {cell.place}: {seconds:.1f} s; {left / 60:.1f} minutes left", file=sys.stderr)


def learned() -> tuple[str, ...]:
    """Return the models that learn something, in the order of the registry."""
    return tuple(name for name in MODELS if name not in BASELINES)


def single_cells(datasets: Iterable[str]) -> list[Cell]:
    """Return the cells of all models, seed by seed, so that a cut run has seen every model."""
    return [
        Cell(dataset=source.name, model=name, seed=seed)
        for seed in SEEDS
        for source in SOURCES
        for name in source.only or MODELS
        if source.name in datasets and (seed == SEEDS[0] or has_seed(name))
    ]


def joined_cells(datasets: Iterable[str]) -> list[Cell]:
    """Return the cells of the ensembles and means, and of the mean of all but each model where that is asked."""
    found = []
    for source in SOURCES:
        if source.name not in datasets:
            continue
        for seed in SEEDS:
            default = Cell(dataset=source.name, model="ensemble", seed=seed, members=DEFAULT_MEMBERS)
            found.append(default)
            if source.only:
                continue
            common = {"dataset": source.name, "seed": seed}
            found += [
                Cell(model=f"ensemble ({method})", members=DEFAULT_MEMBERS, method=method, **common)  # type: ignore[arg-type]
                for method in ("stack", "vote")
            ]
            found.append(Cell(model="mean of all", members=learned(), method="mean", **common))  # type: ignore[arg-type]
            if source.name in LEFT_OUT_ON:
                found += [
                    Cell(
                        model=f"{WITHOUT}{name}",
                        members=tuple(m for m in learned() if m != name),
                        method="mean",
                        **common,
                    )  # type: ignore[arg-type]
                    for name in learned()
                ]
    return found


def asked_intervals(cells: Sequence[Cell]) -> dict[str, tuple[list[Cell], list[Cell]]]:
    """Return the intervals to be worked out by name: cells of one side, and of the side to subtract."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(f"{cell.dataset}/{cell.model}", []).append(cell)
    asked = {name: (group, []) for name, group in groups.items() if WITHOUT not in name}
    pairs = [(name, f"{a}/{first}", f"{b}/{second}") for name, a, first, b, second in PAIRS]
    for place in groups:
        dataset, model = place.split("/")
        if WITHOUT in model:
            pairs.append((f"{dataset}: left out {model.removeprefix(WITHOUT)}", f"{dataset}/mean of all", place))
    return asked | {name: (groups[a], groups[b]) for name, a, b in pairs if a in groups and b in groups}


def interval_key(sides: tuple[list[Cell], list[Cell]], keys: dict[str, str]) -> str:
    """Return the id of what an interval depends on."""
    return content_id([[keys[cell.place] for cell in side] for side in sides])


def run_cells(cells: Sequence[Cell], keys: dict[str, str], results: Results) -> dict[str, str]:
    """Run ``cells``, keep their numbers, and return what went wrong by place; the others go on."""
    failed: dict[str, str] = {}
    if not cells:
        return failed
    print(f"seed {cells[0].seed}: {len(cells)} cells", file=sys.stderr)
    clock = Clock(cells)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(timed, cell): cell for cell in cells}
        for job in as_completed(jobs):
            cell = jobs[job]
            error = job.exception()
            if error is not None:
                failed[cell.place] = "".join(traceback.format_exception(error))
                clock.done(cell, 0.0)
                print(f"failed: {cell.place}: {error}", file=sys.stderr)
                continue
            numbers, seconds = job.result()
            results.cells[cell.place] = {"key": keys[cell.place], **numbers}
            results.save()
            clock.done(cell, seconds)
    return failed


def timed(cell: Cell) -> tuple[dict[str, Any], float]:
    """Return a cell's numbers and the seconds all of it took."""
    began = time.perf_counter()
    return fit_cell(cell), time.perf_counter() - began


def run(folder: Path, datasets: Sequence[str], models: Sequence[str], results: Results) -> dict[str, str]:
    """Run what is missing of ``models``, and the joins whose members are all there; return what failed by place."""
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))  # worker processes inherit it
    data_keys = {}
    for source in SOURCES:
        if source.name in datasets:
            print(f"preparing {source.name}", file=sys.stderr)
            prepared = made(source, folder)
            data_keys[source.name], results.ceilings[source.name] = prepared.key, prepared.ceiling
    singles, joins = single_cells(datasets), joined_cells(datasets)
    keys: dict[str, str] = {}
    for cell in (*singles, *joins):  # members come before the cells that join them
        keys[cell.place] = cell_key(cell, data_keys[cell.dataset], keys)

    results.forget_stale(keys, datasets)
    read = forecasts_to_read([*singles, *joins], keys, results)

    def missing(cells: Sequence[Cell], seed: int) -> list[Cell]:
        return [
            cell
            for cell in cells
            if cell.seed == seed
            and not (results.has(cell, keys[cell.place]) and (cell.place not in read or kept(cell)))
        ]

    failed: dict[str, str] = {}
    for seed in SEEDS:  # seed by seed, so that a cut run has a table of the seeds it reached
        todo = [cell for cell in missing(singles, seed) if cell.model in models]
        failed |= run_cells(todo, keys, results)
        there = {cell.place for cell in singles if results.has(cell, keys[cell.place]) and kept(cell)}
        whole = [c for c in missing(joins, seed) if {member_cell(c, name).place for name in c.members} <= there]
        failed |= run_cells(whole, keys, results)
        work_out_intervals([*singles, *joins], keys, results)
    return failed


def kept(cell: Cell) -> bool:
    """Return whether the forecasts of ``cell`` are on this machine."""
    return cell.file.exists()


def forecasts_to_read(cells: Sequence[Cell], keys: dict[str, str], results: Results) -> set[str]:
    """Return the places of cells whose forecasts are needed: by an interval or a join that is still open."""
    asked = asked_intervals(cells)
    open_ = [s for name, s in asked.items() if results.intervals.get(name, {}).get("key") != interval_key(s, keys)]
    read = {cell.place for sides in open_ for side in sides for cell in side}
    joins = [c for c in cells if c.members and (not results.has(c, keys[c.place]) or c.place in read)]
    return read | {member_cell(join, name).place for join in joins for name in join.members}


def work_out_intervals(cells: Sequence[Cell], keys: dict[str, str], results: Results) -> None:
    """Work out the intervals of what is there, and forget those of what is not."""
    asked = asked_intervals([cell for cell in cells if results.has(cell, keys[cell.place])])
    datasets = {cell.dataset for cell in cells}
    of_others = len(datasets) < len(SOURCES)
    results.intervals = {name: found for name, found in results.intervals.items() if name in asked or of_others}
    for name, sides in asked.items():
        key = interval_key(sides, keys)
        if results.intervals.get(name, {}).get("key") != key and all(kept(cell) for side in sides for cell in side):
            results.intervals[name] = {"key": key, **compare(*([outcomes_of(cell) for cell in side] for side in sides))}
    results.save()


def main() -> None:
    """Run what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the data sets")
    parser.add_argument("--only", choices=[source.name for source in SOURCES], action="append", help="these data alone")
    parser.add_argument("--models", choices=list(MODELS), nargs="+", metavar="NAME", help="these models alone")
    parser.add_argument("--page-only", action="store_true", help="write the page from the kept results")
    args = parser.parse_args()
    failed: dict[str, str] = {}
    if not args.page_only:
        datasets = args.only or [source.name for source in SOURCES]
        failed = run(args.data, datasets, args.models or list(MODELS), Results.read())
    write_part("zoo", part(json.loads(FILE.read_text(encoding="utf-8"))))
    if failed:
        sys.exit("\n".join(f"{place} failed:\n{text}" for place, text in failed.items()))


if __name__ == "__main__":
    main()
