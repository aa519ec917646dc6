"""NannyML's side of benchmarks/drift.py, run in its own environment."""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import nannyml
import numpy as np
import pandas as pd

from drift_streams import ENDS, FEATURES, SYMBOLS, WINDOW, stream, table

METHODS = ("kolmogorov_smirnov", "jensen_shannon", "wasserstein")


def race(rows: int) -> float:
    """Return the seconds of one comparison of two tables as its quick start makes it, without a page: it has none."""
    names = [f"f{i}" for i in range(47)]
    before, after = (pd.DataFrame(table(rows, seed), columns=names) for seed in (0, 1))
    began = time.perf_counter()
    calculator = nannyml.UnivariateDriftCalculator(column_names=names, continuous_methods=list(METHODS))
    calculator.fit(before).calculate(after).to_df().to_json()
    return time.perf_counter() - began


def scores(seed: int, kind: str, size: float) -> dict[str, list[float]]:
    """Return its scores of every look: the largest deviation of a statistic from its mean over the reference's chunks.

    In standard deviations of those chunks, as its thresholds are. ``univariate`` holds its three distances, ``missing``
    the share of missing values (its least deviation a thousandth, for most features have none), ``joint`` the PCA.
    """
    past, later = stream(seed, kind, size)
    names = [f"f{i}" for i in range(FEATURES)]
    rows = WINDOW * SYMBOLS
    before = pd.DataFrame(past.reshape(-1, FEATURES), columns=names)
    looks = np.concatenate([later[end - WINDOW : end].reshape(-1, FEATURES) for end in ENDS])
    after = pd.DataFrame(looks, columns=names)
    parts: dict[str, Any] = {
        "univariate": nannyml.UnivariateDriftCalculator(
            column_names=names, continuous_methods=list(METHODS), chunk_size=rows
        ),
        "missing": nannyml.MissingValuesCalculator(column_names=names, chunk_size=rows),
        "joint": nannyml.DataReconstructionDriftCalculator(column_names=names, chunk_size=rows),
    }
    found = {}
    for name, calculator in parts.items():
        frame = calculator.fit(before).calculate(after).to_df()
        values = frame[[column for column in frame.columns if column[-1] == "value"]].to_numpy(dtype=float)
        own, new = values[: -len(ENDS)], values[-len(ENDS) :]
        spread = np.maximum(own.std(axis=0), 1e-3 if name == "missing" else 1e-12)
        found[name] = (np.abs(new - own.mean(axis=0)) / spread).max(axis=1).tolist()
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[1]).read_text())
    if job["task"] == "race":
        result = [race(job["rows"]) for _ in range(job["runs"])]
    else:
        result = [scores(*one) for one in job["streams"]]
    Path(job["out"]).write_text(json.dumps(result))
