"""A registry with people of every office, a champion that the market has left behind, and the bars to retrain on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core import Dataset
from tradewind.core.plain import finite
from tradewind.data import MarketSettings, simulate, write_prices
from tradewind.evaluation import evaluate_outcomes
from tradewind.features import SelectionSettings, row_slices
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.trees.random_forest import RandomForestSettings
from tradewind.monitoring.retraining import Materials, Retrainer, RetrainingSettings, RunStore, Staff
from tradewind.registry import Budgets, BudgetSettings, Making, ModelRegistry, Person, Stage, make_record, save_model
from tradewind.training import ENSEMBLE, TrainedModel, TrainingSettings, build_dataset, fit_model, to_outcomes

FEATURES = ("return_1", "return_5", "return_10", "sma_ratio_5", "rsi_14", "realised_volatility_20")
SETTINGS = TrainingSettings(
    models=("logistic", "random_forest"),
    baselines=("always_up", "momentum"),
    selection=SelectionSettings(n_features=5),
    ensemble=EnsembleSettings(inner_folds=2),
    members=ModelSettings(random_forest=RandomForestSettings(n_trees=15, max_depth=3)),
    min_rows=50,
)
BUDGETS = Budgets(use_cases={"trial": BudgetSettings(baseline="momentum", gain_per_tenfold=-1.0)})
ROLES = {
    "grace": ("admin",),
    "ada": ("author",),
    "vera": ("validator",),
    "paul": ("approver",),
    "otto": ("operator",),
}


@dataclass
class Hands:
    """A clock whose hands a test moves; each look moves them by a second."""

    at: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the present."""
        self.at += timedelta(seconds=1)
        return self.at

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@dataclass(frozen=True, kw_only=True)
class World:
    """Bars whose rule turns round after the champion's training: momentum, then reversal.

    ``old`` : a champion of the first rule; ``folder`` : where it is saved; ``prices`` : the bars' file.
    """

    data: Dataset
    champion: TrainedModel
    folder: Path
    prices: Path
    metrics: dict[str, Any]
    turn: np.datetime64


def _turned() -> tuple[Any, np.datetime64]:
    """Return a panel of 12 symbols x 620 bars in which momentum holds for 300 bars and reversal after."""
    from tradewind.core import Panel

    one = simulate(MarketSettings(kind="momentum", n_symbols=12, n_days=620, ceiling=0.75, seed=5)).panel
    turn = one.times[300]
    late = one.time > turn
    rng = np.random.default_rng(3)
    adj = one.adj_close.copy()
    for code in range(one.n_symbols):
        rows = slice(int(one.offsets[code]), int(one.offsets[code + 1]))
        steps = np.abs(np.diff(np.log(adj[rows])))
        signs = np.sign(np.diff(np.log(adj[rows])))
        for i in range(len(signs)):
            if late[rows][i]:
                signs[i] = -signs[i - 1] if rng.random() < 0.75 else signs[i - 1]
        adj[rows] = adj[rows][0] * np.exp(np.concatenate([[0.0], np.cumsum(signs * steps)]))
    columns = {
        "symbol": np.array(one.symbols)[one.symbol_code], "time": one.time, "open": adj, "high": adj * 1.001,
        "low": adj * 0.999, "close": adj, "adj_close": adj, "volume": one.volume,
    }  # fmt: skip
    return Panel.from_columns(columns), turn


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the bars, and the champion fitted on labels known before the rule turned."""
    folder = tmp_path_factory.mktemp("retraining")
    panel, turn = _turned()
    write_prices(panel, folder / "prices.parquet")
    data = build_dataset(panel, names=FEATURES)
    first, later = panel.times[230], panel.times[299]
    rows = np.flatnonzero(data.labels.known_by(first))
    champion = fit_model(data, rows, SETTINGS)
    making = Making(
        data=data, rows=rows, news=None, inputs={"prices": folder / "prices.parquet"},
        train_end=str(first)[:10], fit_seconds=1.0,
    )  # fmt: skip
    champion = save_model(champion, folder / "model", making)
    tested = np.flatnonzero((data.labels.start > first) & data.labels.known_by(later))
    found, slices = champion.forecast(data, tested), row_slices(panel)
    outcomes = {name: to_outcomes(name, one, data, slices) for name, one in found.items()}
    content = evaluate_outcomes(outcomes, primary=ENSEMBLE, baselines=["always_up", "momentum"]).to_dict()
    context = {"settings": SETTINGS.model_dump(mode="json"), "folds": [{"train_rows": len(rows)}]}
    return World(
        data=data,
        champion=champion,
        folder=folder / "model",
        prices=folder / "prices.parquet",
        metrics=finite({**content, "context": context}),
        turn=turn,
    )


@pytest.fixture(scope="session")
def staff() -> dict[str, Person]:
    """Return people with their keys, by name."""
    return {name: Person.generate(name) for name in (*ROLES, "mallory")}


@pytest.fixture(scope="session")
def kept_registry(tmp_path_factory: pytest.TempPathFactory, staff: dict[str, Person], world: World) -> Path:
    """Return the folder of a registry, MLflow and all, whose champion is version 1; tests copy it."""
    folder = tmp_path_factory.mktemp("registry") / "kept"
    clock = Hands(datetime(2026, 1, 2, 9, 0, tzinfo=UTC))
    registry = ModelRegistry(folder, clock=clock, budgets=BUDGETS)
    for name, roles in ROLES.items():
        registry.enrol(name, roles, staff[name].public, staff["grace"])
    record = make_record(
        world.folder, name="demo", author="ada", metrics=world.metrics, use_case="trial",
        purpose="Rank twelve simulated symbols by their next move.", limitations=["Simulated data only."],
    )  # fmt: skip
    version = registry.register(world.folder, record, staff["ada"])
    registry.move("demo", version, Stage.validated, staff["vera"], "refitted it, metrics agree")
    registry.move("demo", version, Stage.approved, staff["paul"], "as agreed")
    registry.move("demo", version, Stage.champion, staff["otto"], "first in service")
    return folder


@dataclass
class Bench:
    """A registry of its own with keys, a clock, the events it told, and a retrainer."""

    registry: ModelRegistry
    people: dict[str, Person]
    clock: Hands
    store: RunStore
    on: Materials
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def retrainer(self, settings: RetrainingSettings | None = None, *offices: str) -> Retrainer:
        """Return a retrainer that holds ada's key and those of ``offices``."""
        names = {"validator": "vera", "approver": "paul", "operator": "otto"}
        held = {office: self.people[names[office]] for office in offices}
        return Retrainer(
            self.registry,
            self.store,
            Staff(author=self.people["ada"], **held),
            settings or RetrainingSettings(explainer=False),
            clock=self.clock,
            tell=lambda kind, body: self.told.append((kind, dict(body))),
        )


@pytest.fixture
def bench(tmp_path: Path, kept_registry: Path, staff: dict[str, Person], world: World) -> Bench:
    """Return a registry of its own whose champion the market has left behind."""
    shutil.copytree(kept_registry, tmp_path / "registry")
    clock = Hands()
    told: list[tuple[str, dict[str, Any]]] = []
    registry = ModelRegistry(
        tmp_path / "registry", clock=clock, budgets=BUDGETS, on_event=lambda kind, body: told.append((kind, body))
    )
    on = Materials(data=world.data, inputs={"prices": world.prices})
    return Bench(registry, staff, clock, RunStore(tmp_path / "runs"), on, told)
