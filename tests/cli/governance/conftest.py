"""A registry with a champion and a draft, the audit log of its decisions and answers, notes and prices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core.plain import finite
from tradewind.data import write_prices
from tradewind.evaluation import evaluate_outcomes
from tradewind.features import row_slices
from tradewind.governance.audit import AuditLog
from tradewind.registry import (
    Budgets,
    BudgetSettings,
    Making,
    ModelRegistry,
    Person,
    Stage,
    make_record,
    save_model,
)
from tradewind.training import ENSEMBLE, to_outcomes

NOTES = """owner = "Quant desk"
contact = "quant@example.org"
tier = "medium"
intended_use = ["Rank symbols for review by a person."]
out_of_scope = ["Trading without a person."]
users = ["Portfolio managers."]
survivorship = "Simulated symbols live for ever."
considerations = "Small firms may be ranked worse."
failure_modes = ["Turns of the market."]
monitoring = ["Accuracy over 63 days, every week."]
retraining_triggers = ["PSI over 0.2."]
"""

FORECAST = ("probability", "expected_return", "lower", "upper")


@dataclass
class Clock:
    """A clock that moves a second at each look."""

    at: datetime

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass(frozen=True)
class House:
    """Files of one governed model: ``registry``, ``audit``, ``notes``, ``prices`` and ``metrics`` are their places."""

    folder: Path
    metrics: dict[str, Any]
    quarter: str
    people: dict[str, Person]
    budgets: Budgets

    @property
    def registry(self) -> Path:
        return self.folder / "registry"

    @property
    def audit(self) -> Path:
        return self.folder / "audit.db"

    @property
    def notes(self) -> Path:
        return self.folder / "notes"

    @property
    def prices(self) -> Path:
        return self.folder / "prices.parquet"


@pytest.fixture(scope="session")
def house(fitted, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house in which `momentum/1` is the champion and `momentum/2` a draft."""
    folder = tmp_path_factory.mktemp("house")
    prices = write_prices(fitted.data.panel, folder / "prices.parquet") or folder / "prices.parquet"
    making = Making(
        data=fitted.data, rows=fitted.train, news=None, inputs={"prices": folder / "prices.parquet"},
        train_end="2012-12-31", fit_seconds=1.0,
    )  # fmt: skip
    model = save_model(fitted.model, folder / "model", making)
    found = model.forecast(fitted.data, fitted.test)
    slices = row_slices(fitted.data.panel)
    outcomes = {
        name: to_outcomes(name, found[name], fitted.data, slices) for name in (ENSEMBLE, "momentum", "always_up")
    }
    content = evaluate_outcomes(outcomes, primary=ENSEMBLE, baselines=["momentum", "always_up"]).to_dict()
    days = fitted.data.panel.time[fitted.test]
    fold = {"train_start": "2012-01-03", "train_end": "2012-12-31", "test_start": str(days.min())[:10],
            "test_end": str(days.max())[:10], "train_rows": len(fitted.train), "test_rows": len(fitted.test),
            "weights": model.ensemble.weights}  # fmt: skip
    content["context"] = finite({"settings": model.settings.model_dump(mode="json"), "folds": [fold]})
    (folder / "metrics.json").write_text(json.dumps(content, default=str))
    (folder / "notes").mkdir()
    (folder / "notes" / "momentum.toml").write_text(NOTES)
    quarter = date.fromisoformat(str(days[len(days) // 2])[:10])

    people = {name: Person.generate(name) for name in ("grace", "ada", "vera", "paul", "otto")}
    clock = Clock(datetime.now(UTC) - timedelta(days=30))
    budgets = Budgets(use_cases={"trial": BudgetSettings(baseline="momentum", gain_per_tenfold=-1.0)})
    record = make_record(
        folder / "model", name="momentum", author="ada", metrics=content, use_case="trial",
        purpose="Rank <eight> simulated symbols.", limitations=["Simulated data only."],
        fairness={"words": "no group differs clearly"},
    )  # fmt: skip
    with AuditLog.open(folder / "audit.db", clock=clock) as log:
        registry = ModelRegistry(folder / "registry", clock=clock, budgets=budgets, on_event=log.append)
        roles = {"grace": "admin", "ada": "author", "vera": "validator", "paul": "approver", "otto": "operator"}
        for name, role in roles.items():
            registry.enrol(name, (role,), people[name].public, people["grace"])
        for _ in range(2):
            registry.register(folder / "model", record, people["ada"])
        registry.move("momentum", 1, Stage.validated, people["vera"], "refitted it, metrics agree")
        registry.move("momentum", 1, Stage.approved, people["paul"], "meets the policy")
        registry.move("momentum", 1, Stage.champion, people["otto"], "first in service")
        joined = outcomes[ENSEMBLE]
        rows = [
            {
                "time": clock.now(), "symbol": str(joined.symbol[i]), "as_of": str(joined.time[i])[:10],
                "model": "momentum", "model_version": "1", "stage": "champion", "data_version": fitted.data.panel.id,
                "inputs_sha256": "0" * 64, "caller": "desk",
                "output": {name: float(getattr(joined, name)[i]) for name in FORECAST},
            }
            for i in range(len(joined))
        ]  # fmt: skip
        log.append_many(("prediction", row) for row in rows)
    assert Path(prices).exists()
    assert np.isfinite(joined.probability).all()
    return House(
        folder=folder,
        metrics=content,
        quarter=f"{quarter.year}Q{(quarter.month - 1) // 3 + 1}",
        people=people,
        budgets=budgets,
    )


@pytest.fixture(autouse=True)
def _no_other_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the commands away from the registry and the log of whoever runs the tests."""
    for name in ("TRADEWIND_REGISTRY", "TRADEWIND_AUDIT", "TRADEWIND_AUDIT_KEYRING", "TRADEWIND_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
