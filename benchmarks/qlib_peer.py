"""Side by side with Qlib: Alpha158 and its LightGBM against our features and models, on the same bars and folds.

    python benchmarks/qlib_peer.py --data ../shared/data      # about a quarter of an hour
    python benchmarks/qlib_peer.py --page-only                # write the page from the kept results

Qlib gets an environment of its own (.cache/qlib/venv, from requirements/qlib.txt), the bars in its own file format, and
the parameters of its published Alpha158 benchmark of LightGBM. Both sides run in fresh processes on one core, in turn,
so that they meet the same state of the machine. The results are kept in benchmarks/results/qlib.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from day_intervals import compare
from page import RESULTS, ROOT, machine, write_part
from qlib_data import FOLDS, Fold, read_panel, rows_of_scores, segments, write_qlib
from qlib_page import part
from tradewind.core import Dataset, Forecast, Outcomes
from tradewind.core.arrays import AnyArray, IntArray
from tradewind.core.files import write_text
from tradewind.features import LabelSettings, make_labels, row_slices
from tradewind.training import to_outcomes

HERE = Path(__file__).parent
CACHE = ROOT / ".cache" / "qlib"
REQUIREMENTS = ROOT / "requirements" / "qlib.txt"
FILE = RESULTS / "qlib.json"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def environment() -> Path:
    """Make Qlib's environment where it is missing or other packages are asked for; return its Python."""
    folder = CACHE / "venv"
    stamp = folder / "installed.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin" / "python"


def work(python: Path, script: str, job: dict[str, Any], name: str) -> dict[str, Any]:
    """Run one side in a process of its own; return what it measured."""
    folder = CACHE / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{name}.json"
    asked = folder / f"{name}.job"
    asked.write_text(json.dumps({**job, "out": str(out)}))
    done = subprocess.run(
        [python, HERE / script, asked],
        env={**os.environ, **ONE_THREAD},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{script} failed:\n{done.stdout}")
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def measure(fold: Fold, data: Path) -> dict[str, Any]:
    """Run both sides of ``fold`` in turn; return their seconds and how good their forecasts were."""
    python = environment()
    panel = read_panel(fold, data)
    split = fold.split(panel)
    provider = CACHE / "data" / fold.name
    shutil.rmtree(provider, ignore_errors=True)
    write_qlib(panel, provider)
    spans = segments(split, panel)
    theirs, ours = [], []
    for run in range(fold.runs):
        began = time.perf_counter()
        job = {"provider": str(provider), "segments": spans, "seed": run}
        theirs.append(work(python, "qlib_worker.py", job, f"{fold.name}-qlib-{run}"))
        job = {"fold": fold.name, "data": str(data), "seed": run, "models": fold.models}
        ours.append(work(Path(sys.executable), "qlib_ours.py", job, f"{fold.name}-ours-{run}"))
        left = (fold.runs - run - 1) * (time.perf_counter() - began) / 60
        print(f"{fold.name}: run {run + 1} of {fold.runs}; {left:.1f} minutes left of it", file=sys.stderr)
    return {
        "title": fold.title,
        "segments": spans,
        "train_rows": len(split.train),
        "qlib": theirs,
        "ours": ours,
        **skill(fold, panel_data(panel), split.test),
    }


def panel_data(panel: Any) -> Dataset:
    """Return ``panel`` with its labels and no features."""
    labels = make_labels(panel, LabelSettings())
    return Dataset(panel=panel, features=np.empty((len(panel), 0), dtype=np.float32), names=(), labels=labels)


def skill(fold: Fold, data: Dataset, test: IntArray) -> dict[str, Any]:
    """Return IC and rank IC of each forecast, and of ours minus Qlib's, on the rows that both forecast."""
    runs = CACHE / "runs"
    scored = [rows_of_scores(data, runs / f"{fold.name}-qlib-{run}.npz") for run in range(fold.runs)]
    rows = np.intersect1d(test, scored[0][0])
    peer = [_outcomes(data, rows, score[np.searchsorted(found, rows)]) for found, score in map(_sorted, scored)]
    sides: dict[str, Sequence[Outcomes]] = {"qlib": peer}
    for run in range(fold.runs):
        with np.load(runs / f"{fold.name}-ours-{run}.npz") as kept:
            place = np.searchsorted(test, rows)
            for name in kept.files:
                sides.setdefault(name, [])
                sides[name] = [*sides[name], _outcomes(data, rows, kept[name][place])]
    return {
        "test_rows": len(rows),
        "skill": {name: compare(side) for name, side in sides.items()},
        "difference": {name: compare(side, peer) for name, side in sides.items() if name != "qlib"},
    }


def _sorted(scored: tuple[IntArray, AnyArray]) -> tuple[IntArray, AnyArray]:
    order = np.argsort(scored[0])
    return scored[0][order], scored[1][order]


def _outcomes(data: Dataset, rows: IntArray, score: AnyArray) -> Outcomes:
    """Return ``score`` beside what happened; it says nothing of probabilities."""
    forecast = Forecast.point(rows, np.full(len(rows), np.nan), score)
    return to_outcomes("", forecast, data, row_slices(data.panel))


def main() -> None:
    """Run what was asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the data sets")
    parser.add_argument("--only", choices=[fold.name for fold in FOLDS], action="append", help="these data alone")
    parser.add_argument("--page-only", action="store_true", help="write the page from the kept results")
    args = parser.parse_args()
    found = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"folds": {}}
    for fold in FOLDS:
        if not args.page_only and (args.only is None or fold.name in args.only):
            found["folds"][fold.name] = measure(fold, args.data.resolve())
            found["machine"] = machine()
            write_text(FILE, json.dumps(found, indent=1, sort_keys=True) + "\n")
    write_part("qlib", part(found))


if __name__ == "__main__":
    main()
