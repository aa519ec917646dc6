"""A saved model with its record, as the registry takes it in."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tradewind.core.plain import finite
from tradewind.evaluation import evaluate_outcomes
from tradewind.features import row_slices
from tradewind.registry import (
    Budgets,
    BudgetSettings,
    Making,
    ModelRecord,
    ModelRegistry,
    Person,
    Stage,
    make_record,
    save_model,
)
from tradewind.registry.index import MlflowIndex
from tradewind.training import ENSEMBLE, to_outcomes
from tradewind.training.tracking.store import opened

AUTHOR, VALIDATOR, APPROVER, OPERATOR, ADMIN = "ada", "vera", "paul", "otto", "grace"


@pytest.fixture(scope="session")
def saved_model(fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small fitted model, saved with what it was made from."""
    folder = tmp_path_factory.mktemp("saved")
    prices = folder / "prices.parquet"
    prices.write_bytes(b"bars")
    making = Making(
        data=fitted.data,
        rows=fitted.train,
        news=None,
        inputs={"prices": prices, "news": None},
        train_end="2012-12-31",
        fit_seconds=2.5,
    )
    save_model(fitted.model, folder / "model", making)
    return folder / "model"


@pytest.fixture(scope="session")
def metrics(fitted) -> dict[str, Any]:
    """Return the content of metrics.json of the small model on later rows."""
    found = fitted.model.forecast(fitted.data, fitted.test)
    slices = row_slices(fitted.data.panel)
    outcomes = {
        name: to_outcomes(name, found[name], fitted.data, slices) for name in (ENSEMBLE, "momentum", "always_up")
    }
    content = evaluate_outcomes(outcomes, primary=ENSEMBLE, baselines=["momentum", "always_up"]).to_dict()
    context = {
        "settings": fitted.model.settings.model_dump(mode="json"),
        "span": {"test_start": str(np.min(fitted.data.panel.time[fitted.test]))[:10]},
        "folds": [{"train_rows": len(fitted.train), "test_rows": len(fitted.test)}],
        "data": fitted.data.panel.id,
        "source": "prices.parquet",
    }
    return {**content, "context": finite(context)}


@pytest.fixture(scope="session")
def record(saved_model: Path, metrics: dict[str, Any]) -> ModelRecord:
    """Return the complete record of the saved model."""
    return make_record(
        saved_model,
        name="demo",
        author=AUTHOR,
        metrics=metrics,
        use_case="trial",
        purpose="Rank eight simulated symbols by their next move.",
        limitations=["Simulated data only."],
    )


BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ROLES = {
    ADMIN: ("admin",),
    AUTHOR: ("author",),
    VALIDATOR: ("validator",),
    APPROVER: ("approver",),
    OPERATOR: ("operator",),
    "max": ("author", "validator", "approver", "operator"),
}
BUDGETS = Budgets(use_cases={"trial": BudgetSettings(baseline="momentum", gain_per_tenfold=-1.0)})


@dataclass
class Hands:
    """A clock whose hands a test moves; each look moves them by a second."""

    at: datetime = BEGAN

    def now(self) -> datetime:
        """Return the present."""
        self.at += timedelta(seconds=1)
        return self.at

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


class MemoryMlflow:
    """The part of an MLflow client that the registry uses, in memory: a store of its own takes a second a test."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, Any]] = {}

    def _made(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, aliases=self.models[name]["aliases"], tags=self.models[name]["tags"])

    def search_registered_models(self, filter_string: str | None = None, max_results: int = 100):
        found = self.models if filter_string is None else self.models.keys() & {filter_string.split("'")[1]}
        return [self._made(name) for name in found]

    def create_registered_model(self, name: str):
        self.models[name] = {"aliases": {}, "tags": {}, "versions": {}, "last": 0}

    def get_registered_model(self, name: str):
        return self._made(name)

    def delete_registered_model(self, name: str):
        del self.models[name]

    def create_model_version(self, name: str, source: str, run_id: str | None = None):
        self.models[name]["last"] += 1
        self.models[name]["versions"][self.models[name]["last"]] = {}
        return SimpleNamespace(version=self.models[name]["last"])

    def search_model_versions(self, filter_string: str, max_results: int = 100):
        versions = self.models[filter_string.split("'")[1]]["versions"]
        return [SimpleNamespace(version=version, tags=dict(tags)) for version, tags in versions.items()]

    def delete_model_version(self, name: str, version: str):
        del self.models[name]["versions"][int(version)]

    def set_model_version_tag(self, name: str, version: str, key: str, value: str):
        self.models[name]["versions"][int(version)][key] = value

    def set_registered_model_tag(self, name: str, key: str, value: str):
        self.models[name]["tags"][key] = value

    def set_registered_model_alias(self, name: str, alias: str, version: str):
        self.models[name]["aliases"][alias] = version

    def delete_registered_model_alias(self, name: str, alias: str):
        del self.models[name]["aliases"][alias]


@dataclass
class Office:
    """A registry with people in every role, and a way to let them act in turn."""

    registry: ModelRegistry
    people: dict[str, Person]
    clock: Hands
    saved: Path
    record: ModelRecord
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    mlflow: MemoryMlflow | None = None

    def register(self, name: str = "demo", author: str = AUTHOR) -> int:
        """Register a new version."""
        return self.registry.register(self.saved, self.record.with_(name=name, author=author), self.people[author])

    def move(self, version: int, to: str, by: str, reason: str = "as agreed", name: str = "demo"):
        """Let ``by`` move a version."""
        return self.registry.move(name, version, Stage(to), self.people[by], reason)

    def approved(self, name: str = "demo") -> int:
        """Return a new version that was validated and approved."""
        version = self.register(name)
        self.move(version, "validated", VALIDATOR, "refitted it, metrics agree", name)
        self.move(version, "approved", APPROVER, name=name)
        return version

    def champion(self, name: str = "demo") -> int:
        """Return a new version that is the champion."""
        version = self.approved(name)
        self.move(version, "champion", OPERATOR, name=name)
        return version

    def ledger(self, name: str = "demo") -> Path:
        """Return the file of a name's decisions."""
        return self.registry.folder / "ledgers" / f"{name}.jsonl"


@pytest.fixture(scope="session")
def staff() -> dict[str, Person]:
    """Return people with their keys, by name."""
    return {name: Person.generate(name) for name in (*ROLES, "mallory")}


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory, staff: dict[str, Person]) -> Path:
    """Return the folder of a registry with people and without models, to be copied."""
    folder = tmp_path_factory.mktemp("registry") / "empty"
    registry = ModelRegistry(folder, clock=Hands(BEGAN - timedelta(days=1)))
    for name, roles in ROLES.items():
        registry.enrol(name, roles, staff[name].public, staff[ADMIN])
    return folder


@pytest.fixture
def mlflow_office(
    tmp_path: Path, empty_registry: Path, staff: dict[str, Person], saved_model: Path, record: ModelRecord
) -> Office:
    """Return a registry of its own with people in every role, over MLflow with its database."""
    with opened(ModelRegistry(empty_registry).place):  # MLflow makes its tables once; tests copy them
        shutil.copytree(empty_registry, tmp_path / "registry")
    return _office(tmp_path / "registry", staff, saved_model, record)


@pytest.fixture
def office(
    tmp_path: Path,
    empty_registry: Path,
    staff: dict[str, Person],
    saved_model: Path,
    record: ModelRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    """Return a registry of its own with people in every role, over MLflow's calls in memory."""
    (tmp_path / "registry").mkdir()
    shutil.copy(empty_registry / "people.toml", tmp_path / "registry")
    one = _office(tmp_path / "registry", staff, saved_model, record)
    one.mlflow = MemoryMlflow()

    @contextmanager
    def client(_: MlflowIndex):
        yield one.mlflow

    monkeypatch.setattr(MlflowIndex, "_client", client)
    return one


def _office(folder: Path, staff: dict[str, Person], saved: Path, record: ModelRecord) -> Office:
    clock, events = Hands(), []
    registry = ModelRegistry(
        folder, clock=clock, budgets=BUDGETS, on_event=lambda kind, body: events.append((kind, body))
    )
    return Office(registry, staff, clock, saved, record, events)
