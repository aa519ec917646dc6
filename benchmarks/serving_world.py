"""What the serving benchmark serves: a simulated market of 500 symbols and two ensembles of 47 features, made once."""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from page import ROOT
from stream_features import NAMES
from tradewind.core import Panel
from tradewind.data import MarketSettings, simulate, write_prices
from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.nets.lstm import LSTMSettings
from tradewind.models.trees.random_forest import RandomForestSettings
from tradewind.models.trees.xgb import XGBoostSettings
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout

CACHE = ROOT / ".cache" / "serving"
SYMBOLS, DAYS, HISTORY, TRAINED = 500, 520, 420, 400
"""Symbols, days simulated, days a server begins with, days whose labels a model may know."""
WINDOW = 60
"""Bars that the LSTM reads."""
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "TRADEWIND_TRACK": "off", "TRADEWIND_AUDIT": "off"}
MEMBERS = {
    "default": ModelSettings(),
    "large": ModelSettings(
        lstm=LSTMSettings(hidden=128, max_epochs=1),
        random_forest=RandomForestSettings(n_trees=300, max_depth=10, leaf_share=0.0005),
        xgboost=XGBoostSettings(rounds=300, max_depth=6, leaf_share=0.0005, return_rounds=300),
    ),
}


@dataclass(frozen=True, kw_only=True)
class World:
    """Files in ``folder``: ``history.parquet``, ``models/NAME``, ``NAME/deployment.json``.

    For the peers, ``NAME.pickle``: the newest prepared bars; for the check, ``NAME.npz``: what the trained model says.
    """

    folder: Path = CACHE

    @property
    def symbols(self) -> tuple[str, ...]:
        """The universe."""
        return tuple(np.load(self.folder / "default.npz")["symbols"].tolist())

    def deployment(self, name: str) -> Path:
        """Return the deployment of the ensemble ``name``."""
        return self.folder / name / "deployment.json"


def make_world(folder: Path = CACHE, names: Sequence[str] = tuple(MEMBERS)) -> World:
    """Return the world in ``folder`` with ``names`` of the ensembles, made where they are absent (some minutes)."""
    world = World(folder=folder)
    missing = [name for name in names if not world.deployment(name).exists()]
    if not missing:
        return world
    folder.mkdir(parents=True, exist_ok=True)
    market = simulate(MarketSettings(kind="momentum", n_symbols=SYMBOLS, n_days=DAYS, ceiling=0.6, seed=11))
    times = market.panel.times
    write_prices(market.panel.until(times[HISTORY - 1]), folder / "history.parquet")
    data = build_dataset(market.panel, names=NAMES)
    day = [str(time)[:10] for time in times]
    split = holdout(data.labels.start, data.labels.end, day[TRAINED], day[TRAINED + 1], day[-1])
    for name in missing:
        settings = TrainingSettings(
            baselines=("always_up", "logistic"),
            selection=SelectionSettings(n_features=len(NAMES)),
            ensemble=EnsembleSettings(inner_folds=1),
            members=MEMBERS[name],
        )
        model = fit_model(data, split.train, settings)
        model.save(folder / "models" / name)
        _keep(model, folder / f"{name}.pickle", market.panel.until(times[HISTORY - 1]))
        command = [sys.executable, "-m", "tradewind.cli.main", "deploy", "--model", str(folder / "models" / name)]
        command += ["--prices", str(folder / "history.parquet"), "--out", str(world.deployment(name))]
        subprocess.run(command, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    return world


def _keep(model: TrainedModel, out: Path, panel: Panel) -> None:
    """Keep the newest 60 prepared bars of each symbol, and what the trained model says of the newest one."""
    data = build_dataset(panel, names=NAMES)
    newest = np.flatnonzero(data.panel.time == data.panel.times[-1])
    forecast = model.forecast(data, newest)["ensemble"]
    last = model.prepare(data, None).select(data.panel.time >= data.panel.times[-WINDOW])
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(out.with_suffix(".npz"), symbols=data.panel.symbols, probability=forecast.probability)
    out.write_bytes(pickle.dumps(last))


def main() -> None:
    """Make the world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=CACHE)
    make_world(parser.parse_args().folder)


if __name__ == "__main__":
    main()
