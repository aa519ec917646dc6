"""Tradewind's side of `qlib_peer.py`: one process, the same steps on the same bars, each with its seconds.

python benchmarks/qlib_ours.py JOB.json
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from qlib_data import FOLDS, stop_days
from qlib_page import SAME_MODEL
from qlib_worker import PUBLISHED, timed
from tradewind.core import Dataset
from tradewind.data import MarketSettings, read_prices, simulate
from tradewind.models import Ensemble, make_model
from tradewind.training import Preprocessor, TrainingSettings, build_dataset
from tradewind.training.model import only_labels
from tradewind.validation import Split


def main() -> None:
    """Do the job that the file named on the command line describes."""
    job = json.loads(Path(sys.argv[1]).read_text())
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core for either side
    fold = next(fold for fold in FOLDS if fold.name == job["fold"])
    settings = TrainingSettings()
    seed = job["seed"]
    build_dataset(simulate(MarketSettings(n_symbols=6, n_days=300)).panel)  # loads what numba compiled

    data, features = timed(lambda: build_dataset(read_prices(fold.prices(Path(job["data"])))))
    split = fold.split(data.panel)
    seen = only_labels(data, split.train)
    models, scores = {}, {}

    booster, fit = timed(lambda: fit_like_qlib(data, split, seed))
    scores[SAME_MODEL], predict = timed(lambda: booster.predict(data.features[split.test]))
    models[SAME_MODEL] = {"fit": fit, "predict": predict}

    def prepare() -> Dataset:
        preprocessor = Preprocessor(settings.preprocess, settings.selection)
        return preprocessor.fit(seen, split.train, seed=seed).transform(seen)

    prepared, preparation = timed(prepare)
    for name in job["models"]:
        members = settings.models if name == "ensemble" else (name,)
        parts = [make_model(member, seed=seed) for member in members]
        model = Ensemble(parts, settings.ensemble) if name == "ensemble" else parts[0]
        _, fit = timed(lambda model=model: model.fit(prepared, split.train))  # type: ignore[misc]
        forecast, predict = timed(lambda model=model: model.predict(prepared, split.test))  # type: ignore[misc]
        models[name] = {"prepare": preparation, "fit": fit, "predict": predict}
        scores[name] = forecast.expected_return
    out = Path(job["out"])
    np.savez_compressed(out.with_suffix(".npz"), **scores)
    out.write_text(json.dumps({"steps": {"features": features}, "models": models, "columns": len(data.names)}))


def fit_like_qlib(data: Dataset, split: Split, seed: int) -> Any:
    """Fit LightGBM on our features as Qlib's handler and model do on theirs: same label, spans, rounds, parameters."""
    import lightgbm

    labels = data.labels
    rows = split.train[np.isfinite(labels.forward_return[split.train])]
    code = data.panel.time_code[rows]
    value = labels.forward_return[rows]
    count = np.maximum(np.bincount(code), 1)
    mean = np.bincount(code, weights=value) / count
    rest = value - mean[code]
    scale = np.sqrt(np.bincount(code, weights=rest**2) / np.maximum(count - 1, 1))
    usable = scale[code] > 0
    y = rest[usable] / scale[code][usable]
    x = data.features[rows[usable]]
    late = np.isin(code[usable], stop_days(split, data.panel))
    params = {name: value for name, value in PUBLISHED.items() if name != "loss"}
    train = lightgbm.Dataset(x[~late], label=y[~late])
    return lightgbm.train(
        {"objective": PUBLISHED["loss"], "verbosity": -1, "seed": seed, **params},
        train,
        num_boost_round=1000,
        valid_sets=[train, lightgbm.Dataset(x[late], label=y[late])],
        valid_names=["train", "valid"],
        callbacks=[lightgbm.early_stopping(50, verbose=False)],
    )


if __name__ == "__main__":
    main()
