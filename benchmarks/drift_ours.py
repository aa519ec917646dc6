"""Our side of benchmarks/drift.py, in a process of its own as the peers'."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from drift_streams import ENDS, FEATURES, PAST, SYMBOLS, WINDOW, stream, table
from tradewind.monitoring.drift import DriftReference, drift_report
from tradewind.monitoring.drift.scores import FAMILIES, window_scores
from tradewind.monitoring.drift.tally import tally_days

DAY_ROWS = 500


def race(rows: int, folder: Path) -> float:
    """Return the seconds of one comparison of two tables, calibrated verdicts, page and JSON included."""
    names = [f"f{i}" for i in range(47)]
    before, after = table(rows, 0), table(rows, 1)
    day = np.datetime64("2015-01-01") + np.arange(rows) // DAY_ROWS
    began = time.perf_counter()
    report = drift_report(DriftReference.of(before, names, day), after, day, names=names, domain=False)
    report.write_html(folder / "ours.html")
    report.write_json(folder / "ours.json")
    return time.perf_counter() - began


def scores(seed: int, kind: str, size: float) -> dict[str, list[float]]:
    """Return our scores of every look: by family, the largest excess over its limit."""
    past, later = stream(seed, kind, size)
    names = [f"f{i}" for i in range(FEATURES)]
    first = np.datetime64("2015-01-01")
    sector = (np.arange(SYMBOLS) % 3).astype(str)

    def flat(x: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        days = np.repeat(first + start + np.arange(len(x)), SYMBOLS)
        return x.reshape(-1, FEATURES), days, np.tile(sector, len(x))

    values, day, group = flat(past, 0)
    reference = DriftReference.of(values, names, day, group)
    calibration = reference.calibration(WINDOW, EVERY_LOOK)
    assert calibration is not None
    found: dict[str, list[float]] = {family: [] for family in FAMILIES}
    values, day, group = flat(later, PAST)
    days = tally_days(reference.grid, values, day, reference.group_codes(group, len(values)), len(reference.groups))
    for end in ENDS:
        here = days.tally.at(slice(end - WINDOW, end)).total()
        excess = calibration.excess(window_scores(here, reference.total, reference.lens))
        for family, members in FAMILIES.items():
            found[family].append(max(float(excess[name].max()) for name in members))
    return found


EVERY_LOOK = ENDS.step

if __name__ == "__main__":
    job = json.loads(Path(sys.argv[1]).read_text())
    if job["task"] == "race":
        race(20_000, Path(job["folder"]))  # compiles
        result = [race(job["rows"], Path(job["folder"])) for _ in range(job["runs"])]
    else:
        result = [scores(*one) for one in job["streams"]]
    Path(job["out"]).write_text(json.dumps(result))
