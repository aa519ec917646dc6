"""How fast forecasts are explained, beside the library `shap` on the same models, rows and background in the same run.

    python benchmarks/explain.py [trees] [ensemble] [--quick]

trees: each kind of trees with default settings, fitted on the columns of a simulated market. Ours gives exact
interventional values, once with the tables built and once with their building counted. The peers are
`shap.TreeExplainer(model)`, its default path, whose values follow the training rows' paths and not the background, and
the same with the background, whose values are ours; before the clock starts the two are compared. XGBoost's, LightGBM's
and CatBoost's default path runs in those libraries' own C++ code, on as many threads as ours.

ensemble: a trained model of default settings (LSTM, random forest, XGBoost) on 50 simulated symbols. Ours explains
10,000 rows at once, then rows one by one; the peer is `shap.Explainer(f, background)`, its default path for any
function, where f is the ensemble's probability of a rise. A column of a sequence is moved as a whole.

Measurements are repeated, the contenders taking turns. Where a peer is slow (forests, values against a background, the
ensemble) it is given fewer rows and its time is scaled: it explains them one after another. Figures go to
benchmarks/results/explain.json.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from statistics import median
from typing import Any

import numpy as np

from page import RESULTS, machine
from tradewind.core import Dataset
from tradewind.core.files import write_text
from tradewind.data import MarketSettings, simulate
from tradewind.explain.shapley import TreeShap, tree_shap
from tradewind.models import make_model
from tradewind.models.targets import targets
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model

FILE = RESULTS / "explain.json"
KINDS = ("random_forest", "xgboost", "lightgbm", "catboost")
SHAP_COMPARES = ("random_forest", "xgboost", "lightgbm")  # shap has no interventional values of CatBoost's trees
BACKGROUND = 256


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured: rows that are explained; fewer by shap where it is slow; single rows, and repeats."""

    rows: int = 10_000
    forest_rows: int = 1_000
    interventional_rows: int = 50
    ensemble_rows: int = 2
    single: int = 500
    repeats: int = 5


QUICK = Size(rows=2_000, forest_rows=200, interventional_rows=10, ensemble_rows=1, single=50, repeats=2)


class Market:
    """A simulated market of 50 symbols with momentum in it, and a trained model of default settings."""

    def __init__(self) -> None:
        settings = MarketSettings(kind="momentum", n_symbols=50, n_days=1_000, ceiling=0.6, seed=11)
        self.data = build_dataset(simulate(settings).panel)
        times = self.data.panel.times
        self.train = np.flatnonzero(self.data.labels.known_by(times[int(0.6 * len(times))]))
        self.later = np.flatnonzero(self.data.panel.time > times[int(0.7 * len(times))])

    @cached_property
    def model(self) -> TrainedModel:
        """The trained model."""
        print("fitting the default ensemble", flush=True)
        return fit_model(self.data, self.train, TrainingSettings())

    @cached_property
    def prepared(self) -> Dataset:
        """The columns the members see."""
        return self.model.prepare(self.data, None)


def clocked(work: Callable[[], Any]) -> np.ndarray:
    """Return the wall seconds and the processor seconds of ``work``."""
    start = np.array([time.perf_counter(), time.process_time()])
    work()
    return np.array([time.perf_counter(), time.process_time()]) - start


def spread(values: Any, digits: int = 4) -> dict[str, float]:
    """Return least, median and greatest."""
    found = {"min": min(values), "median": median(values), "max": max(values)}
    return {name: float(f"{value:.{digits}g}") for name, value in found.items()}


def one_row(seconds: list[float]) -> dict[str, float]:
    """Return the middle and the slowest hundredth of the times of single rows, in milliseconds."""
    return {f"p{share}": float(f"{np.percentile(seconds, share) * 1e3:.4g}") for share in (50, 99)}


def against(peer: list[np.ndarray], ours: list[np.ndarray]) -> dict[str, Any]:
    """Return the peer's seconds and how many times faster ours was, run by run."""
    return {
        "seconds": spread([float(one[0]) for one in peer]),
        "times_faster": spread([float(a[0] / b[0]) for a, b in zip(peer, ours, strict=True)]),
        "times_less_processor_time": spread([float(a[1] / b[1]) for a, b in zip(peer, ours, strict=True)]),
    }


def forest_for_shap(data: Dataset, rows: np.ndarray, settings: Any) -> Any:
    """Return scikit-learn's forest that the random forest's trees are read from; it keeps none itself."""
    from sklearn.ensemble import RandomForestClassifier

    known = targets(data, rows)
    sample = max(1, min(settings.rows_per_tree, round(settings.sample_share * len(known.direction_rows))))
    forest = RandomForestClassifier(
        n_estimators=settings.n_trees,
        max_depth=settings.max_depth,
        min_samples_leaf=max(1, round(settings.leaf_share * sample)),
        max_features=settings.feature_share,
        max_samples=sample,
        random_state=settings.seed,
    )
    return forest.fit(data.features[known.direction_rows], known.direction, known.direction_weight)


def measure_kind(kind: str, market: Market, size: Size) -> dict[str, Any]:
    """Return the figures of one kind of trees."""
    import shap

    data = market.prepared
    member = make_model(kind, seed=7, settings=market.model.settings.members).fit(data, market.train)
    engine = member._direction if kind != "random_forest" else forest_for_shap(data, market.train, member.settings)
    table = member.direction_trees()
    rng = np.random.default_rng(0)
    inputs = data.features[rng.choice(market.later, size.rows, replace=False)]
    background = data.features[rng.choice(market.train, BACKGROUND, replace=False)]
    if kind == "random_forest":
        np.testing.assert_allclose(engine.predict_proba(inputs)[:, 1], table.output(inputs), rtol=0, atol=1e-12)
    few, fewer = (
        inputs[: size.forest_rows if kind == "random_forest" else size.rows],
        inputs[: size.interventional_rows],
    )
    ready = TreeShap(table, background)
    values = ready.values(inputs)  # compiles where no cache is
    by_path = shap.TreeExplainer(engine)
    by_background, difference = None, None
    if kind in SHAP_COMPARES:
        masker = shap.maskers.Independent(background, max_samples=len(background))  # its own limit is 100 rows
        by_background = shap.TreeExplainer(engine, masker, feature_perturbation="interventional")
        some = np.asarray(by_background.shap_values(fewer))
        some = some[..., 1] if some.ndim == 3 else some
        difference = float(np.abs(some - values[: len(fewer)]).max())
        assert difference < 1e-6, (kind, difference)

    runs: dict[str, list[np.ndarray]] = {name: [] for name in ("ours", "built", "default", "interventional")}
    for _ in range(size.repeats):
        runs["ours"].append(clocked(lambda: ready.values(inputs)))
        runs["built"].append(clocked(lambda: tree_shap(table, inputs, background)))
        runs["default"].append(clocked(lambda: by_path.shap_values(few)) * (size.rows / len(few)))
        if by_background is not None:
            spent = clocked(lambda: by_background.shap_values(fewer))
            runs["interventional"].append(spent * (size.rows / len(fewer)))
    single = [float(clocked(lambda i=i: ready.values(inputs[i : i + 1]))[0]) for i in range(size.single)]
    return {
        "trees": len(table),
        "leaves": int((table.feature < 0).sum()),
        "table_mb": round(ready.table_bytes / 1e6, 2),
        "gap": float(np.abs(ready.base + values.sum(axis=1) - table.output(inputs)).max()),
        "difference_from_shap": difference,
        "seconds": spread([float(one[0]) for one in runs["ours"]]),
        "seconds_with_building": spread([float(one[0]) for one in runs["built"]]),
        "single_ms": one_row(single),
        "shap_default": against(runs["default"], runs["ours"]),
        "shap_default_building_counted": against(runs["default"], runs["built"]),
        "shap_interventional": against(runs["interventional"], runs["ours"]) if by_background is not None else None,
    }


def measure_trees(market: Market, size: Size) -> dict[str, Any]:
    """Return the figures of every kind of trees."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        print(f"trees: {kind}", flush=True)
        found[kind] = measure_kind(kind, market, size)
    return {"rows": size.rows, "background": BACKGROUND, "columns": len(market.prepared.names), "kinds": found}


def probability_of(market: Market, row: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return the ensemble's probability as a function of the columns (k, q) of ``row``, its past moved with them."""
    from tradewind.explain.probe import Probe, look_back

    model = market.model
    probe = Probe(
        market.prepared,
        np.array([row]),
        lambda data, rows: model.ensemble.predict(data, rows).probability,
        look_back=look_back(model),
    )

    def probability(values: np.ndarray) -> np.ndarray:
        of = np.zeros(len(values), dtype=np.int64)
        return probe.odds_of(probe.shifted(of, np.asarray(values, dtype=np.float32) - probe.inputs), of)

    return probability


def measure_ensemble(market: Market, size: Size) -> dict[str, Any]:
    """Return the figures of the whole ensemble."""
    import shap

    from tradewind.explain.shapley.explainer import Explainer

    print("ensemble", flush=True)
    model, prepared = market.model, market.prepared
    rng = np.random.default_rng(0)
    rows = np.sort(rng.choice(market.later, size.rows, replace=False))
    built = clocked(lambda: Explainer.of(model, market.data))
    explainer = Explainer.of(model, market.data)
    explainer.explain_prepared(prepared, rows[:100])  # compiles where no cache is
    ours, peer, gaps = [], [], []
    for run in range(size.repeats):
        kept: list[Any] = []
        ours.append(clocked(lambda: kept.append(explainer.explain_prepared(prepared, rows))))  # noqa: B023
        gaps.append(float(np.abs(kept[0].gap).max()))
        spent = np.zeros(2)
        for row in rng.choice(rows, size.ensemble_rows, replace=False):
            default = shap.Explainer(probability_of(market, int(row)), explainer.background.values)
            spent += clocked(lambda d=default, r=row: d(prepared.features[r : r + 1], silent=True))
        peer.append(spent * size.rows / size.ensemble_rows)
        print(f"  run {run + 1}: ours {ours[-1][0]:.1f} s, peer {peer[-1][0]:.0f} s (scaled)", flush=True)
    single = [
        clocked(lambda r=r: explainer.explain_prepared(prepared, np.array([r])))
        for r in rng.choice(market.later, size.single, replace=False)
    ]
    return {
        "rows": size.rows,
        "columns": len(prepared.names),
        "background": len(explainer.background),
        "build_seconds": float(f"{built[0]:.3g}"),
        "gap": max(gaps),
        "seconds": spread([float(one[0]) for one in ours]),
        "processor_seconds": spread([float(one[1]) for one in ours]),
        "single_ms": one_row([float(one[0]) for one in single]),
        "single_processor_ms": one_row([float(one[1]) for one in single]),
        "peer_rows_per_run": size.ensemble_rows,
        "repeats": size.repeats,
        "shap_default": against(peer, ours),
    }


def _cells(values: dict[str, float], digits: int) -> str:
    return " / ".join(f"{values[key]:.{digits}f}" for key in ("min", "median", "max"))


def show(found: dict[str, Any]) -> None:
    """Print the figures; those of several runs are least / median / greatest."""
    if "trees" in found:
        part = found["trees"]
        print(f"{part['rows']:,} rows, {part['columns']} columns, a background of {part['background']} rows")
        titles = ("ours, s", "with building", "shap default, x", "interventional, x")
        print(" " * 14 + "".join(f"{title:>24}" for title in titles) + "   one row p50/p99, ms")
        for kind, one in part["kinds"].items():
            ratio = one["shap_interventional"]
            cells = (
                _cells(one["seconds"], 3),
                _cells(one["seconds_with_building"], 3),
                _cells(one["shap_default"]["times_faster"], 1),
                "-" if ratio is None else _cells(ratio["times_faster"], 0),
            )
            single = f"   {one['single_ms']['p50']:.3f} / {one['single_ms']['p99']:.3f}"
            print(f"{kind:14}" + "".join(f"{cell:>24}" for cell in cells) + single)
    if "ensemble" in found:
        part = found["ensemble"]
        single = part["single_ms"]
        print(f"ensemble, {part['rows']:,} rows: {_cells(part['seconds'], 1)} s; largest gap {part['gap']:.1e}")
        work = part["single_processor_ms"]
        print(f"  one row: p50 {single['p50']} ms, p99 {single['p99']} ms; built in {part['build_seconds']} s")
        print(
            f"  by processor time: {_cells(part['processor_seconds'], 1)} s; p50 {work['p50']} ms, p99 {work['p99']} ms"
        )
        print(f"  shap's default path takes {_cells(part['shap_default']['times_faster'], 0)} times as long")


def main() -> None:
    """Measure, print, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=("trees", "ensemble", []), help="what to measure; both if none")
    parser.add_argument("--quick", action="store_true", help="few rows and repeats, nothing is written")
    flags = parser.parse_args()
    warnings.filterwarnings("ignore", module="shap")
    size, market = (QUICK if flags.quick else Size()), Market()
    measures = {"trees": measure_trees, "ensemble": measure_ensemble}
    found = {name: measures[name](market, size) for name in flags.parts or measures}
    show(found)
    if not flags.quick:
        kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
        kept |= {"machine": machine() | {"shap": version("shap")}, **found}
        write_text(FILE, json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
