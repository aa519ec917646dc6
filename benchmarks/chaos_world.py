"""What faults are put into: a small market, models of it, and what a server says of it that nobody disturbs."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewind.core import Panel
from tradewind.data import MarketSettings, read_prices, simulate, write_prices
from tradewind.streaming.records import Bar

SYMBOLS, DAYS, HISTORY = 12, 1500, 450
"""Bars of a symbol in all, and how many of them a server begins with; the others are sent while it runs."""
FEATURES = (
    "return_1", "return_5", "return_10", "return_20", "sma_ratio_5", "ema_ratio_10", "rsi_14", "williams_r_14",
    "realised_volatility_20", "realised_volatility_60", "stochastic_k_14", "cci_20",
)  # fmt: skip
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "TRADEWIND_TRACK": "off"}
Key = tuple[str, int, str]
Said = tuple[str, str, float, float]
"""Of a prediction: id, inputs_id, probability, expected_return."""


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """Files in ``folder``: ``history.parquet``, ``all.parquet``, models ``first`` and ``second``, deployments."""

    folder: Path
    panel: Panel

    @property
    def symbols(self) -> tuple[str, ...]:
        """The universe."""
        return tuple(self.panel.symbols)

    def deployment(self, name: str = "first") -> Path:
        """Return the deployment file of the model ``name``."""
        return self.folder / name / "deployment.json"

    def reference(self, name: str = "first") -> str:
        """Return ``name/version`` of the champion of a deployment."""
        return str(json.loads(self.deployment(name).read_text())["roles"]["champion"])

    def slices(self, count: int) -> list[list[Bar]]:
        """Return the bars of the next ``count`` times after the history, a list a time."""
        panel = self.panel
        known = panel.known_at.astype("datetime64[us]").astype(np.int64)
        found = []
        for moment in panel.times[HISTORY : HISTORY + count]:
            rows = np.flatnonzero(panel.time == moment).tolist()
            found.append([_bar(panel, row, int(moment.astype(np.int64)), int(known[row])) for row in rows])
        return found

    def until(self, time: int) -> Panel:
        """Return the bars up to ``time`` (microseconds), that one included."""
        return self.panel.until(np.datetime64(time, "us"))

    def undisturbed(self) -> dict[Key, Said]:
        """Return what a server said of every bar that nobody disturbed."""
        return predictions(self.folder / "undisturbed" / "predictions.db")


def _bar(panel: Panel, row: int, time: int, known_at: int) -> Bar:
    names = ("open", "high", "low", "close", "adj_close", "volume")
    values = {name: float(getattr(panel, name)[row]) for name in names}
    return Bar(symbol=panel.symbols[panel.symbol_code[row]], time=time, known_at=known_at, **values)


def predictions(path: Path) -> dict[Key, Said]:
    """Return the rows of a server's table of predictions; ValueError where a key has two."""
    columns = "symbol, time, model, id, inputs_id, probability, expected_return"
    link = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = link.execute(f"SELECT {columns} FROM predictions WHERE withdrawn = 0").fetchall()
    finally:
        link.close()
    found: dict[Key, Said] = {(row[0], row[1], row[2]): (row[3], row[4], row[5], row[6]) for row in rows}
    if len(found) != len(rows):
        raise ValueError(f"{path} holds {len(rows) - len(found)} predictions twice")
    return found


def make_world(folder: Path, days: int = DAYS, names: Sequence[str] = ("first", "second")) -> World:
    """Return the world of the models ``names`` in ``folder``, made there where it is absent (half a minute)."""
    prices = folder / "all.parquet"
    if not prices.exists():
        market = simulate(MarketSettings(kind="momentum", n_symbols=SYMBOLS, n_days=days, ceiling=0.7, seed=5))
        folder.mkdir(parents=True, exist_ok=True)
        write_prices(market.panel.until(market.panel.times[HISTORY - 1]), folder / "history.parquet")
        _fit(folder, market.panel, names)
        for name in names:
            _deploy(folder, name)
        write_prices(market.panel, prices)
    world = World(folder=folder, panel=read_prices(prices))
    if not (folder / "undisturbed" / "done").exists():
        _undisturbed(world, names)
    return world


def _fit(folder: Path, panel: Panel, names: Sequence[str]) -> None:
    from tradewind.explain.shapley.explainer import FOLDER as EXPLAINER
    from tradewind.explain.shapley.explainer import Explainer
    from tradewind.features import SelectionSettings
    from tradewind.models import EnsembleSettings, ModelSettings
    from tradewind.models.nets.lstm import LSTMSettings
    from tradewind.models.trees.random_forest import RandomForestSettings
    from tradewind.models.trees.xgb import XGBoostSettings
    from tradewind.training import TrainingSettings, build_dataset, fit_model
    from tradewind.validation import holdout

    data = build_dataset(panel, names=FEATURES)
    split = holdout(data.labels.start, data.labels.end, "2012-12-31", "2013-01-02", "2013-08-30")
    for number, name in enumerate(names):
        settings = TrainingSettings(
            baselines=("always_up", "momentum"),
            selection=SelectionSettings(n_features=10),
            ensemble=EnsembleSettings(inner_folds=2),
            members=ModelSettings(
                lstm=LSTMSettings(window=20, span=20, burn_in=10, hidden=8, max_epochs=4),
                random_forest=RandomForestSettings(n_trees=30 + 10 * number, max_depth=5),
                xgboost=XGBoostSettings(rounds=40, return_rounds=15, learning_rate=0.1),
            ),
        )
        model = fit_model(data, split.train, settings)
        model.save(folder / "models" / name)
        Explainer.of(model, data, rows=split.train, seed=0).save(folder / "models" / name / EXPLAINER)


def _deploy(folder: Path, name: str, *others: str) -> None:
    run_command(
        "deploy", "--model", str(folder / "models" / name), "--prices", str(folder / "history.parquet"), *others,
        "--out", str(folder / name / "deployment.json"),
    )  # fmt: skip


def run_command(*arguments: str) -> str:
    """Run ``tradewind`` and return what it said; RuntimeError where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tradewind.cli.main", *arguments],
        env={**ENVIRONMENT, "TRADEWIND_AUDIT": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"tradewind {' '.join(arguments)}: {done.stderr[-2000:]}")
    return done.stdout


def _undisturbed(world: World, names: Sequence[str]) -> None:
    """Let a server read the whole market at once, nobody asking."""
    from chaos_rig import Rig

    state = world.folder / "undisturbed"
    expected = _rows_expected(world)
    for name in names:
        rig = Rig(world=world, folder=world.folder / f"undisturbed-{name}", deployment=name, history="all.parquet")
        with rig:
            rig.start()
            rig.caught_up()
        _append(rig.state / "predictions.db", state / "predictions.db")
    found = len(predictions(state / "predictions.db"))
    if found != len(names) * expected:
        raise RuntimeError(f"undisturbed servers made {found} predictions where {len(names) * expected} are due")
    (state / "done").touch()


def _append(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    link = sqlite3.connect(source)
    try:
        link.execute("ATTACH ? AS other", (str(target),))
        link.execute("CREATE TABLE IF NOT EXISTS other.predictions AS SELECT * FROM predictions WHERE 0")
        link.execute("INSERT INTO other.predictions SELECT * FROM predictions")
        link.commit()
    finally:
        link.close()


def _rows_expected(world: World) -> int:
    """Return how many bars the first model knew no label of."""
    place = world.deployment().parent
    versions: dict[str, dict[str, str]] = json.loads(world.deployment().read_text())["versions"]
    about = json.loads((place / versions[world.reference()]["artefact"] / "manifest.json").read_text())
    until = np.datetime64(_trained_until(about), "us")
    return int((world.panel.time.astype("datetime64[us]") >= until).sum())


def _trained_until(about: object) -> str:
    if isinstance(about, dict):
        for key, value in about.items():
            if key == "trained_until":
                return str(value)
            if found := _trained_until(value):
                return found
    return ""


def main(arguments: Sequence[str]) -> None:
    """Make a world."""
    make_world(Path(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
