"""What the exported model does: each member by engine and batch size, the whole model, and requests one by one.

    python benchmarks/runtime.py            # the ensemble as it is trained by default
    python benchmarks/runtime.py --large    # forest of 300 trees of depth 10, XGBoost 300 x 6, LSTM of 128 units

The peer is the trained model itself, ``TrainedModel.forecast``: PyTorch, the forest's own loop and XGBoost. Set
``OMP_NUM_THREADS=1`` to compare on one core. Everything is simulated; it runs in a few minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import IntArray
from tradewind.data import MarketSettings, simulate
from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.engines.measure import milliseconds, taken
from tradewind.models.nets.lstm import LSTMSettings
from tradewind.models.trees.random_forest import RandomForestSettings
from tradewind.models.trees.xgb import XGBoostSettings
from tradewind.serving.contracts import ModelRows
from tradewind.serving.runtime import Batcher, BatchSettings, LoadedModel, Shelf, load_artefact
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model
from tradewind.training.export import CheckRows, ExportSettings, export_model, window_rows
from tradewind.validation import holdout

SIZES = (1, 8, 64, 256)
FEATURES = 47
LARGE = ModelSettings(
    lstm=LSTMSettings(hidden=128, max_epochs=2),
    random_forest=RandomForestSettings(n_trees=300, max_depth=10, leaf_share=0.0005),
    xgboost=XGBoostSettings(rounds=300, max_depth=6, leaf_share=0.0005, return_rounds=300),
)


def main() -> None:
    """Train, export, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each run of requests")
    options = parser.parse_args()
    model, data, train, test = trained(LARGE if options.large else ModelSettings())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "artefact"
        settings = ExportSettings(seconds=0.2, sizes=SIZES)
        report = export_model(model, folder, ref="bench/1", check=CheckRows(data=data, rows=train), settings=settings)
        print("\n".join(report.lines()), end="\n\n")
        served = load_artefact(folder)
        rows = window_rows(model, CheckRows(data=data, rows=test), served.features, served.window)
        given = ModelRows(**vars(rows))
        members(served, given)
        whole(model, data, test, served, given)
        for workers in (1, 2):
            asyncio.run(single(served, given, options.seconds, workers))
        memory(folder)


def trained(members: ModelSettings) -> tuple[TrainedModel, Dataset, IntArray, IntArray]:
    """Return a model of ``members`` with its data, training and test rows."""
    market = simulate(MarketSettings(kind="momentum", n_symbols=30, n_days=700, ceiling=0.6, seed=3))
    data = build_dataset(market.panel)
    days = np.unique(data.labels.start)
    split = holdout(data.labels.start, data.labels.end, str(days[-120])[:10], str(days[-118])[:10], str(days[-1])[:10])
    settings = TrainingSettings(
        baselines=("always_up", "logistic"),
        selection=SelectionSettings(n_features=FEATURES),
        ensemble=EnsembleSettings(inner_folds=1),
        members=members,
    )
    return fit_model(data, split.train, settings), data, split.train, split.test


def members(served: LoadedModel, rows: ModelRows) -> None:
    """Print milliseconds a batch of every member on every engine."""
    pipeline = served.pipeline
    print(f"{'milliseconds a batch of':32}" + "".join(f"{size:>10}" for size in SIZES))
    lengths = [served.window]
    batches = {size: taken(rows, size) for size in SIZES}
    ready = {size: pipeline.prepare(batch, lengths) for size, batch in batches.items()}
    prepare = [median_ms(lambda size=size: pipeline.prepare(batches[size], lengths)) for size in SIZES]
    print(f"{'preparation':32}" + "".join(f"{ms:10.4f}" for ms in prepare))
    for member in pipeline.members.values():
        for name, engine in member.engines.items():
            times = [milliseconds(engine, ready[size], seconds=0.3) for size in SIZES]
            print(f"{member.name + ' ' + name:32}" + "".join(f"{ms:10.4f}" for ms in times))


def whole(model: TrainedModel, data: Dataset, test: IntArray, served: LoadedModel, rows: ModelRows) -> None:
    """Print milliseconds of the whole model and of its peer, and the rows a second of each."""
    prepared = model.prepare(data, None)
    peer, ours = [], []
    for size in SIZES:
        some = test[np.arange(size) % len(test)]
        batch = taken(rows, size)
        peer.append(median_ms(lambda some=some: model.ensemble.predict(prepared, some)))
        ours.append(median_ms(lambda batch=batch: served.predict(batch)))
    print(f"{'whole model, exported':32}" + "".join(f"{ms:10.4f}" for ms in ours))
    print(f"{'whole model, as trained':32}" + "".join(f"{ms:10.4f}" for ms in peer))
    print(
        f"{'rows/s on one thread, exported':32}"
        + "".join(f"{1000 * s / m:10.0f}" for s, m in zip(SIZES, ours, strict=True))
    )
    print(
        f"{'rows/s on one thread, as trained':32}"
        + "".join(f"{1000 * s / m:10.0f}" for s, m in zip(SIZES, peer, strict=True))
    )
    print("  (the peer is given prepared features; the exported model prepares its own)")


async def single(served: LoadedModel, rows: ModelRows, seconds: float, workers: int) -> None:
    """Print what the batcher does for requests of one row from 1, 64 and 256 callers, and of 256 rows from 4."""
    shelf = Shelf()
    shelf.put(served, role="champion")
    for callers, size in ((1, 1), (64, 1), (256, 1), (4, 256)):
        batcher = Batcher(shelf.hold, BatchSettings(workers=workers, queue_rows=1 << 20))
        batch = [ModelRows(**vars(taken(_from(rows, 7 * i), size))) for i in range(16)]
        spent: list[float] = []
        until = perf_counter() + seconds

        async def ask(
            number: int,
            batcher: Batcher = batcher,
            batch: list[ModelRows] = batch,
            spent: list[float] = spent,
            until: float = until,
        ) -> None:
            while (start := perf_counter()) < until:
                await batcher.submit(batch[number % 16])
                spent.append(perf_counter() - start)

        start = perf_counter()
        await asyncio.gather(*(ask(i) for i in range(callers)))
        rate = len(spent) * size / (perf_counter() - start)
        await batcher.close()
        p50, p99 = np.percentile(spent, [50, 99]) * 1000.0
        print(
            f"{workers} worker(s), {callers:3} callers x {size:3} rows:"
            f" {rate:9.0f} rows/s, p50 {p50:6.2f} ms, p99 {p99:6.2f} ms"
        )


def _from(rows: ModelRows, start: int) -> ModelRows:
    place = (np.arange(256) + start) % len(rows)
    return ModelRows(
        history=rows.history[place], count=rows.count[place], scale=rows.scale[place], occasion=rows.occasion[place]
    )


def median_ms(call: Callable[[], object], seconds: float = 0.3) -> float:
    """Return the median milliseconds of ``call``."""
    call()
    spent: list[float] = []
    until = perf_counter() + seconds
    while len(spent) < 5 or perf_counter() < until:
        start = perf_counter()
        call()
        spent.append(perf_counter() - start)
    return 1000.0 * float(np.median(spent))


def memory(folder: Path) -> None:
    """Print the peak memory of a process that serves the artefact, and of one that has PyTorch and XGBoost loaded."""
    serves = f"from tradewind.serving.runtime import load_artefact; load_artefact({str(folder)!r})"
    trains = "import torch, xgboost, sklearn.ensemble, tradewind.training"
    for name, code in (("serving", serves), ("with the training libraries", trains)):
        script = f"{code}\nprint(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
        out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        print(f"peak memory, {name}: {int(out.stdout) / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
