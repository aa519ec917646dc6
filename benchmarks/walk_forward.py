"""How long a walk-forward fold takes as the number of symbols grows, beside a plain scikit-learn pipeline.

    python benchmarks/walk_forward.py [--quick] [--json FILE]

Simulated markets of 50, 100, 200 and 500 symbols by 400 days (--quick: 20, 40 and 80), 12 months of training, one
month of test, default settings without baselines. A fold is all of the training and forecasting: selection, three
members each fitted on three inner blocks and once on all rows, weights, calibration, intervals, forecasts of the test
month, and forecasts of up to 20,000 training rows that serve to measure overfitting. Features are computed once for
the whole market and given apart.

The peer is scikit-learn on the same features and folds: imputer, scaler, and a soft vote of a random forest of 200
trees of depth 6, histogram gradient boosting and logistic regression. It fits each member once and forecasts the
direction of the test month alone: no selection, no weights earned out of fold, no return, no interval. The two take
turns on each fold, so that both meet the same state of the machine; compilation is done before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tradewind.core import Dataset
from tradewind.data import MarketSettings, simulate
from tradewind.features import row_slices
from tradewind.models import LSTMForecaster, RandomForestForecaster, XGBoostForecaster
from tradewind.training import Job, Preprocessor, TrainingSettings, build_dataset, run_fold
from tradewind.validation import Split, WalkForward

MEMBERS = (LSTMForecaster, RandomForestForecaster, XGBoostForecaster)
PREPARE, PREDICT, REST = "selection", "prediction", "the rest"
STAGES = (PREPARE, *(member.name for member in MEMBERS), PREDICT, REST)


@contextmanager
def stages() -> Iterator[dict[str, float]]:
    """Yield the wall seconds of each stage of what runs inside the block."""
    seconds = dict.fromkeys(STAGES, 0.0)
    originals: list[tuple[type, str, Callable[..., Any]]] = []

    def watch(owner: type, method: str, stage: str) -> None:
        original = getattr(owner, method)

        def timed_method(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return original(*args, **kwargs)
            finally:
                seconds[stage] += time.perf_counter() - began

        originals.append((owner, method, original))
        setattr(owner, method, timed_method)

    watch(Preprocessor, "fit", PREPARE)
    for member in MEMBERS:
        watch(member, "fit", member.name)
        watch(member, "predict", PREDICT)
    began = time.perf_counter()
    try:
        yield seconds
    finally:
        for owner, method, original in originals:
            setattr(owner, method, original)
        whole = time.perf_counter() - began
        seconds[REST] = whole - sum(seconds[stage] for stage in STAGES if stage != REST)


def peer() -> Pipeline:
    """Return the scikit-learn pipeline, on all cores where it can use them."""
    members = [
        ("forest", RandomForestClassifier(n_estimators=200, max_depth=6, n_jobs=-1, random_state=0)),
        ("boosting", HistGradientBoostingClassifier(random_state=0)),
        ("logistic", LogisticRegression(max_iter=500)),
    ]
    vote = VotingClassifier(members, voting="soft")
    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), vote)


def run_peer(data: Dataset, split: Split) -> float:
    """Fit the peer on the fold's labelled training rows, forecast its test rows, and return the wall seconds."""
    rows = data.labelled(split.train)
    began = time.perf_counter()
    model = peer().fit(data.features[rows], data.labels.direction[rows])
    model.predict_proba(data.features[split.test])
    return time.perf_counter() - began


def run_ours(job: Job, split: Split) -> dict[str, float]:
    """Run the fold; return the wall seconds of each stage, and of all under ``fold``."""
    slices = row_slices(job.data.panel)
    began = time.perf_counter()
    with stages() as seconds:
        run_fold(job, split, slices)
    return {**seconds, "fold": time.perf_counter() - began}


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return least, median and greatest."""
    return {"min": min(values), "median": median(values), "max": max(values)}


def measure_size(n_symbols: int, n_days: int, n_folds: int) -> dict[str, Any]:
    """Run ``n_folds`` folds of a market of ``n_symbols``, ours and the peer's in turn."""
    panel = simulate(MarketSettings(kind="cross_section", n_symbols=n_symbols, n_days=n_days)).panel
    began = time.perf_counter()
    data = build_dataset(panel)
    features = time.perf_counter() - began
    job = Job(data=data, settings=TrainingSettings(baselines=()))
    months = job.settings.walk_forward
    folds = WalkForward.of(data.labels, train_months=months.train_months, test_months=months.test_months)
    splits = list(folds.folds())[:n_folds]
    ours, theirs = [], []
    for split in splits:
        ours.append(run_ours(job, split))
        theirs.append(run_peer(data, split))
    seconds = [fold["fold"] for fold in ours]
    return {
        "symbols": n_symbols,
        "train_rows": round(median([len(split.train) for split in splits])),
        "test_rows": round(median([len(split.test) for split in splits])),
        "folds": len(splits),
        "features_seconds": features,
        "fold_seconds": spread(seconds),
        "stage_seconds": {stage: median([fold[stage] for fold in ours]) for stage in STAGES},
        "peer_seconds": spread(theirs),
        "times_faster": spread([b / a for a, b in zip(seconds, theirs, strict=True)]),
    }


def exponent(rows: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of log seconds by log rows: 1 is linear."""
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def measure(quick: bool) -> dict[str, Any]:
    """Run all sizes and return the numbers as a JSON-ready mapping."""
    sizes, n_days, n_folds = ((20, 40, 80), 300, 2) if quick else ((50, 100, 200, 500), 400, 3)
    measure_size(6, 300, 1)  # compiles and imports
    results = [measure_size(n_symbols, n_days, n_folds) for n_symbols in sizes]
    rows = [result["train_rows"] for result in results]
    fold = [result["fold_seconds"]["median"] for result in results]
    whole = [result["features_seconds"] + seconds for result, seconds in zip(results, fold, strict=True)]
    stage = {name: [result["stage_seconds"][name] for result in results] for name in STAGES}
    return {
        "days": n_days,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "machine": platform.machine(),
        "versions": {name: version(name) for name in ("scikit-learn", "torch", "xgboost-cpu", "numpy")},
        "sizes": results,
        "exponent": {
            "fold": exponent(rows, fold),
            "fold_and_features": exponent(rows, whole),
            "peer": exponent(rows, [result["peer_seconds"]["median"] for result in results]),
            "stages": {name: exponent(rows, seconds) for name, seconds in stage.items()},
            "fold_largest_two": exponent(rows[-2:], fold[-2:]),
        },
    }


def _cells(values: dict[str, float], digits: int) -> str:
    return " / ".join(f"{values[key]:.{digits}f}" for key in ("min", "median", "max"))


def show(result: dict[str, Any]) -> None:
    """Print the result as two tables."""
    print(f"{result['days']} days, {result['cores']} cores; three numbers are min / median / max over the folds")
    head = ("symbols", "train rows", "folds", "fold, s", "features, s", "both, s", "peer fold, s", "times faster")
    print("{:>8}{:>12}{:>7}{:>22}{:>13}{:>9}{:>24}{:>20}".format(*head))
    for size in result["sizes"]:
        both = size["fold_seconds"]["median"] + size["features_seconds"]
        print(
            f"{size['symbols']:>8}{size['train_rows']:>12,}{size['folds']:>7}{_cells(size['fold_seconds'], 1):>22}"
            f"{size['features_seconds']:>13.2f}{both:>9.1f}"
            f"{_cells(size['peer_seconds'], 1):>24}{_cells(size['times_faster'], 1):>20}"
        )
    print("\nmedian seconds of a fold by stage")
    print(f"{'symbols':>8}" + "".join(f"{stage:>15}" for stage in STAGES))
    for size in result["sizes"]:
        print(f"{size['symbols']:>8}" + "".join(f"{size['stage_seconds'][stage]:>15.2f}" for stage in STAGES))
    grows = result["exponent"]
    print(f"{'exponent':>8}" + "".join(f"{grows['stages'][stage]:>15.2f}" for stage in STAGES))
    print(
        f"\nGrowth with the training rows (1 is linear): fold {grows['fold']:.2f}, between the two largest sizes "
        f"{grows['fold_largest_two']:.2f}; fold and features {grows['fold_and_features']:.2f}; peer {grows['peer']:.2f}"
    )


def main() -> None:
    """Parse the flags, measure, print, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small markets and two folds each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    flags = parser.parse_args()
    result = measure(flags.quick)
    show(result)
    if flags.json:
        flags.json.parent.mkdir(parents=True, exist_ok=True)
        flags.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
