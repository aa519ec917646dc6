"""Evidently's side of benchmarks/drift.py, run in its own environment."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.legacy.calculations.stattests import jensenshannon_stat_test, psi_stat_test, wasserstein_stat_test
from evidently.legacy.core import ColumnType
from evidently.metrics import ValueDrift

from drift_streams import ENDS, FEATURES, WINDOW, stream, table

METHODS = ("ks", "psi", "wasserstein", "jensenshannon")


def race(rows: int, folder: Path) -> float:
    """Return the seconds of one comparison of two tables, page and JSON."""
    names = [f"f{i}" for i in range(47)]
    before, after = (pd.DataFrame(table(rows, seed), columns=names) for seed in (0, 1))
    began = time.perf_counter()
    definition = DataDefinition(numerical_columns=names)
    sets = [Dataset.from_pandas(frame, data_definition=definition) for frame in (after, before)]
    report = Report([ValueDrift(column=name, method=method) for name in names for method in METHODS]).run(*sets)
    report.save_html(str(folder / "evidently.html"))
    report.json()
    return time.perf_counter() - began


def scores(seed: int, kind: str, size: float) -> dict[str, list[float]]:
    """Return its scores of every look: the largest over features of each distance, and of the share of missing values.

    Its statistics are called as its reports call them, without the reports, which take a tenth of a second a feature.
    """
    past, later = stream(seed, kind, size)
    before = [pd.Series(past[..., j].ravel()).dropna() for j in range(FEATURES)]
    tests = {"wasserstein": wasserstein_stat_test, "psi": psi_stat_test, "jensenshannon": jensenshannon_stat_test}
    found: dict[str, list[float]] = {name: [] for name in (*tests, "missing")}
    for end in ENDS:
        here = later[end - WINDOW : end]
        after = [pd.Series(here[..., j].ravel()).dropna() for j in range(FEATURES)]
        for name, test in tests.items():
            pairs = zip(before, after, strict=True)
            found[name].append(float(max(test(*pair, ColumnType.Numerical, None).drift_score for pair in pairs)))
        found["missing"].append(float(np.isnan(here).mean(axis=(0, 1)).max()))
    return found


if __name__ == "__main__":
    job = json.loads(Path(sys.argv[1]).read_text())
    if job["task"] == "race":
        result = [race(job["rows"], Path(job["folder"])) for _ in range(job["runs"])]
    else:
        result = [scores(*one) for one in job["streams"]]
    Path(job["out"]).write_text(json.dumps(result))
