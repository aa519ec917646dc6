"""How long a walk-forward fold takes as the number of symbols grows, beside a plain scikit-learn pipeline.

    python benchmarks/walk_forward.py [--quick] [--json FILE]

Simulated markets of 50, 100, 200 and 500 symbols by 400 days (--quick: 20, 40 and 80), 12 months of training, one
month of test, default settings without baselines. A fold is all of the training and forecasting: selection, three
members each fitted on three inner blocks and once on all rows, weights, calibration, intervals, forecasts of the test
month, and forecasts of up to 20,000 training rows that serve to measure overfitting. Features are computed once for
the whole market and given apart.

The peer is scikit-learn on the same features and folds: imputer, scaler, and a soft vote of a random forest of 200
trees of depth 6, histogram gradient boosting and logistic regression. It fits each member once and forecasts the
direction of the test month alone: no selection, no weights earned out of fold, no return, no interval. It runs on
the first fold of each size, right after ours on the same fold, so that both meet the same state of the machine, and
"times faster" compares the two on that fold. Compilation is done before the clock starts. Processor seconds, of all
threads, tell the work itself where others use the machine too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tradewind.core import Dataset
from tradewind.data import MarketSettings, simulate
from tradewind.features import row_slices
from tradewind.models import LSTMForecaster, RandomForestForecaster, XGBoostForecaster
from tradewind.training import Job, Preprocessor, TrainingSettings, build_dataset, run_fold
from tradewind.validation import Split, WalkForward

MEMBERS = (LSTMForecaster, RandomForestForecaster, XGBoostForecaster)
PREPARE, PREDICT, REST = "selection", "prediction", "the rest"
CLOCKS = ("wall", "processor")
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


def peer() -> Any:
    """Return the scikit-learn pipeline, on all cores where it can use them."""
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, VotingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    members = [
        ("forest", RandomForestClassifier(n_estimators=200, max_depth=6, n_jobs=-1, random_state=0)),
        ("boosting", HistGradientBoostingClassifier(random_state=0)),
        ("logistic", LogisticRegression(max_iter=500)),
    ]
    vote = VotingClassifier(members, voting="soft")
    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), vote)


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Return the wall seconds and the processor seconds of ``work``."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}


def fit_peer(data: Dataset, split: Split) -> None:
    """Fit the peer on the fold's labelled training rows and forecast its test rows."""
    rows = data.labelled(split.train)
    model = peer().fit(data.features[rows], data.labels.direction[rows])
    model.predict_proba(data.features[split.test])


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
    slices = row_slices(panel)
    ours, theirs, parts = [], [], []
    for split in splits:
        with stages() as seconds:
            ours.append(timed(lambda split=split: run_fold(job, split, slices)))  # type: ignore[misc]
        parts.append(seconds)
        if not theirs:
            theirs.append(timed(lambda split=split: fit_peer(data, split)))  # type: ignore[misc]
    return {
        "symbols": n_symbols,
        "train_rows": round(median([len(split.train) for split in splits])),
        "test_rows": round(median([len(split.test) for split in splits])),
        "folds": len(splits),
        "features_seconds": features,
        "stage_seconds": {stage: median([part[stage] for part in parts]) for stage in STAGES},
        **{
            clock: {
                "fold": spread([fold[clock] for fold in ours]),
                "peer": theirs[0][clock],
                "times_faster": theirs[0][clock] / ours[0][clock],
            }
            for clock in CLOCKS
        },
    }


def exponent(rows: Sequence[float], seconds: ArrayLike) -> float:
    """Return the slope of log seconds by log rows: 1 is linear."""
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def measure(quick: bool) -> dict[str, Any]:
    """Run all sizes and return the numbers as a JSON-ready mapping."""
    sizes, n_days, n_folds = ((20, 40, 80), 300, 2) if quick else ((50, 100, 200, 500), 400, 2)
    measure_size(6, 300, 1)  # compiles and imports
    results = []
    for n_symbols in sizes:
        print(f"{n_symbols} symbols", file=sys.stderr, flush=True)
        results.append(measure_size(n_symbols, n_days, n_folds))
    rows = [result["train_rows"] for result in results]
    stage = {name: [result["stage_seconds"][name] for result in results] for name in STAGES}
    features = [result["features_seconds"] for result in results]

    def middle(clock: str) -> list[float]:
        return [result[clock]["fold"]["median"] for result in results]

    return {
        "days": n_days,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "machine": platform.machine(),
        "versions": {name: version(name) for name in ("scikit-learn", "torch", "xgboost-cpu", "numpy")},
        "sizes": results,
        "exponent": {
            "fold": {clock: exponent(rows, middle(clock)) for clock in CLOCKS},
            "peer": {clock: exponent(rows, [result[clock]["peer"] for result in results]) for clock in CLOCKS},
            "fold_and_features": exponent(rows, np.add(middle("wall"), features)),
            "largest_two": {clock: exponent(rows[-2:], middle(clock)[-2:]) for clock in CLOCKS},
            "stages": {name: exponent(rows, seconds) for name, seconds in stage.items()},
        },
    }


def _cells(values: dict[str, float], digits: int) -> str:
    return " / ".join(f"{values[key]:.{digits}f}" for key in ("min", "median", "max"))


def show(result: dict[str, Any]) -> None:
    """Print the result as two tables."""
    print(f"{result['days']} days, {result['cores']} cores; three numbers are min / median / max over the folds")
    head = ("symbols", "train rows", "features, s", "clock", "fold, s", "peer, s", "times faster")
    print("{:>8}{:>12}{:>13}{:>11}{:>22}{:>12}{:>15}".format(*head))
    for size in result["sizes"]:
        left = f"{size['symbols']:>8}{size['train_rows']:>12,}{size['features_seconds']:>13.2f}"
        for clock in CLOCKS:
            part = size[clock]
            print(
                f"{left if clock == CLOCKS[0] else '':33}{clock:>11}{_cells(part['fold'], 1):>22}"
                f"{part['peer']:>12.1f}{part['times_faster']:>15.2f}"
            )
    print("\nmedian seconds of a fold by stage")
    print(f"{'symbols':>8}" + "".join(f"{stage:>15}" for stage in STAGES))
    for size in result["sizes"]:
        print(f"{size['symbols']:>8}" + "".join(f"{size['stage_seconds'][stage]:>15.2f}" for stage in STAGES))
    grows = result["exponent"]
    print(f"{'exponent':>8}" + "".join(f"{grows['stages'][stage]:>15.2f}" for stage in STAGES))
    print("\ngrowth with the training rows (1 is linear), by wall and by processor time")
    for key, title in (("fold", "fold"), ("largest_two", "fold, between the two largest sizes"), ("peer", "peer")):
        print(f"  {title:37}{grows[key]['wall']:>6.2f}{grows[key]['processor']:>7.2f}")
    print(f"  {'fold and features':37}{grows['fold_and_features']:>6.2f}")


def main() -> None:
    """Parse the flags, measure, print, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small markets and two folds each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    flags = parser.parse_args()
    # As the command line does, for both contenders: read when the engines load, which is when they are first used.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    result = measure(flags.quick)
    show(result)
    if flags.json:
        flags.json.parent.mkdir(parents=True, exist_ok=True)
        flags.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
